/* bitwright.c -- main: the table of commands, nothing else. */
int main(void) { return 2; }

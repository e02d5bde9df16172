/* cpu_time.h -- CPU seconds, so that other work on the machine does not count. */
#ifndef SIM_CPU_TIME_H
#define SIM_CPU_TIME_H

double cpu_thread_s(void);   /* of the calling thread                          */
double cpu_children_s(void); /* of all ended child processes, user time        */

#endif

/* device.c -- see device.h. */
#include "costmodel/device.h"

#include <string.h>

enum { SRL_LEAST = 3, SRL_SMALL = 16, SRL_LARGE = 32 };

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

struct device device_of(const char *toolchain)
{
    const bool xc7 = begins(toolchain, "xc7");
    return (struct device){.dsp48e2 = !xc7, .srl = xc7 || begins(toolchain, "xcup")};
}

struct srl_count srl_delay(int32_t cycles)
{
    if (cycles < SRL_LEAST) return (struct srl_count){0, 0};
    const int32_t full = cycles / SRL_LARGE, rest = cycles % SRL_LARGE;
    const bool one_over = rest == 1 || rest == SRL_SMALL + 1;
    return (struct srl_count){full + (rest > 1), one_over};
}

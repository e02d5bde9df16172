/* Until rtl/ lists its Verilog files: none. */
#include "rtl/accel_config.h"

__attribute__((weak)) const char *const *rtl_sources(void)
{
    static const char *const none[] = {(const char *)0};
    return none;
}

rtl_SRC  := $(wildcard rtl/*.c)
rtl_DEPS := base

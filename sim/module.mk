sim_SRC  := $(wildcard sim/*.c)
sim_DEPS := base nn rtl

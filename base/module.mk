base_SRC  := $(wildcard base/*.c)
base_DEPS :=

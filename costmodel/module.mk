costmodel_SRC  := $(wildcard costmodel/*.c)
costmodel_DEPS := base nn rtl

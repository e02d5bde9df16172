search_SRC  := $(wildcard search/*.c)
search_DEPS := base nn rtl costmodel

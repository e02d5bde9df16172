reports_SRC  := $(wildcard reports/*.c)
reports_DEPS := base

# make             build build/bitwright
# make deps        install the Debian packages that are missing (root or sudo)
# make demo        install, build, run the whole loop on Fashion-MNIST, end with the report
# make check       the quick tests, under two minutes
# make test        all tests: unit, RTL, golden, bad input, end to end
# make check-long  the slow tests, with their results in reports/
# make lint        C and Verilog linters, include directions, formatting
# make bench       print the speed figures
# make cifar10     download CIFAR-10 (checksum verified) for benchmarks
# make install     PREFIX=/usr/local DESTDIR=
# make clean       remove the build folder
# make help        this list
B       ?= build
PREFIX  ?= /usr/local
CFLAGS  ?= -O2 -g
CSTD    := -std=c11 -D_POSIX_C_SOURCE=200809L
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
           -Wmissing-prototypes -Wvla -Wcast-qual -Wwrite-strings -Wpointer-arith -Werror
SAN     := -fsanitize=address,undefined -fno-omit-frame-pointer
PKGS    := yaml-0.1 jansson libprotobuf-c sqlite3 libxxhash zlib
LDLIBS  := -lopenblas -llapacke -lyaml -ljansson -lprotobuf-c -lsqlite3 -lxxhash -lz \
           -ldl -lpthread -lm

.PHONY: all deps demo check test check-long lint bench install cifar10 clean help
.DELETE_ON_ERROR:
all: $B/bitwright

# Leaves first: <module>_DEPS in <module>/module.mk says what a module may include.
MODULES := base nn rtl sim costmodel search reports
include $(MODULES:%=%/module.mk)

ALL_CFLAGS = $(CSTD) $(WARN) -MMD -MP -I. -I$B/gen $(CPPFLAGS) $(CFLAGS)
SRC     := bitwright.c $(foreach m,$(MODULES),$($m_SRC))
LIB_SRC := $(filter-out bitwright.c,$(SRC))
GEN_OBJ  = $(foreach m,$(MODULES),$($m_GEN_OBJ))

$B/bitwright: $(SRC:%.c=$B/o/%.o) $(GEN_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -rdynamic -o $@ $^ $(LDLIBS)

$B/o/%.o: %.c | $B/gen/onnx.pb-c.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Tests link everything built with the sanitizers.
$B/san/%.o: %.c | $B/gen/onnx.pb-c.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(SAN) -c -o $@ $<
$B/san/libbitwright.a: $(LIB_SRC:%.c=$B/san/%.o) $(GEN_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$B/tests/%: $B/san/tests/%.o $B/san/libbitwright.a
	@mkdir -p $(@D)
	$(CC) $(SAN) $(LDFLAGS) -rdynamic -o $@ $^ -lcmocka $(LDLIBS)

UNIT  := $(patsubst %.c,$B/%,$(wildcard tests/unit/*/test_*.c))
RTL   := $(patsubst %.c,$B/%,$(wildcard tests/rtl/test_*.c))
QUICK := $(UNIT) $(wildcard tests/bad/*.sh)
SLOW  := $(RTL) $(wildcard tests/rtl/*.sh tests/golden/*.sh tests/e2e/*.sh)
.SECONDARY:

check: deps $B/bitwright $(UNIT)
	@B=$B tests/run.sh $(QUICK)
test: deps $B/bitwright $(UNIT) $(RTL)
	@B=$B tests/run.sh $(QUICK) $(SLOW)
check-long: deps $B/bitwright
	@B=$B tests/run.sh $(wildcard tests/long/*.sh)

clean:
	rm -rf $B
help:
	@sed -n 's/^# make/make/p' Makefile
-include $(shell find $B -name '*.d' 2>/dev/null)

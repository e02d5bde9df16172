# make             build build/bitwright
# make deps        install the Debian packages that are missing (root or sudo)
# make demo        install, build, run the whole loop on Fashion-MNIST, end with the report
# make check       the quick tests, under two minutes
# make test        all tests: unit, RTL, golden, bad input, end to end
# make check-long  the slow tests, with their results in reports/
# make lint        C and Verilog linters, include directions, formatting
# make bench       print the speed figures
# make tables      measure costmodel/tables/ again; resumes, an hour and more from nothing
# make hardware    fit costmodel/models/ to the tables; reports/hardware.md and .html
# make cifar10     download CIFAR-10 (checksum verified) for benchmarks
# make install     PREFIX=/usr/local DESTDIR=
# make clean       remove the build folder
# make help        this list
#
# B=DIR builds elsewhere; CFLAGS, CPPFLAGS, LDFLAGS and CC are yours; V=1 shows commands.
B       ?= build
PREFIX  ?= /usr/local
CFLAGS  ?= -O2 -g
CSTD    := -std=c11 -D_POSIX_C_SOURCE=200809L
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
           -Wmissing-prototypes -Wvla -Wcast-qual -Wwrite-strings -Wpointer-arith -Werror
SAN     := -fsanitize=address,undefined -fno-omit-frame-pointer
LDLIBS  := -lopenblas -llapacke -lyaml -ljansson -lprotobuf-c -lsqlite3 -lxxhash -lCbcSolver \
           -lCbc -lCgl -lOsiClp -lClpSolver -lClp -lOsi -lCoinUtils -lz -ldl -lpthread -lm
# All CPUs, unless the command line says -j.
MAKEFLAGS += -j$(shell nproc)

.PHONY: all deps deps-present demo check test check-long lint bench tables hardware install cifar10 clean help
.DELETE_ON_ERROR:
.SECONDARY:
all: $B/bitwright

# ---- packages: before anything is compiled, also under -j ----
# Installed by the goals that promise to; any other goal only checks.
PACKAGES := configs/packages.txt
INSTALLS := $(filter deps demo check test check-long lint bench tables hardware,$(MAKECMDGOALS))
GATE     := $(if $(INSTALLS),deps,deps-present)
deps:
	@sh configs/packages.sh install $(PACKAGES)
deps-present:
	@sh configs/packages.sh check $(PACKAGES)
/usr/include/onnx/onnx.proto: | $(GATE)

# ---- program ----
# Leaves first: <module>_DEPS in <module>/module.mk says what a module may include.
MODULES := base nn rtl sim costmodel search reports
include $(MODULES:%=%/module.mk)

ALL_CFLAGS = $(CSTD) $(WARN) -MMD -MP -I. -I$B/gen $(CPPFLAGS) $(CFLAGS)
SRC     := bitwright.c $(foreach m,$(MODULES),$($m_SRC))
LIB_SRC := $(filter-out bitwright.c,$(SRC))
GEN_OBJ  = $(foreach m,$(MODULES),$($m_GEN_OBJ))
Q       := $(if $V,,@)

$B/bitwright: $(SRC:%.c=$B/o/%.o) $(GEN_OBJ)
	@echo "  LD   $@"
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -rdynamic -o $@ $^ $(LDLIBS)
$B/o/%.o: %.c | $(GATE) $B/gen/onnx.pb-c.h
	@mkdir -p $(@D); echo "  CC   $<"
	$Q$(CC) $(ALL_CFLAGS) -c -o $@ $<

# ---- tests: everything again, with the sanitizers ----
$B/san/%.o: %.c | $(GATE) $B/gen/onnx.pb-c.h
	@mkdir -p $(@D); echo "  CC   $< (sanitized)"
	$Q$(CC) $(ALL_CFLAGS) $(SAN) -c -o $@ $<
$B/san/libbitwright.a: $(LIB_SRC:%.c=$B/san/%.o) $(GEN_OBJ)
	@rm -f $@
	$Q$(AR) rcs $@ $^
$B/tests/%: $B/san/tests/%.o $B/san/libbitwright.a
	@mkdir -p $(@D); echo "  LD   $@"
	$Q$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -rdynamic -o $@ $^ -lcmocka $(LDLIBS)
# Tests named *_nomem make allocations fail (tests/nomem.h).
NOMEM := $(patsubst %.c,$B/%,$(wildcard tests/unit/*/test_*_nomem.c))
$(NOMEM): LDFLAGS += $(foreach f,malloc calloc realloc aligned_alloc,-Wl,--wrap=$f)

UNIT  := $(patsubst %.c,$B/%,$(wildcard tests/unit/*/test_*.c))
RTL   := $(patsubst %.c,$B/%,$(wildcard tests/rtl/test_*.c))
QUICK := $(UNIT) $(wildcard tests/bad/*.sh)
SLOW  := $(RTL) $(wildcard tests/rtl/*.sh tests/golden/*.sh tests/e2e/*.sh)

check: deps $B/bitwright $(UNIT)
	@B=$B tests/run.sh $(QUICK)
test: deps $B/bitwright $(UNIT) $(RTL)
	@B=$B tests/run.sh $(QUICK) $(SLOW)
check-long: deps $B/bitwright
	@B=$B TEST_LIMIT_S=14400 tests/run.sh $(wildcard tests/long/*.sh)
lint: deps $B/gen/onnx.pb-c.h
	@B=$B tests/lint.sh $(SRC)

# ---- the loop: every arrow of the picture is a file ----
# The budget is what the uniform 4-bit plan just misses; the seed is SEED.
DEMO := $B/demo
NET  := configs/networks/resnet8-fmnist.onnx
DATA := idx:/usr/share/datasets/fashion-mnist
SEED ?= 1
demo: deps $(DEMO)/report.html
	@$B/bitwright report -q --plan $(DEMO)/plan.yaml --verify $(DEMO)/verify.json \
	  --cost $(DEMO)/cost.yaml --text
	@echo "report: $(DEMO)/report.html"
$(DEMO)/meas.csv: configs/sweep/demo.yaml $(wildcard rtl/*/*.v) $B/bitwright
	@mkdir -p $(@D)
	$B/bitwright characterize $< -o $@ --db $(DEMO)/meas.db -j $(shell nproc)
$(DEMO)/cost.yaml: $(DEMO)/meas.csv
	$B/bitwright fit $< -o $@ --parity $(DEMO)/parity.json
$(DEMO)/plan.yaml: $(DEMO)/cost.yaml $(NET)
	$B/bitwright search --network $(NET) --data $(DATA) --cost $< --fps 6000 \
	  --weight-ram block --energy horowitz-45nm --budget "lut=0.97*uniform4" \
	  --uniform 2,3,4 --seed $(SEED) -o $@
$(DEMO)/verify.json: $(DEMO)/plan.yaml
	$B/bitwright verify $< --json $@ -j $(shell nproc)
$(DEMO)/report.html: $(DEMO)/verify.json
	$B/bitwright report --plan $(DEMO)/plan.yaml --verify $< --cost $(DEMO)/cost.yaml \
	  --parity $(DEMO)/parity.json -o $@
bench: deps $B/bitwright
	@$B/bitwright bench

# ---- the shipped tables; their rows live in the database of the cache between runs ----
TABLES := $(basename $(notdir $(wildcard configs/sweep/tables/*.yaml)))
# operands: what a layer's real operands change; read by the report, fitted by nothing.
tables: deps $B/bitwright
	@rc=0; for t in $(TABLES:%=tables/%) operands; do \
	  $B/bitwright characterize configs/sweep/$$t.yaml -j $(shell nproc) \
	  -o costmodel/tables/$${t#tables/}.csv || rc=$$?; done; exit $$rc
MODELS := $(TABLES:%=costmodel/models/%.yaml)
PARITY := $(TABLES:%=$B/hardware/%.json)
costmodel/models/%.yaml $B/hardware/%.json: costmodel/tables/%.csv | $B/bitwright
	@mkdir -p $B/hardware
	$B/bitwright fit $< -o costmodel/models/$*.yaml --parity $B/hardware/$*.json \
	  >$B/hardware/$*.txt
hardware: deps $(PARITY) $(MODELS)
	$B/bitwright units $(TABLES:%=costmodel/tables/%.csv) -o $B/hardware/units.csv
	$B/bitwright report --units $B/hardware/units.csv \
	  --operands costmodel/tables/operands.csv $(PARITY:%=--parity %) \
	  -o reports/hardware.html --markdown reports/hardware.md

CIFAR10_URL := https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz
CIFAR10_MD5 := c32a1d4ab5d03f1284b67883e8d87530
cifar10: $B/data/cifar-10-batches-bin/test_batch.bin
$B/data/cifar-10-batches-bin/test_batch.bin:
	@sh configs/fetch.sh $(CIFAR10_URL) $(CIFAR10_MD5) $B/data
	@test -f $@ && touch $@ && echo "--data cifar10:$(@D)"

# ---- installed: the program, and beside it the files that it reads ----
SHARE = $(DESTDIR)$(PREFIX)/share
install: $B/bitwright
	install -D -m 755 $B/bitwright $(DESTDIR)$(PREFIX)/bin/bitwright
	find base sim rtl reports configs $(wildcard costmodel/models costmodel/tables) -type f ! -name '*.c' ! -name '*.mk' | \
	  while read -r f; do install -D -m 644 "$$f" "$(SHARE)/bitwright/$$f" || exit 1; done
	install -d $(SHARE)/man/man1 $(SHARE)/bash-completion/completions
	$B/bitwright man > $(SHARE)/man/man1/bitwright.1
	$B/bitwright completion bash > $(SHARE)/bash-completion/completions/bitwright

clean:
	rm -rf $B
help:
	@sed -n 's/^# make/make/p' Makefile
-include $(shell find $B -name '*.d' 2>/dev/null)

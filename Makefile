# Wiretick: build, run, test. `make help` lists the targets.
#
# Conventions that keep this file short:
#   host/**/*.c sim/**/*.c       all in one library, $(B)/libwiretick.a; host/cli/main.c is the program
#   hdl/**/wt_*.sv               one module a file, found by name; packages first
#   sim/card/wt_model.cpp        with the Verilated hdl/card/wt_card.sv: $(B)/libwtcard.so
#   tests/unit/test_*.c          one cmocka program each
#   tests/hdl/test_*.cpp         one cmocka program each; "// TOP: module" and "// PARAMS: -G..." in its head
#   tests/diff/fuzz_card.cpp     the card against a model, on frames broken on purpose
#   tests/fuzz/fuzz_*.c          a parser each: under libFuzzer in `make fuzz`, replayed in `make test`
#   tests/cosim/test_*.sh        scripts that print TAP
#   tests/bench/bench_*.c        programs that print a JSON object, {"area": {"figure": value}}

B ?= build
CC = gcc
CXX = g++
CCACHE := $(shell command -v ccache 2>/dev/null)
PKGS := libcyaml yaml-0.1 jansson libpcap pciaccess
OPT ?= -O2
WARN := -Wall -Wextra -Werror
CFLAGS := -std=c17 $(WARN) $(OPT) -g -D_GNU_SOURCE -fPIC -I. -MMD -MP $(SANITIZE)
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -ldl -lm
JOBS := $(shell nproc)

C_SOURCES := $(filter-out host/cli/main.c,$(sort $(shell find host sim -name '*.c')))
C_OBJECTS := $(C_SOURCES:%.c=$(B)/obj/%.o)
HDL_PACKAGES := hdl/schema/wt_schema_pkg.sv hdl/common/wt_crc_pkg.sv hdl/core/wt_pkg.sv
HDL_DIRS := hdl/common hdl/net hdl/feed hdl/book hdl/pcie hdl/core hdl/card hdl/link
HDL_SOURCES := $(HDL_PACKAGES) $(filter-out $(HDL_PACKAGES),$(sort $(foreach d,$(HDL_DIRS),$(wildcard $(d)/*.sv))))
VFLAGS := -Wall --x-assign fast --x-initial fast -O3 $(addprefix -y ,$(HDL_DIRS)) +libext+.sv
VERILATOR_ROOT := $(shell verilator --getenv VERILATOR_ROOT 2>/dev/null)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ_TESTS := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
COSIM_TESTS := $(sort $(wildcard tests/cosim/test_*.sh))
HDL_TESTS := $(patsubst tests/hdl/%.cpp,$(B)/tests/hdl/%,$(sort $(wildcard tests/hdl/test_*.cpp)))

.PHONY: all help setup run test property fuzz fuzz-card wires bench venue-session pci-session crash-test formal recovery synth synth-check place wave flash lint schema clean build card unit-tests hdl-tests risk soak sanitize tsan memcheck

all: build

help:
	@echo 'make run    set up, build and run the whole system in simulation (CONFIG=file, SET="key=value ...")'
	@echo 'make test   set up, build and run every test that needs no card'
	@echo 'make bench  speeds and instruction counts; writes $(B)/bench.json'
	@echo 'make venue-session  exchange and host as two processes, 1 M messages for each fault (FAULTS=, MESSAGES=, LOOPS=)'
	@echo 'make pci-session  the same with the card in a third process, behind the link pci in a private namespace'
	@echo 'make property  10 M random operations on the matching engine against an obvious one and the twin'
	@echo 'make fuzz-card  the card against a model, on broken frames, for FUZZ_SECONDS (600 for an answer)'
	@echo 'make fuzz   each parser under libFuzzer for FUZZ_SECONDS=60 (FUZZ=name: that one)'
	@echo 'make sanitize, make tsan, make memcheck  the C tests under ASan and UBSan, under TSan, under valgrind'
	@echo 'make risk   a million random sessions of the OMS, a million random signals against a model of risk'
	@echo 'make soak   24 simulated hours in one run: memory, positions, journal (about ten minutes)'
	@echo 'make crash-test  kill a trading host RUNS=300 times and hold it against the exchange (LOOPS=; tests/crash)'
	@echo 'make wires  worst-case 10G wires, 200,000 messages of each'
	@echo 'make cocotb the PCIe core against cocotbext-pcie, 100,000 records for each max payload (tests/cocotb)'
	@echo 'make formal prove properties of the RTL, and that each proof sees a bug (tests/formal)'
	@echo 'make recovery  loss and recovery of the feed with 20 seeds'
	@echo 'make synth  count what each block takes: hdl/resources.md; make synth-check compares with it'
	@echo 'make synth BOARD=as02mc04|ecp5_versa  count what a whole board takes of its device; fails when it does not fit'
	@echo 'make bitstream BOARD=ecp5_versa|as02mc04  the bitstream of a board, by the open tools, or by Vivado'
	@echo 'make flash BOARD=ecp5_versa|as02mc04  load a bitstream (CABLE=, INTO=, CARD=, DRY_RUN=1: only print the commands)'
	@echo 'make place  place and route the small core for an ECP5-45F: hdl/placed.md'
	@echo 'make lint   RTL and C linters'
	@echo 'make schema regenerate the schema files from hdl/schema/wiretick.rdl (needs systemrdl-compiler)'
	@echo 'make build PGO=0  compile the card once, without a profile (quicker to build, about a tenth slower to run)'
	@echo 'make wave TEST=name  run one RTL test with an FST trace'
	@echo 'make clean  remove $(B)/'

setup:
	@scripts/setup

# ---------------------------------------------------------------- host

build: $(B)/wiretick $(B)/libwtcard.so

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CFLAGS) -c $< -o $@

# Its instructions are counted: pairs of pointers are stored one by one, not first put together.
$(B)/obj/host/market/twin_message.o: CFLAGS += -fno-tree-slp-vectorize

# What lies between a record in the ring and the order that it causes is compiled as one: calls across these files are
# inlined. Not with sanitizers, which want to see them.
HOT := $(addprefix host/,event/loop.c event/tap.c event/journal.c market/feed.c card/driver.c strategy/runner.c \
	strategy/market_maker.c strategy/short_way.c trade/desk.c trade/risk.c trade/limits.c trade/oms.c trade/oms_sums.c trade/oms_table.c \
	trade/position.c trade/quotes.c gateway/gateway.c gateway/way_out.c gateway/request.c gateway/ouch.c gateway/soup.c \
	monitor/histogram.c monitor/monitor.c)
ifeq ($(SANITIZE),)
C_OBJECTS := $(filter-out $(HOT:%.c=$(B)/obj/%.o),$(C_OBJECTS)) $(B)/obj/hot.o
$(HOT:%.c=$(B)/obj/%.o): CFLAGS += -O3 -flto -fno-semantic-interposition -fno-tree-slp-vectorize
$(B)/obj/hot.o: $(HOT:%.c=$(B)/obj/%.o)
	$(CC) -O3 -fPIC -fno-semantic-interposition -flto -flto-partition=one -r -flinker-output=nolto-rel $^ -o $@
endif

$(B)/libwiretick.a: $(C_OBJECTS)
	@rm -f $@
	ar qcs $@ $^

$(B)/wiretick: $(B)/obj/host/cli/main.o $(B)/libwiretick.a
	$(CC) $(SANITIZE) -rdynamic $^ -o $@ $(LIBS)

# ---------------------------------------------------------------- card

card: $(B)/libwtcard.so

CARD_TRACE := $(if $(TRACE),--trace-fst --trace-structs)
VERILATED_CPP = $(VERILATOR_ROOT)/include/verilated.cpp $(VERILATOR_ROOT)/include/verilated_threads.cpp \
	$(if $(TRACE),$(VERILATOR_ROOT)/include/verilated_fst_c.cpp)

# The card, and a small one whose tables overflow (tests/diff).
$(B)/card_small/Vwt_card.mk: CARD_PARAMS := --assert -GSYMBOLS=4 -GORDER_SLOTS=256 -GLEVEL_SLOTS=64 -GNODE_SLOTS=32
$(B)/%/Vwt_card.mk: $(HDL_SOURCES)
	@mkdir -p $(@D)
	verilator --cc $(VFLAGS) $(CARD_TRACE) $(CARD_PARAMS) --Mdir $(@D) --top-module wt_card $(HDL_PACKAGES) hdl/card/wt_card.sv
	@touch $@
compile_card = $(MAKE) -C $(@D) -f Vwt_card.mk OPT_FAST='-O3 -fPIC$(1)' OPT_SLOW='-O1 -fPIC' OPT_GLOBAL='-O2 -fPIC' Vwt_card__ALL.a
.PRECIOUS: $(B)/%/Vwt_card.mk
$(B)/%/Vwt_card__ALL.a: $(B)/%/Vwt_card.mk
	$(call compile_card)

CARD_SHIM := $(B)/obj/sim/card/xgmii.o sim/card/wt_model.cpp sim/card/wt_model.h host/card/wt_schema.h
# $(call link_card,archive,shared object,more flags)
link_card = $(CXX) -std=c++17 -O2 -fPIC -shared $(3) -I. -I$(dir $(1)) -I$(VERILATOR_ROOT)/include \
	-I$(VERILATOR_ROOT)/include/vltstd $(if $(TRACE),-DVM_TRACE=1 -DVM_TRACE_FST=1 -DWT_TRACE) -DVL_IGNORE_UNKNOWN_ARCH \
	sim/card/wt_model.cpp $(VERILATED_CPP) $(B)/obj/sim/card/xgmii.o $(1) -o $(2) -pthread $(if $(TRACE),-lz)

# What a simulated cycle costs is the code that it touches: compiled by a profile, the branches seldom taken lie apart
# from the others. The card is compiled twice for it, and plays a short market in between. PGO=0 leaves that out.
PGO ?= 1
ifeq ($(PGO)$(TRACE)$(SANITIZE),1)
PROFILE := $(B)/card/profiled
$(PROFILE): $(B)/card/Vwt_card.mk | $(CARD_SHIM) $(B)/wiretick
	@rm -f $@ $(@D)/*.[ao] $(@D)/*.gcda
	$(call compile_card, -fprofile-generate)
	$(call link_card,$(@D)/Vwt_card__ALL.a,$(@D)/train.so,-fprofile-generate)
	@echo 'the card plays 20,000 messages for its profile'
	@$(B)/wiretick generate $(@D)/train.itch --messages 20000 --symbols 64 --seed 1 --scenario stress 2>$(@D)/train.log
	@$(B)/wiretick book --model $(@D)/train.so $(@D)/train.itch >/dev/null 2>$(@D)/train.log || { cat $(@D)/train.log; exit 1; }
	@rm -f $(@D)/*.[ao]
	@touch $@
$(B)/card/Vwt_card__ALL.a: $(PROFILE)
	$(call compile_card, -fprofile-use -fprofile-correction -Wno-missing-profile)
endif

$(B)/libwtcard.so: $(B)/card/Vwt_card__ALL.a $(CARD_SHIM)
	$(call link_card,$<,$@)
$(B)/libwtcard_small.so: $(B)/card_small/Vwt_card__ALL.a $(CARD_SHIM)
	$(call link_card,$<,$@)

# ---------------------------------------------------------------- boards

# Placed and routed by the open tools, its figures in hdl/boards/BOARD/resources.md.
.PHONY: bitstream
bitstream: setup-place
	@test -n "$(BOARD)" || { echo 'usage: make bitstream BOARD=ecp5_versa|as02mc04 [SEED=n]' >&2; exit 2; }
	@B=$(abspath $(B)) scripts/bitstream $(BOARD) $(addprefix --seed ,$(SEED))

# The top of the ECP5 Versa with models of the primitives: `wiretick boardserver` (sim/card/board.h).
VERSA_SOURCES := $(wildcard hdl/boards/ecp5_versa/*.sv)
.PHONY: board
board: $(B)/libwtversa.so

$(B)/versa/Vwt_ecp5_versa.mk: $(HDL_SOURCES) $(VERSA_SOURCES) sim/card/ecp5_sim.sv
	@mkdir -p $(@D)
	verilator --cc $(VFLAGS) -y hdl/boards/ecp5_versa -GRESET_LOG2=8 -GSTATE_LOG2=13 --Mdir $(@D) --top-module wt_ecp5_versa \
		$(HDL_PACKAGES) sim/card/ecp5_sim.sv hdl/boards/ecp5_versa/wt_ecp5_versa.sv
	@touch $@
$(B)/versa/Vwt_ecp5_versa__ALL.a: $(B)/versa/Vwt_ecp5_versa.mk
	$(MAKE) -C $(@D) -f Vwt_ecp5_versa.mk OPT_FAST='-O3 -fPIC' OPT_SLOW='-O1 -fPIC' OPT_GLOBAL='-O2 -fPIC' Vwt_ecp5_versa__ALL.a
$(B)/libwtversa.so: $(B)/versa/Vwt_ecp5_versa__ALL.a sim/card/wt_board_model.cpp sim/card/wt_board_model.h
	$(CXX) -std=c++17 -O2 -fPIC -shared -I. -I$(<D) -I$(VERILATOR_ROOT)/include -I$(VERILATOR_ROOT)/include/vltstd \
		-DVL_IGNORE_UNKNOWN_ARCH sim/card/wt_board_model.cpp $(VERILATED_CPP) $< -o $@ -pthread

# ---------------------------------------------------------------- tests

$(B)/tests/unit/%: tests/unit/%.c $(B)/libwiretick.a
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CFLAGS) $< $(B)/libwiretick.a -o $@ -lcmocka $(LIBS)

# TOP names the module under test; with TRACE=1 the bench is wrapped so that it writes waves (wave.h).
bench_head = $(shell sed -n 's,^// $(1): *,,p' $(2))

$(B)/tests/hdl/%: tests/hdl/%.cpp $(HDL_SOURCES) $(wildcard tests/hdl/*.h)
	@mkdir -p $(B)/tests/hdl/$*.v
	$(if $(TRACE),@printf '%s\n' '#include "V$(call bench_head,TOP,$<).h"' '#include "tests/hdl/wave.h"' \
		'#define V$(call bench_head,TOP,$<) WtTraced<V$(call bench_head,TOP,$<)>' '#include "$<"' >$(B)/tests/hdl/$*.v/wave.cpp)
	@echo 'bench $*'; verilator --cc --exe --build -j 1 --assert $(VFLAGS) $(if $(TRACE),--trace-fst --trace-structs) --Mdir $(B)/tests/hdl/$*.v \
		--top-module $(call bench_head,TOP,$<) $(call bench_head,PARAMS,$<) \
		-CFLAGS '-std=c++17 -O1 -I$(CURDIR)' -LDFLAGS -lcmocka $(HDL_PACKAGES) $(call bench_head,EXTRA,$<) \
		$(wildcard $(addsuffix /$(call bench_head,TOP,$<).sv,$(HDL_DIRS))) \
		$(abspath $(if $(TRACE),$(B)/tests/hdl/$*.v/wave.cpp,$<)) -o $(abspath $@) >$(B)/tests/hdl/$*.log 2>&1 || { cat $(B)/tests/hdl/$*.log >&2; exit 1; }

$(B)/tests/hdl/test_wt_latency: tests/hdl/test_wt_latency.vlt

# A bench may include another one, to run it with other parameters.
$(foreach t,$(HDL_TESTS),$(eval $(t): $(shell sed -n 's,^#include "\(tests/hdl/.*\.cpp\)",\1,p' $(t:$(B)/%=%).cpp)))

# Without libFuzzer: what once failed, the seeds, and mutations of them.
$(B)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c tests/fuzz/log.c $(wildcard tests/fuzz/*.h) $(B)/libwiretick.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(filter %.c %.a,$^) -o $@ $(LIBS)

unit-tests: $(UNIT_TESTS) $(FUZZ_TESTS)
hdl-tests: $(HDL_TESTS)

$(B)/tests/diff/fuzz_card: tests/diff/fuzz_card.cpp $(B)/obj/tests/diff/card_side.o tests/hdl/feed_model.h $(B)/libwiretick.a
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -O1 -g $(WARN) -I. $(SANITIZE) -rdynamic $(filter %.cpp %.o %.a,$^) -o $@ $(LIBS)
fuzz_card := $(B)/tests/diff/fuzz_card $(B)/libwtcard.so $(B)/libwtcard_small.so

# Half of the time with the card as it is, half with the small one.
fuzz-card: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) $(fuzz_card)
	@n=$$(( ($(FUZZ_SECONDS) + 1) / 2 )); for card in libwtcard libwtcard_small; do \
		$(B)/tests/diff/fuzz_card --model $(B)/$$card.so --seconds $$n --seed $$(date +%s%N) || exit 1; done

ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all

# Builds first and in parallel, then runs one after the other: timing-free, but easy to read.
test: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build board unit-tests hdl-tests $(B)/tests/bench/bench_host $(fuzz_card)
	@$(MAKE) --no-print-directory -j$(JOBS) B=$(B)/asan OPT=-O1 SANITIZE='$(ASAN)' unit-tests
	@ln -sf ../libwtcard.so $(B)/asan/libwtcard.so
	@B=$(B) tests/run $(UNIT_TESTS) $(UNIT_TESTS:$(B)/%=$(B)/asan/%) $(FUZZ_TESTS:$(B)/%=$(B)/asan/%) $(HDL_TESTS) $(COSIM_TESTS) tests/formal/quick tests/cocotb/run

# Each parser under libFuzzer, ASan and UBSan for FUZZ_SECONDS, one after the other; FUZZ=name: that one.
FUZZ ?= $(FUZZ_TESTS:$(B)/tests/fuzz/fuzz_%=%)
FUZZ_SECONDS ?= 60
FUZZ_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -Wno-sizeof-pointer-memaccess

$(B)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/log.c $(wildcard tests/fuzz/*.h) $(B)/fuzz/libwiretick.a
	clang $(CFLAGS) -O1 $(FUZZ_FLAGS) -fsanitize=fuzzer $(filter %.c %.a,$^) -o $@ $(LIBS)

fuzz: setup-fuzz
	@$(MAKE) --no-print-directory -j$(JOBS) $(FUZZ:%=$(B)/tests/fuzz/fuzz_%)
	@$(MAKE) --no-print-directory -j$(JOBS) B=$(B)/fuzz CC=clang OPT=-O1 SANITIZE='$(FUZZ_FLAGS)' $(B)/fuzz/libwiretick.a
	@$(MAKE) --no-print-directory -j$(JOBS) $(FUZZ:%=$(B)/fuzz/fuzz_%)
	@B=$(B) tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)

# The whole suite of C under the other checkers. `make test` has the unit tests under ASan and UBSan already; here the
# system tests run so too. The card's model is not instrumented: Verilator wrote it, one thread runs it.
SANITIZED_TESTS = $(UNIT_TESTS:$(B)/%=$(B)/$(1)/%) $(FUZZ_TESTS:$(B)/%=$(B)/$(1)/%)
SANITIZED_COSIM := $(filter-out %/test_host_instructions.sh %/test_diff.sh,$(COSIM_TESTS))

sanitize: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) card board
	@$(MAKE) --no-print-directory -j$(JOBS) B=$(B)/asan OPT=-O1 SANITIZE='$(ASAN)' unit-tests $(B)/asan/wiretick
	@ln -sf ../libwtcard.so ../libwtversa.so $(B)/asan/
	@B=$(B) tests/run --timeout 1800 $(call SANITIZED_TESTS,asan)
	@B=$(B)/asan SANITIZE='$(ASAN)' tests/run --timeout 3600 $(SANITIZED_COSIM)

# -Wno-tsan: it does not see fences; the one there is, in ring.h, is for the card, not for a thread.
# setarch: GCC 12's TSan does not know the widest address randomisation of new kernels.
tsan: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) card board
	@$(MAKE) --no-print-directory -j$(JOBS) B=$(B)/tsan OPT=-O1 SANITIZE='-fsanitize=thread -Wno-tsan' unit-tests $(B)/tsan/wiretick
	@ln -sf ../libwtcard.so ../libwtversa.so $(B)/tsan/
	@B=$(B) TSAN_OPTIONS=halt_on_error=1 setarch -R tests/run --timeout 3600 $(call SANITIZED_TESTS,tsan)
	@B=$(B)/tsan SANITIZE=-fsanitize=thread TSAN_OPTIONS=halt_on_error=1 setarch -R tests/run --timeout 3600 $(SANITIZED_COSIM)

# Not under valgrind: one test counts instructions by single steps, one races real sockets against the clock.
MEMCHECKED = $(filter-out %/test_engine_cost %/test_exchange_process,$(UNIT_TESTS) $(FUZZ_TESTS))
MEMCHECK := valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible --errors-for-leak-kinds=definite

memcheck: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build unit-tests
	@B=$(B) WT_QUICK=1 tests/run --timeout 3600 --under '$(MEMCHECK)' $(MEMCHECKED)
	@B=$(B) MEMCHECK='$(MEMCHECK)' tests/run --timeout 3600 tests/memcheck

# The OMS and risk at full size: every sequence of 8 events, a million random sessions, a million random signals.
risk: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) $(addprefix $(B)/tests/unit/test_,oms_states oms_sessions risk_model)
	@B=$(B) WT_OMS_DEPTH=8 WT_OMS_SESSIONS=1000000 WT_RISK_ORDERS=1000000 tests/run --timeout 3600 --show \
		$(addprefix $(B)/tests/unit/test_,oms_states oms_sessions risk_model)

# 24 simulated hours of 18 million messages in one process, and once more from its journal: the host alone.
# tests/cosim/test_soak.sh is the short version.
soak: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build
	@B=$(B) WT_SOAK_MESSAGES=18000000 WT_SOAK_EVERY=2 WT_SOAK_FROM=10 WT_SOAK_REPLAY=1 tests/run --timeout 14400 --show tests/soak
# The engine, its feed and its snapshots against an obvious model and the twin, at full size.
property: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) $(B)/tests/unit/test_engine_property
	@$(B)/tests/unit/test_engine_property 10000000

# Worst-case wires at full size; the small size is in `make test`.
wires: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build $(B)/tests/unit/test_wires
	@WT_WIRES_MESSAGES=200000 CMOCKA_MESSAGE_OUTPUT=TAP $(B)/tests/unit/test_wires

# The PCIe core against cocotbext-pcie's root complex and model of a hard block; the small size is in `make test`.
.PHONY: cocotb
cocotb: setup-test
	@B=$(B) tests/run --timeout 14400 --show tests/cocotb/full

# ---------------------------------------------------------------- bench

BENCHES := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,$(sort $(wildcard tests/bench/bench_*.c)))
BENCH_JSON := $(BENCHES:$(B)/tests/bench/%=$(B)/bench/%.json)

$(B)/tests/bench/%: tests/bench/%.c $(B)/libwiretick.a
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CFLAGS) $< $(B)/libwiretick.a -o $@ $(LIBS)

# One after the other, on a machine that does nothing else, or the figures mean little.
bench: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build $(BENCHES) $(B)/tests/bench/merge
	@mkdir -p $(B)/bench
	@for b in $(BENCHES:$(B)/tests/bench/%=%); do echo "bench: $$b" && $(B)/tests/bench/$$b >$(B)/bench/$$b.json || exit 1; done
	@tests/bench/instructions --json $(B)/tests/bench/bench_engine >$(B)/bench/instructions.json
	@B=$(B) tests/bench/host_instructions --json >$(B)/bench/host_instructions.json
	@$(B)/tests/bench/merge $(B)/bench.json $(BENCH_JSON) $(B)/bench/instructions.json $(B)/bench/host_instructions.json

# Two processes over loopback, both sides' books and orders held against each other. Half an hour and more for all faults.
MESSAGES ?= 1000000
LOOPS ?= 1
venue-session: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build
	@B=$(B) scripts/venue-session --loops $(LOOPS) --messages $(MESSAGES) $(FAULTS)

# The same with the card in a third process, behind the link pci in a private namespace: nothing lost, and everything at once.
pci-session: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build
	@B=$(B) scripts/venue-session --pci --loops $(LOOPS) --messages $(MESSAGES) $(or $(FAULTS),none everything)

# The link `udp` at full size: a file, and a session of exchange, board and host. Ten minutes and more.
UDP_MESSAGES ?= 100000
udp-session: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build board
	@WT_UDP_MESSAGES=$(UDP_MESSAGES) WT_UDP_SESSION=50000 B=$(B) tests/run --timeout 7200 --show tests/cosim/test_udp.sh

# Loss and recovery with 20 seeds (three are in `make test`).
recovery: build
	@WT_SEEDS=20 B=$(B) tests/run --timeout 1800 tests/cosim/test_recovery.sh

# A trading host killed RUNS times at random points, and held against the exchange. About 3 s a kill.
RUNS ?= 300
crash-test: setup-test
	@$(MAKE) --no-print-directory -j$(JOBS) build
	@B=$(B) tests/crash/crash --loops $(LOOPS) --kills $(RUNS)

# Every proof with its covers and mutants; the quick ones are in `make test`.
formal: setup-formal
	@B=$(B) JOBS=$(JOBS) tests/run --timeout 900 --show tests/formal/run

# What each block takes (yosys alone): the table hdl/resources.md, and whether a figure grew by over 5 %.
# The small core placed and routed for an ECP5-45F, out of context: hdl/placed.md. Twenty minutes and more.
place: setup-place
	@B=$(B) scripts/place

# BOARD=: what a whole board takes of its device.
synth: setup-formal
	@B=$(abspath $(B)) JOBS=$(JOBS) $(if $(BOARD),scripts/synth-board $(BOARD),scripts/resources)

synth-check: setup-formal
	@B=$(abspath $(B)) JOBS=$(JOBS) $(if $(BOARD),scripts/synth-board $(BOARD),scripts/resources) --check

wave: setup-test
	@test -n "$(TEST)" || { echo 'usage: make wave TEST=name, one of: $(notdir $(HDL_TESTS:$(B)/tests/hdl/test_%=%))' >&2; exit 2; }
	@$(MAKE) --no-print-directory B=$(B)/wave TRACE=1 $(B)/wave/tests/hdl/test_$(TEST)
	@WT_WAVE=$(B)/wave/$(TEST) $(B)/wave/tests/hdl/test_$(TEST)
	@echo "open a trace with: gtkwave $(B)/wave/$(TEST)-1.fst"

# ---------------------------------------------------------------- run

CONFIG ?= host/strategy/configs/default.yaml
MARKET := $(B)/run/market.itch

$(MARKET): $(B)/wiretick
	@mkdir -p $(@D)
	$(B)/wiretick generate $@

run: setup
	@$(MAKE) --no-print-directory -j$(JOBS) build
	@$(MAKE) --no-print-directory $(MARKET)
	@$(B)/wiretick run $(CONFIG) $(foreach s,$(SET),--set $(s))

# ---------------------------------------------------------------- boards

# The board's bitstream into it: CABLE= a JTAG cable, INTO=flash or fpga, CARD= which to ask afterwards, DRY_RUN=1.
flash:
	@test -n "$(BOARD)" || { echo 'usage: make flash BOARD=ecp5_versa|as02mc04 [CABLE=name] [INTO=flash|fpga] [CARD=address] [DRY_RUN=1]' >&2; exit 2; }
	@B=$(B) scripts/flash $(BOARD) $(addprefix --cable ,$(CABLE)) $(addprefix --into ,$(INTO)) $(addprefix --card ,$(CARD)) \
		$(if $(filter-out 0,$(DRY_RUN)),--dry-run)

# ---------------------------------------------------------------- lint

C_ALL := $(sort $(shell find host sim tests -name '*.c' -o -name '*.h' -o -name '*.cpp') )
C_FORMATTED := $(filter-out host/card/wt_schema.h,$(C_ALL))
# The card, and what boards put around it.
HDL_TOPS := hdl/card/wt_card.sv hdl/card/wt_card_tlp.sv hdl/pcie/wt_pcie_us.sv $(wildcard hdl/net/wt_pcs_*.sv hdl/net/wt_mac_*_rgmii.sv hdl/net/wt_rgmii_*.sv)
HDL_MODULES := $(filter-out $(HDL_PACKAGES),$(HDL_SOURCES))

lint: setup-lint
	@echo 'lint: Verilator'; for top in $(HDL_TOPS); do \
		verilator --lint-only $(VFLAGS) --top-module $$(basename $$top .sv) $(HDL_PACKAGES) $$top || exit 1; done
	@echo 'lint: yosys'; yosys -q -p 'read_verilog -sv $(HDL_SOURCES); hierarchy -check -top wt_card; proc; check -assert'
	@yosys -q -p 'read_verilog -sv $(HDL_PACKAGES) $(wildcard hdl/common/*.sv hdl/net/*.sv); hierarchy -check; proc; check -assert'
	@verilator --lint-only $(VFLAGS) -y hdl/boards/ecp5_versa --top-module wt_ecp5_versa $(HDL_PACKAGES) sim/card/ecp5_sim.sv hdl/boards/ecp5_versa/wt_ecp5_versa.sv
	@yosys -q -p 'read_verilog -sv $(HDL_SOURCES) $(VERSA_SOURCES); read_verilog -lib +/ecp5/cells_sim.v +/ecp5/cells_bb.v; hierarchy -check -top wt_ecp5_versa; proc; check -assert'
	@verilator --lint-only $(VFLAGS) -y hdl/boards/as02mc04 --top-module wt_as02mc04 $(HDL_PACKAGES) hdl/boards/as02mc04/stubs.v hdl/boards/as02mc04/wt_as02mc04.sv
	@yosys -q -p 'read_verilog -sv $(HDL_SOURCES) $(wildcard hdl/boards/as02mc04/*.sv); read_verilog hdl/boards/as02mc04/stubs.v; read_verilog -lib +/xilinx/cells_xtra.v +/xilinx/cells_sim.v; hierarchy -check -top wt_as02mc04; proc; check -assert'
	@echo 'lint: clang-format'; clang-format --dry-run -Werror $(C_FORMATTED)
	@echo 'lint: clang-tidy'; printf '%s\n' $(filter %.c,$(filter host/% sim/%,$(C_ALL))) | \
		xargs -P $(JOBS) -n 4 sh -c 'clang-tidy -quiet "$$@" -- -std=c17 -D_GNU_SOURCE -I. 2>/dev/null' sh
	@echo 'lint: shellcheck'; shellcheck -x scripts/setup scripts/bind scripts/flash tests/cosim/tap.sh tests/cosim/two.sh tests/cosim/pci_device tests/crash/crash tests/run tests/memcheck tests/soak tests/fuzz/run tests/formal/quick tests/bench/instructions .ci/run scripts/venue-session scripts/reconcile $(COSIM_TESTS)
	@shellcheck tests/cocotb/run tests/cocotb/full
	@echo 'lint: clean'

setup-%:
	@scripts/setup $*

-include $(shell find $(B)/obj $(B)/tests -name '*.d' 2>/dev/null)

schema:
	python3 hdl/schema/generate.py

clean:
	rm -rf $(B)

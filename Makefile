# maskproof: everything is built under build/; every target first makes sure that what it needs is installed.
#   make            build          make test       the tests          make report     the main job
#   make check      all claims     make bench      timings            make install PREFIX=/usr/local
#   make vectors    golden files   make dist       tarballs        make proofs     theorems, contracts
# SPDX-License-Identifier: MIT

VERSION  := 0.1.0
BUILD    ?= build
PREFIX   ?= /usr/local
CFLAGS   ?= -O2 -g
SANITIZE ?=
FORMATS  := f64 f32 bf16 f16

STRICT := -std=c17 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -ffp-contract=off
ALL_CFLAGS = $(STRICT) $(CFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all) \
             -DMASKPROOF_VERSION='"$(VERSION)"' -Ioracle -I$(BUILD)/gen -MMD -MP

# --- what is there: the wildcard is the list ---
IMPLS   := $(sort $(wildcard impls/*.c))
SUITES  := $(sort $(wildcard oracle/suites/*.c))
TESTS   := $(sort $(wildcard proofs/tests/*.c))
RECORDS := $(sort $(shell sed -nE 's/^IMPL(_BATCH|_LOG|_VJP)?.([a-z0-9_]+),.*/\2/p' $(IMPLS)))

ORACLE_VERBS  := gen truth judge case show
BENCH_VERBS   := run bench
REPORTS_VERBS := check article leak report plot explain peers bounds
VERBS := $(ORACLE_VERBS) $(BENCH_VERBS) $(REPORTS_VERBS)
BIN   := $(BUILD)/bin
PROGRAMS := $(BIN)/maskproof $(VERBS:%=$(BIN)/maskproof-%)

# Parts of a room that are no program of their own.
ORACLE_PARTS  := $(filter-out $(ORACLE_VERBS:%=oracle/%.c),$(wildcard oracle/*.c))
BENCH_PARTS   := $(filter-out $(BENCH_VERBS:%=bench/%.c),$(wildcard bench/*.c))
REPORTS_PARTS := $(filter-out $(REPORTS_VERBS:%=reports/%.c) reports/maskproof.c,$(wildcard reports/*.c))

OBJ := $(BUILD)/obj
objects = $(patsubst %.c,$(OBJ)/%.o,$(1))
IMPL_OBJECTS := $(foreach f,$(FORMATS),$(patsubst impls/%.c,$(OBJ)/impls/%.$(f).o,$(IMPLS)))

.PHONY: all deps ci-tools test sweep sweep-truth bits exhaustive mutants proofs neon check article bench report readme \
        bench-readme install clean vectors check-vectors check-leak check-positions dist maia2 \
        peers peer-programs pictures exercise check-exercises check-site \
        check-layout check-format check-clang
.DELETE_ON_ERROR:
# What the programs read at run time: figures, style, lesson, and what the report shows as it stands.
SHARE := $(patsubst reports/%,$(BUILD)/share/maskproof/%,$(wildcard reports/*.gp reports/*.css reports/peers.tsv \
             reports/lesson/*.md reports/chess/maia1/*.npy reports/chess/maia1/*.tsv)) $(IMPLS:%=$(BUILD)/share/maskproof/%) \
         $(patsubst proofs/README.md,$(BUILD)/share/maskproof/proofs.md,$(wildcard proofs/README.md))
all: $(PROGRAMS) $(SHARE)
$(BUILD)/share/maskproof/%: reports/%
	@mkdir -p $(@D); cp $< $@
$(BUILD)/share/maskproof/impls/%: impls/%
	@mkdir -p $(@D); cp $< $@
$(BUILD)/share/maskproof/proofs.md: proofs/README.md
	@mkdir -p $(@D); cp $< $@

# --- dependencies: installed when we are root, else named in one line ---
PACKAGES := gcc libc6-dev libmpfr-dev libgmp-dev libflint-dev libflint-arb-dev libcjson-dev libcriterion-dev \
            gnuplot-nox cmark-gfm highlight
CI_PACKAGES := clang clang-format python3 bc git
VECTORS_PACKAGES := python3
CHECK_VECTORS_PACKAGES := python3 python3-jsonschema python3-numpy nodejs
NEON_PACKAGES := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
SITE_PACKAGES := chromium python3 python3-websockets tidy fonts-dejavu-core
PROOF_PACKAGES := gcc coq libcoq-flocq libcoq-coquelicot libcoq-interval python3 frama-c-base why3 cvc5
PEER_PACKAGES := python3 python3-venv clang libdnnl-dev libxnnpack-dev libpthreadpool-dev
deps: $(BUILD)/deps
ci-tools: $(BUILD)/ci-tools
$(BUILD)/deps: WANTED = $(PACKAGES)
$(BUILD)/ci-tools: WANTED = $(CI_PACKAGES)
$(BUILD)/vectors-tools: WANTED = $(VECTORS_PACKAGES)
$(BUILD)/check-vectors-tools: WANTED = $(CHECK_VECTORS_PACKAGES)
$(BUILD)/neon-tools: WANTED = $(NEON_PACKAGES)
$(BUILD)/peer-tools: WANTED = $(PEER_PACKAGES)
$(BUILD)/site-tools: WANTED = $(SITE_PACKAGES)
$(BUILD)/proof-tools: WANTED = $(PROOF_PACKAGES)
$(BUILD)/deps $(BUILD)/ci-tools $(BUILD)/vectors-tools $(BUILD)/check-vectors-tools $(BUILD)/neon-tools \
    $(BUILD)/peer-tools $(BUILD)/site-tools $(BUILD)/proof-tools: Makefile
	@mkdir -p $(BUILD)
	@missing=""; if command -v dpkg-query >/dev/null; then for p in $(WANTED); do \
	   dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; fi; \
	if [ -n "$$missing" ] && [ "$$(id -u)" != 0 ]; then \
	   echo "missing packages; install them with:  apt-get install -y$$missing" >&2; exit 1; fi; \
	if [ -n "$$missing" ]; then echo "installing:$$missing" >&2; apt-get update -qq && \
	   DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >&2; fi
	@touch $@

# --- compiling ---
$(OBJ)/impls/%.f64.o:  FORMAT = f64
$(OBJ)/impls/%.f32.o:  FORMAT = f32
$(OBJ)/impls/%.bf16.o: FORMAT = bf16
$(OBJ)/impls/%.f16.o:  FORMAT = f16
define impl_rule
$(OBJ)/impls/%.$(1).o: impls/%.c | $(BUILD)/deps
	@mkdir -p $$(@D); echo "  CC $$< ($(1))"
	@$$(CC) $$(filter-out -Ioracle,$$(ALL_CFLAGS)) -DFORMAT=$(1) -c -o $$@ $$<
endef
$(foreach f,$(FORMATS),$(eval $(call impl_rule,$(f))))

# Kernels, each for its instruction set; fused.c asks the processor which it has.
KERNELS := $(call objects,$(sort $(wildcard impls/kernels/*.c)))
$(OBJ)/impls/%avx512.o: TARGET = -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mprfchw
$(OBJ)/impls/%avx2.o:   TARGET = -mavx2 -mfma -mprfchw
$(OBJ)/impls/kernels/%.o: impls/kernels/%.c | $(BUILD)/deps
	@mkdir -p $(@D); echo "  CC $<"
	@$(CC) $(filter-out -Ioracle,$(ALL_CFLAGS)) $(if $(filter x86_64%,$(shell $(CC) -dumpmachine)),$(TARGET)) -O3 -fopenmp -c -o $@ $<

$(OBJ)/bench/%.o: bench/%.c | $(BUILD)/deps $(BUILD)/gen/impls.inc
	@mkdir -p $(@D); echo "  CC $<"
	@$(CC) $(ALL_CFLAGS) -Iimpls -c -o $@ $<
$(OBJ)/reports/%.o: reports/%.c | $(BUILD)/deps
	@mkdir -p $(@D); echo "  CC $<"
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(OBJ)/%.o: %.c | $(BUILD)/deps $(BUILD)/gen/suites.inc
	@mkdir -p $(@D); echo "  CC $<"
	@$(CC) $(ALL_CFLAGS) -fopenmp -c -o $@ $<

# The loops of the fast engine, to be made vectors; nobody reads the flags that a comparison may raise.
$(OBJ)/oracle/fast_words.o $(OBJ)/oracle/truth_fast.o: ALL_CFLAGS += -O3 -fno-trapping-math

# Lists of what is there, rewritten only when they change.
define list_rule
$(BUILD)/gen/$(1).inc: FORCE
	@mkdir -p $$(@D); printf 'X(%s)\n' $(2) > $$@.new; \
	if cmp -s $$@.new $$@; then rm $$@.new; else mv $$@.new $$@; fi
endef
$(eval $(call list_rule,impls,$(RECORDS)))
$(eval $(call list_rule,suites,$(patsubst oracle/suites/%.c,%,$(SUITES))))
.PHONY: FORCE
$(OBJ)/bench/impls.o: $(BUILD)/gen/impls.inc
$(OBJ)/oracle/gen.o: $(BUILD)/gen/suites.inc

$(BUILD)/liboracle.a: $(call objects,$(ORACLE_PARTS))
	@rm -f $@
	@ar rcs $@ $^
$(BUILD)/libbench.a: $(call objects,$(BENCH_PARTS))
	@rm -f $@
	@ar rcs $@ $^
$(BUILD)/libreports.a: $(call objects,$(REPORTS_PARTS))
	@rm -f $@
	@ar rcs $@ $^

# --- linking: a program takes what it uses, so the judge has no oracle in it ---
LINK = @mkdir -p $(@D); echo "  LINK $(@F)"; $(CC) $(ALL_CFLAGS) -fopenmp -o $@ $(filter %.o,$^) $(filter %.a,$^) -Wl,--as-needed $(LIBS) -lm
$(BIN)/maskproof-gen: $(call objects,$(SUITES))
$(BIN)/maskproof-truth: LIBS = -lflint-arb -lflint -lmpfr -lgmp
$(BIN)/maskproof-case: LIBS = -lmpfr -lgmp
$(ORACLE_VERBS:%=$(BIN)/maskproof-%): $(BIN)/maskproof-%: $(OBJ)/oracle/%.o $(BUILD)/liboracle.a
	$(LINK)
$(BENCH_VERBS:%=$(BIN)/maskproof-%): LIBS = -lcjson -ldl -lmpfr -lgmp
$(BENCH_VERBS:%=$(BIN)/maskproof-%): $(BIN)/maskproof-%: $(OBJ)/bench/%.o $(BUILD)/libbench.a \
    $(IMPL_OBJECTS) $(KERNELS) $(BUILD)/liboracle.a
	$(LINK)
$(REPORTS_VERBS:%=$(BIN)/maskproof-%) $(BIN)/maskproof: LIBS = -lcjson
$(REPORTS_VERBS:%=$(BIN)/maskproof-%): $(BIN)/maskproof-%: $(OBJ)/reports/%.o $(BUILD)/libreports.a \
    $(BUILD)/liboracle.a
	$(LINK)
$(BIN)/maskproof: $(OBJ)/reports/maskproof.o $(BUILD)/liboracle.a
	$(LINK)


# --- what users run ---
check: $(PROGRAMS)
	$(BIN)/maskproof check $(IMPL) $(if $(SUITE),--suite $(SUITE)) $(if $(FORMAT),--format $(FORMAT))
article bench: all
	$(BIN)/maskproof $@ $(if $(filter bench,$@),$(IMPL))
report: all
	$(BIN)/maskproof report --out $(BUILD)/report $(if $(QUICK),--quick)
readme: all # the blocks between marks are what the commands print
	sed -n '/^```python/,/^```$$/p' README.md | sed '1d;$$d' > $(BUILD)/mine.py
	awk -f reports/readme.awk README.md > $(BUILD)/README.md && cp $(BUILD)/README.md README.md
	awk -f reports/readme.awk bench/README.md > $(BUILD)/README.md && cp $(BUILD)/README.md bench/README.md
# Timings never reproduce, so those in bench/README.md are stored; this measures them anew, some 15 minutes.
bench-readme: all $(BUILD)/sweep/truth
	@$(MAKE) --no-print-directory peer-programs PEERS="$(BENCH_PEERS)"
	BUILD=$(BUILD) bench/measure > $(BUILD)/measured.tsv && cp $(BUILD)/measured.tsv bench/measured.tsv
	awk -f reports/readme.awk bench/README.md > $(BUILD)/README.md && cp $(BUILD)/README.md bench/README.md
BENCH_PEERS ?= onednn xnnpack torch numpy jax
SITE ?= $(BUILD)/report
# The README's pictures, from the data of build/report (or SITE=DIRECTORY).
pictures: all
	@mkdir -p reports/pictures
	for p in leak reach growth proved; do $(BIN)/maskproof plot $$p --from $(SITE) --out reports/pictures/$$p.svg || exit 1; done
# A chapter's exercise: copied to build/exercise/N.c the first time, judged each time.  check-exercises: each template shows
# the bug that it says is planted, each solution solves it, and what each chapter has the reader run can be run.
exercise: all
	@BIN=$(BIN) WORK=$(BUILD)/exercise CC="$(CC)" reports/lesson/exercise.sh $(N)
check-exercises: all
	@for n in 1 2 3 4 5 6 7 8; do bug=$$(sed -n 's/.*Planted: \([A-Z]*\).*/\1/p' reports/lesson/exercise-$$n.c); \
	   for f in exercise solution; do BIN=$(BIN) WORK=$(BUILD)/exercise CC="$(CC)" reports/lesson/exercise.sh $$n \
	       reports/lesson/$$f-$$n.c > $(BUILD)/exercise.txt; echo "$$?" >> $(BUILD)/exercise.txt; \
	       if [ $$f = exercise ]; then grep -q "^  $$bug: " $(BUILD)/exercise.txt; else \
	           grep -q '^Solved' $(BUILD)/exercise.txt; fi || { cat $(BUILD)/exercise.txt; \
	           echo "exercise $$n: $$f does not do what it says" >&2; exit 1; }; done; \
	   awk '/^\*\*Experiment/ { on = 1 } /^\*\*Exercise/ { on = 0 } /^```/ { code = !code; next } on && code' \
	       reports/lesson/$$n.md | PATH="$(abspath $(BIN)):$$PATH" sh -e > $(BUILD)/exercise.txt 2>&1 && \
	       [ -s $(BUILD)/exercise.txt ] || { cat $(BUILD)/exercise.txt; echo "chapter $$n: its experiment fails" >&2; exit 1; }; \
	   echo "chapter $$n: its experiment runs, the template shows $$bug, the solution none"; done
# Every page of the report, as a browser shows it: build/report, or SITE=DIRECTORY.
check-site: $(BUILD)/site-tools
	/usr/bin/python3 -B proofs/site_in_browser.py $(SITE)
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/maskproof
	install $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	cd $(BUILD)/share/maskproof && for f in $(SHARE:$(BUILD)/share/maskproof/%=%); do \
	    install -D -m 644 $$f $(abspath $(DESTDIR)$(PREFIX))/share/maskproof/$$f || exit 1; done
clean:
	rm -rf $(BUILD)

# --- peers: other people's libraries, PyPI's in a virtual environment.  What cannot be had here is a peer less: its
# program in build/peers ends with 77.  PEERS="numpy torch" wants these alone, and installs no other. ---
PEERS ?= $(sort $(patsubst impls/peers/peer_%,%,$(basename $(wildcard impls/peers/peer_*))) onednn3)
PYTHON_PEERS := $(patsubst impls/peers/peer_%.py,$(BUILD)/peers/%,$(wildcard impls/peers/peer_*.py))
VENV := $(BUILD)/venv
INSTALLED = $(VENV)/installed.$(shell echo $(PEERS) | tr ' ' '+')
peers: all peer-programs
	$(BIN)/maskproof peers --programs $(BUILD)/peers --save $(BUILD)/peers.tsv --against reports/peers.tsv $(PEERS)
peer-programs: $(PEERS:%=$(BUILD)/peers/%)
$(INSTALLED): impls/peers/requirements.txt
	@$(MAKE) --no-print-directory $(BUILD)/peer-tools || echo "peers: going on without" >&2
	@mkdir -p $(VENV); [ -x $(VENV)/bin/python ] || python3 -m venv $(VENV) || \
	    echo "peers: no virtual environment, so no peers in Python" >&2
	@grep -v '^#' $< | while IFS='# ' read -r wanted users; do \
	    for p in $(PEERS); do case " $$users " in *" $$p "*) echo "  PIP $$wanted"; \
	        $(VENV)/bin/python -m pip install -q --no-input --disable-pip-version-check "$$wanted" </dev/null || \
	        echo "peers: not installed: $$wanted" >&2; break;; esac; done; done
	@touch $@
$(PEERS:%=$(BUILD)/peers/%): $(INSTALLED)
$(PYTHON_PEERS): $(BUILD)/peers/%: impls/peers/peer_%.py Makefile
	@mkdir -p $(@D); printf '#!/bin/sh\nls %s/lib/python3*/site-packages/numpy >/dev/null 2>&1 || exit 77\n' \
	    $(abspath $(VENV)) > $@
	@printf 'exec %s %s "$$@"\n' $(abspath $(VENV))/bin/python $(abspath $<) >> $@; chmod +x $@
# One in C is also a library, build/peers/NAME.so, that bench times in its own process.
C_PEERS := $(patsubst %,$(BUILD)/peers/%,xnnpack onednn onednn3)
C_PEER_LIBRARIES := $(C_PEERS:%=%.so)
peer-programs: $(filter $(PEERS:%=$(BUILD)/peers/%.so),$(C_PEER_LIBRARIES))
$(C_PEER_LIBRARIES): $(INSTALLED)
$(BUILD)/peers/xnnpack $(BUILD)/peers/xnnpack.so: PEER_HEADER = xnnpack.h
$(BUILD)/peers/xnnpack $(BUILD)/peers/xnnpack.so: PEER_FLAGS = -lXNNPACK -lpthreadpool \
    -DXNNPACK_VERSION='"$(shell dpkg-query -W -f '$${Version}' libxnnpack-dev 2>/dev/null | sed 's/.*git//; s/-.*//')"'
$(BUILD)/peers/onednn $(BUILD)/peers/onednn.so: PEER_HEADER = oneapi/dnnl/dnnl.h
$(BUILD)/peers/onednn $(BUILD)/peers/onednn.so: PEER_FLAGS = -ldnnl
$(BUILD)/peers/onednn3 $(BUILD)/peers/onednn3.so: PEER_HEADER = oneapi/dnnl/dnnl_ukernel.h
$(BUILD)/peers/onednn3 $(BUILD)/peers/onednn3.so: PEER_FLAGS = -isystem $(VENV)/include -L$(VENV)/lib -ldnnl \
    -Wl,--disable-new-dtags -Wl,-rpath,$(abspath $(VENV))/lib -Wl,-rpath-link,$(VENV)/lib \
    -DOPENCL_OF_SYCL='"$(abspath $(VENV))/lib/libintelocl.so"'
$(BUILD)/peers/xnnpack: impls/peers/peer_xnnpack.c
$(BUILD)/peers/onednn $(BUILD)/peers/onednn3: impls/peers/peer_onednn.c impls/peers/onednn.h
$(C_PEERS): impls/peers/line.c impls/peers/line.h
	@mkdir -p $(@D); if echo "#include <$(PEER_HEADER)>" | $(CC) -E $(PEER_FLAGS) - >/dev/null 2>&1; \
	 then echo "  CC $@"; $(CC) $(STRICT) $(CFLAGS) -o $@ $(filter %.c,$^) $(PEER_FLAGS); \
	 else printf '#!/bin/sh\nexit 77\n' > $@; chmod +x $@; fi
$(BUILD)/peers/xnnpack.so: impls/peers/lib_xnnpack.c
$(BUILD)/peers/onednn.so $(BUILD)/peers/onednn3.so: impls/peers/lib_onednn.c impls/peers/onednn.h
$(C_PEER_LIBRARIES): impls/peers/offer.h
	@mkdir -p $(@D); if echo "#include <$(PEER_HEADER)>" | $(CC) -E $(PEER_FLAGS) - >/dev/null 2>&1; \
	 then echo "  CC $@"; $(CC) $(STRICT) $(CFLAGS) -O3 -fPIC -shared -o $@ $(filter %.c,$^) $(PEER_FLAGS); fi

# --- tests: one Criterion program per file of proofs/tests ---
TEST_PROGRAMS := $(TESTS:proofs/tests/%.c=$(BUILD)/tests/%)
$(TEST_PROGRAMS): LIBS = -lcriterion -lcjson -lflint-arb -lflint -lmpfr -lgmp
$(OBJ)/proofs/tests/test_rounded.o: CFLAGS += -Iimpls
$(OBJ)/proofs/tests/test_proved.o: CFLAGS += -Ireports
$(BUILD)/tests/test_proved: $(OBJ)/reports/proved.o
$(BUILD)/tests/test_rounded: $(FORMATS:%=$(OBJ)/impls/correctly_rounded.%.o) $(KERNELS)
$(TEST_PROGRAMS): $(BUILD)/tests/%: $(OBJ)/proofs/tests/%.o $(BUILD)/liboracle.a
	$(LINK)
test: all $(TEST_PROGRAMS)
	@failed=0; for t in $(TEST_PROGRAMS); do MASKPROOF_BIN=$(abspath $(BIN)) $$t || failed=1; done; exit $$failed

# Every float through the kernels' exponentials, some 2 minutes for the three of an x86; PART=1000: one in a thousand.
KERNEL_SWEEP := $(addprefix proofs/sweep/,sweep.c fused.c rounded.c)
SWEEPS := $(patsubst %,$(BUILD)/sweep/%,$(if $(filter x86_64%,$(shell $(CC) -dumpmachine)),avx512 avx2,neon) portable)
$(BUILD)/sweep/avx512: TARGET = -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mprfchw
$(BUILD)/sweep/avx2:   TARGET = -mavx2 -mfma
$(SWEEPS): $(BUILD)/sweep/%: $(KERNEL_SWEEP) proofs/sweep/sweep.h $(KERNELS) # the kernel's own files are included
	@mkdir -p $(@D)
	@$(CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) $(TARGET) -O3 -fopenmp -Iimpls -Iproofs/sweep \
	    -DKERNEL_FILE='"kernels/$*.c"' -DROUNDED_FILE='"kernels/rounded_$(if $(filter neon,$*),portable,$*).c"' \
	    -o $@ $(KERNEL_SWEEP) $(filter-out %/$*.o %/rounded_$*.o,$(KERNELS)) -lmpfr -lgmp -lm
sweep: $(SWEEPS) $(BUILD)/sweep/libm
	@for s in $(SWEEPS); do echo "$${s##*/}:"; $$s $(PART) || [ $$? = 77 ] || exit 1; done
	$(BUILD)/sweep/libm $(PART)

# The fast engine: its exponentials, on all floats and a billion pairs, and its answers against those of MPFR and Arb.
# And correctly_rounded against it: BITS="2e9 180" asks for so many entries, or so many seconds.  Both minutes.
$(BUILD)/sweep/bits: $(OBJ)/impls/correctly_rounded.f32.o $(KERNELS)
$(OBJ)/proofs/sweep/truth.o $(OBJ)/proofs/sweep/bits.o $(OBJ)/proofs/sweep/libm.o: ALL_CFLAGS += -O3 -fno-trapping-math -Iimpls
$(BUILD)/sweep/truth $(BUILD)/sweep/bits: LIBS = -lflint-arb -lflint -lmpfr -lgmp
$(BUILD)/sweep/truth $(BUILD)/sweep/bits $(BUILD)/sweep/libm: $(BUILD)/sweep/%: $(OBJ)/proofs/sweep/%.o $(BUILD)/liboracle.a
	$(LINK)
sweep-truth: $(BUILD)/sweep/truth
	$< $(PART)
bits: $(BUILD)/sweep/bits
	$< $(BITS)

# Spaces searched whole, 12 minutes on 2 cores: all pairs of logits in bf16 and f16, all short rows over small alphabets
# with all masks; and faults planted in these searches, each of which they must report.  PART=61: one in 61.
EXHAUSTIVE := $(BUILD)/exhaustive/pairs $(BUILD)/exhaustive/toy
$(OBJ)/proofs/exhaustive/pairs.o $(OBJ)/proofs/exhaustive/toy.o: ALL_CFLAGS += -O3 -fno-trapping-math -Iimpls
$(BUILD)/exhaustive/pairs: $(OBJ)/proofs/exhaustive/steps.o \
    $(foreach i,correctly_rounded where safe,$(OBJ)/impls/$(i).bf16.o $(OBJ)/impls/$(i).f16.o)
$(BUILD)/exhaustive/toy: $(FORMATS:%=$(OBJ)/impls/correctly_rounded.%.o)
$(EXHAUSTIVE): LIBS = -lflint-arb -lflint -lmpfr -lgmp
$(EXHAUSTIVE): $(BUILD)/exhaustive/%: $(OBJ)/proofs/exhaustive/%.o $(KERNELS) $(BUILD)/liboracle.a
	$(LINK)
exhaustive: $(EXHAUSTIVE)
	@for f in word edge skip; do echo "pairs, planted: $$f"; $(BUILD)/exhaustive/pairs 8192 $$f >/dev/null; \
	    [ $$? = 1 ] || exit 1; done
	@for f in word leak frac mask; do echo "toy, planted: $$f"; $(BUILD)/exhaustive/toy 8192 $$f >/dev/null; \
	    [ $$? = 1 ] || exit 1; done
	$(BUILD)/exhaustive/pairs $(PART)
	$(BUILD)/exhaustive/toy $(PART)

# The kernels for ARM, built for it and run under emulation, without MPFR, which Debian has for one machine only: f64 has
# rows that need it.
NEON := $(BUILD)/neon
neon: $(PROGRAMS) $(BUILD)/neon-tools
	@$(MAKE) --no-print-directory BUILD=$(NEON) CC=aarch64-linux-gnu-gcc LIBS= $(NEON)/bin/maskproof-run \
	    ORACLE_PARTS='$(filter-out $(shell grep -lE '^.include [<"](mpfr|arb|gmp|truth|round)' oracle/*.c),$(ORACLE_PARTS))'
	$(BIN)/maskproof check --format f32,f16 --max-ulp 2.75 -- env MASKPROOF_KERNEL=neon \
	    qemu-aarch64-static -L /usr/aarch64-linux-gnu $(NEON)/bin/maskproof-run fused
	$(BIN)/maskproof check --format f32,bf16,f16 --max-ulp 0.5 -- \
	    qemu-aarch64-static -L /usr/aarch64-linux-gnu $(NEON)/bin/maskproof-run correctly_rounded

# --- golden vectors: oracle/vectors/README.md ---
VECTORS := oracle/vectors
vectors: $(PROGRAMS) $(BUILD)/vectors-tools # what is stored stays, what the suites have besides is appended
	oracle/grow_vectors.py --bin $(BIN) --scratch $(BUILD)/vectors $(VECTORS)
# Debian's own python3, for it has the packages that were installed.
check-vectors: $(PROGRAMS) $(BUILD)/check-vectors-tools dist
	/usr/bin/python3 -B proofs/vectors_valid.py
	/usr/bin/python3 -B proofs/vectors_promise.py
	BUILD=$(abspath $(BUILD)) CC=$(CC) proofs/readers.sh

# The numbers of the verb leak, against NumPy's; the loader of Maia2, on a stand-in.
check-leak: all $(BUILD)/check-vectors-tools
	/usr/bin/python3 -B proofs/leak_numpy.py
	/usr/bin/python3 -B proofs/maia2_loader.py >$(BUILD)/maia2_loader.txt; s=$$?; tail -n 1 $(BUILD)/maia2_loader.txt; exit $$s

# The article's experiment on Maia2 itself, where its weights are to be had: reports/maia2/README.md.
maia2: all
	@$(MAKE) --no-print-directory $(BUILD)/peer-tools
	@[ -x $(BUILD)/maia2-venv/bin/python ] || python3 -m venv $(BUILD)/maia2-venv
	$(BUILD)/maia2-venv/bin/python -m pip install -q --no-input --disable-pip-version-check maia2==0.11.0
	$(BUILD)/maia2-venv/bin/python -B reports/maia2/measure.py $(BUILD)/maia2

# The stored legal moves, against python-chess's; without it, or a network to get it by, nothing is compared.
check-positions:
	@$(MAKE) --no-print-directory $(BUILD)/peer-tools
	@[ -x $(VENV)/bin/python ] || python3 -m venv $(VENV)
	@$(VENV)/bin/python -c 'import chess, numpy' 2>/dev/null || $(VENV)/bin/python -m pip install -q --no-input \
	    --disable-pip-version-check chess==1.11.2 numpy || echo "check-positions: going on without" >&2
	@$(VENV)/bin/python -B reports/chess/positions.py --check || [ $$? = 77 ]

# Tarballs of the vectors, and of the sources where there is git.  Sorted, dated 1970, of nobody: the same bytes always.
VECTORS_VERSION = $(shell sed -n 's/^  "version": \([0-9]*\),$$/\1/p' $(VECTORS)/manifest.json)
VECTORS_TARBALL = $(BUILD)/maskproof-vectors-$(VECTORS_VERSION).tar.gz
dist:
	@mkdir -p $(BUILD); rm -f $(BUILD)/maskproof-*.tar.gz
	tar --create --directory $(VECTORS) --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar \
	    --mode=u=rwX,go=rX --transform='s,^\.,maskproof-vectors-$(VECTORS_VERSION),' . | gzip -n9 > $(VECTORS_TARBALL)
	if git rev-parse HEAD >/dev/null 2>&1; then git archive --prefix=maskproof-$(VERSION)/ HEAD | \
	    gzip -n9 > $(BUILD)/maskproof-$(VERSION).tar.gz; fi

# Do the tests notice a mistake?  A sample of about 10 minutes on 2 cores; MUTANTS=--help says what else there is.
MUTANTS ?= --count 500
mutants: | $(BUILD)/deps $(BUILD)/ci-tools
	python3 proofs/mutants.py $(MUTANTS)

# Theorems, contracts, and planted faults that must be rejected; PROOFS="rocq readme" does these alone.
proofs: | $(BUILD)/proof-tools
	BUILD=$(abspath $(BUILD)) proofs/prove.py $(PROOFS)

# --- checks of the source itself ---
SOURCES = $(shell git ls-files '*.c' '*.h' 2>/dev/null || find impls oracle proofs bench reports -name '*.[ch]')
check-layout: # the include paths of the rules above keep the rooms apart; what could go round them is refused here
	@! grep -nE '#include *"(\.\.|/|(impls|oracle|bench|reports|proofs)/)' $(SOURCES)
	@! grep -LE 'SPDX-License-Identifier: MIT' $(SOURCES) Makefile | grep .
	@! grep -nE '#include *"' impls/*.c | grep -vE '"(masked_softmax|kernels/(kernels|rounded)).h"'
	@! grep -lE '#include *<mpfr.h>' impls/*.c impls/kernels/*.[ch] | grep -v '^impls/kernels/last_resort.c$$'
	@! grep -nE '.{121}' $(SOURCES)
	@python3 proofs/mutants.py --list >/dev/null # its list of equivalents fits the source
	@echo "layout: the includes point one way"
check-format:
	clang-format --dry-run -Werror $(SOURCES)
check-clang: $(BUILD)/gen/impls.inc $(BUILD)/gen/suites.inc
	@for f in $(filter-out impls/kernels/% impls/peers/%,$(filter impls/%.c,$(SOURCES))); do for n in $(FORMATS); do \
	   clang $(STRICT) -DFORMAT=$$n -fsyntax-only $$f || exit 1; done; done
	@for f in $(filter impls/kernels/%.c,$(SOURCES)); do \
	   clang $(STRICT) -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -fopenmp -fsyntax-only $$f || exit 1; done
	@for f in $(filter oracle/%.c bench/%.c reports/%.c proofs/%.c,$(SOURCES)); do \
	   clang $(STRICT) -DMASKPROOF_VERSION='"$(VERSION)"' -Ioracle -Iimpls -Ireports -I$(BUILD)/gen -fsyntax-only $$f || exit 1; done
	@echo "clang: no warning"

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

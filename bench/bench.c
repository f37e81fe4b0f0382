/* bench - how long each implementation takes on batches of real shapes, against a masked copy of the same arrays.
   Correct before fast: rows of the very output are judged first, and a wrong one is refused, not timed.
   Ratios within a round are what to compare; nanoseconds belong to one machine on one day.
   SPDX-License-Identifier: MIT */
#include "entrants.h"
#include "results.h"
#include "verb.h"

#include <errno.h>
#include <omp.h>
#include <unistd.h>

enum { ROUNDS = 15, QUICK_ROUNDS = 3, QUICK_PART = 8 };

static struct {
    const struct format *format;
    struct entrants entrants;         /* none are named: all implementations */
    const char **peer, *programs;     /* to be started when all else is clear */
    struct shape shape[CURVE_POINTS]; /* those to time */
    size_t peers, shapes;
    size_t rounds, threads;
    double sigma, density; /* instead of the shape's own; negative: that */
    unsigned long seed;
    bool quick, list;
    const char *curve;
    enum { TABLE_OR_TSV, TSV, JSON } output;
} options = {.format = &formats[F32], .programs = "build/peers", .seed = 1, .threads = 1, .sigma = -1, .density = -1};

static struct {
    struct results results; /* of the shape that is timed */
    void *x, *p;
    unsigned char *mask;
    struct gate gate;
    void *shared; /* with the processes of peers: x, p, mask; NULL: there are none */
    struct candidate *candidates;
    double *ns, *scratch;
    bool broken_claim; /* one that claims to be right was refused */
} bench;

/* --- options --- */

static void choose_shapes(const char *names, struct argp_state *state)
{
    for (size_t length; length = strcspn(names, ","), true; names += length + 1) {
        bool all = length == 3 && strncmp(names, "all", length) == 0, found = all;
        for (int s = 0; s < SHAPES; s++) {
            bool named = strlen(shapes[s].name) == length && strncmp(names, shapes[s].name, length) == 0;
            found = found || named;
            if ((all || named) && options.shapes < CURVE_POINTS) options.shape[options.shapes++] = shapes[s];
        }
        if (!found) argp_error(state, "expected a shape (see --list), found '%.*s'", (int)length, names);
        if (names[length] == '\0') break;
    }
}

static void choose_impl(const char *name, struct argp_state *state)
{
    const struct impl_formats *impl = impl_named(name);
    if (impl == NULL || impl->format[F32]->op != SOFTMAX)
        argp_error(state, "expected an implementation of softmax (see maskproof run --list), found '%s'", name);
    add_impl(&options.entrants, impl);
}

static void choose_peers(char *names)
{
    size_t most = options.peers + strlen(names) + 1;
    options.peer = realloc(options.peer, most * sizeof *options.peer);
    if (options.peer == NULL) abort();
    for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) options.peer[options.peers++] = name;
}

/* A shape as it is timed. */
static void adjust(struct shape *shape)
{
    if (options.sigma >= 0) shape->sigma = options.sigma;
    if (options.density >= 0) shape->density = options.density;
    if (shape->threads == 0) shape->threads = options.threads;
    if (options.quick && shape->rows >= 2 * QUICK_PART) shape->rows /= QUICK_PART;
}

static void choose_the_rest(void)
{
    if (options.rounds == 0) options.rounds = options.quick ? QUICK_ROUNDS : ROUNDS;
    if (options.entrants.count == 0 && options.peers == 0)
        for (size_t i = 0; i < all_impls_count; i++)
            if (all_impls[i].format[F32]->op == SOFTMAX) add_impl(&options.entrants, &all_impls[i]);
    for (size_t s = 0, none = options.shapes == 0; s < SHAPES && none; s++)
        if (shapes[s].usual) options.shape[options.shapes++] = shapes[s];
    for (size_t s = 0; s < options.shapes; s++) adjust(&options.shape[s]);
}

static bool others_are_asked(void)
{
    bool asked = options.peers > 0;
    for (size_t i = 0; i < options.entrants.count; i++) asked = asked || options.entrants.list[i].impl == NULL;
    return asked;
}

static double number_within(struct argp_state *state, const char *name, const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= least && value <= most))
        argp_error(state, "expected %s of %g to %g, found '%s'", name, least, most, text);
    return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'f':
        options.format = format_named(arg);
        if (options.format == NULL) argp_error(state, "expected --format f64, f32, bf16 or f16, found '%s'", arg);
        break;
    case 's': choose_shapes(arg, state); break;
    case 'c':
        options.shapes = shapes_curve(arg, options.shape);
        if (options.shapes == 0) argp_error(state, "expected --curve n, density, rows or threads, found '%s'", arg);
        options.curve = arg;
        break;
    case 'S': options.sigma = number_within(state, "--sigma", arg, 0, 1e4); break;
    case 'd': options.density = number_within(state, "--density", arg, 0, 1); break;
    case 'r': options.rounds = verb_number(state, "--rounds", arg, 1, 100000); break;
    case 'n': options.threads = verb_number(state, "--threads", arg, 1, 1024); break;
    case 'e': options.seed = verb_number(state, "--seed", arg, 0, ~0ul); break;
    case 'o':
        if (!library_named(arg)) argp_error(state, "expected --so LIB:SYMBOL, found '%s'", arg);
        add_library(&options.entrants, arg);
        break;
    case 'p': choose_peers(arg); break;
    case 'P': options.programs = arg; break;
    case 'q': options.quick = true; break;
    case 'l': options.list = true; break;
    case 't': options.output = TSV; break;
    case 'j': options.output = JSON; break;
    case ARGP_KEY_ARG: choose_impl(arg, state); break;
    case ARGP_KEY_END:
        if (others_are_asked() && options.format != &formats[F32] && options.format != &formats[F64])
            argp_error(state, "expected --format f32 or f64 with --so or --peer: the arrays of others are of float");
        if (options.peers > 0 && options.curve != NULL && strcmp(options.curve, "threads") == 0)
            argp_error(state, "expected --curve threads without --peer: a peer is started once, on --threads");
        choose_the_rest();
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"format", 'f', "FORMAT", 0,
     "f32 (default), f64, bf16 or f16.  Arrays of bf16 and f16 are of float: the arithmetic is timed, rounding of "
     "intermediates included, the conversion of the arrays is not",
     0},
    {"shape", 's', "NAME,...", 0, "these shapes, or all (default: those marked * by --list)", 0},
    {"curve", 'c', "OF", 0, "instead: a curve over n (2^5 to 2^22), density, rows or threads, a line a point", 0},
    {"sigma", 'S', "S", 0, "deviation of the logits (default 3; with 30 many probabilities are subnormal)", 0},
    {"density", 'd', "D", 0, "share of valid entries, at random (default: the shape's own; 0: causal)", 0},
    {"rounds", 'r', "N", 0, "in each, all run once, in random order (default 15)", 0},
    {"threads", 'n', "N", 0,
     "of the implementations that share out the rows (fused, correctly_rounded); with 1, the default, the bench stays "
     "on "
     "one core",
     0},
    {"seed", 'e', "S", 0, "of logits, masks, judged rows and orders (default 1)", 0},
    {"so", 'o', "LIB:SYMBOL", 0,
     "also a function of a shared library, with the fixed C signature (maskproof run --help); more than once for more",
     0},
    {"peer", 'p', "PEER[.NAME],...", 0,
     "also other people's libraries, as make peer-programs builds them, all formulations or those named: C libraries "
     "in "
     "this process, others in their own on the same arrays.  Judged as maskproof peers does: digits lost are "
     "said, and only what is wrong in kind is refused",
     0},
    {"programs", 'P', "DIRECTORY", 0, "where the peers are (default build/peers)", 0},
    {"quick", 'q', 0, 0, "an eighth of the rows, 3 rounds: to see that it works, not how fast", 0},
    {"list", 'l', 0, 0, "the shapes: name, rows, n, what it is", 0},
    {"tsv", 't', 0, 0, "tab-separated lines even on a terminal", 0},
    {"json", 'j', 0, 0, "the same as JSON, with a description of the machine", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "[IMPL...]",
    .doc =
        "Time implementations (default: all; with --so or --peer none) against the floor, a masked copy p = mask ? x : "
        "0 of the same arrays.  Rows of every "
        "output are judged first; a wrong one is refused.  Passes are bytes moved over those of the floor, counted by "
        "page.  Prints a table on a terminal, else tab-separated lines.  "
        "Exit 0, also where a known-bad one is refused for a bug it is said to have, and where a peer is refused or "
        "not installed; 1: one was refused for another reason."
        "\vExamples:\n"
        "  maskproof bench\n"
        "  maskproof bench where gather --shape chess,vocab --rounds 41\n"
        "  maskproof bench fused --so ./libmine.so:my_softmax --shape all\n"
        "  maskproof bench fused --peer onednn,torch.masked_fill\n"
        "  maskproof bench fused safe --curve n --sigma 30 --tsv > curve.tsv\n"
        "  maskproof bench --format f16 --json > timings.json"};

/* --- measuring --- */

static void *new_array(size_t count, size_t size)
{
    void *array = aligned_alloc(64, (count * size + 64) / 64 * 64); /* whole cache lines: a vector never crosses two */
    if (array != NULL) return array;
    fprintf(stderr, "maskproof bench: out of memory for %zu entries\n", count);
    exit(2);
}

/* All memory, once, for the largest of the chosen shapes. */
static void allocate(void)
{
    size_t entries = 0, sample_entries = 0, sample_rows = 0, size = real_size(options.format);
    for (size_t s = 0; s < options.shapes; s++) {
        struct shape shape = options.shape[s];
        size_t sample = gate_rows(shape.rows, shape.n);
        if (entries < shape.rows * shape.n) entries = shape.rows * shape.n;
        if (sample_entries < sample * shape.n) sample_entries = sample * shape.n;
        if (sample_rows < sample) sample_rows = sample;
    }
    bench.x = new_array(entries, size);
    bench.p = new_array(entries, size);
    bench.mask = new_array(entries, sizeof *bench.mask);
    bench.scratch = new_array(options.rounds, sizeof *bench.scratch);
    gate_open(&bench.gate, sample_entries, sample_rows);
    if (options.peers > 0 && (bench.shared = peer_arrays(entries * (2 * size + 1))) == NULL) {
        perror("maskproof bench: arrays for peers");
        exit(2);
    }
}

/* The peers start on the core where all is timed. */
static void start_peers(void)
{
    if (options.threads == 1) pin();
    for (size_t i = 0; i < options.peers; i++)
        add_peer(&options.entrants, options.programs, options.peer[i], options.threads);
    if (options.threads == 1) unpin();
}

static void bench_open(void)
{
    allocate();
    start_peers();
    size_t count = options.entrants.count + 1;
    bench.results = (struct results){.format = options.format, .rounds = options.rounds, .count = count};
    bench.candidates = new_array(count, sizeof *bench.candidates);
    bench.results.timing = new_array(count, sizeof *bench.results.timing);
    bench.ns = new_array(count * options.rounds, sizeof *bench.ns);
}

static void bench_close(void)
{
    gate_close(&bench.gate);
    free_entrants(&options.entrants);
    free(bench.x);
    free(bench.p);
    free(bench.mask);
    free(bench.candidates);
    free(bench.results.timing);
    free(bench.ns);
    free(bench.scratch);
    free(options.peer);
}

/* A line on a terminal that the next one overwrites; an empty one wipes it. */
static void progress(const char *what)
{
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r\033[K%s%s%s", *what ? bench.results.shape.name : "", *what ? ": " : "", what);
}

static void progress_round(size_t round)
{
    char text[60];
    snprintf(text, sizeof text, "round %zu of %zu", round + 1, options.rounds);
    progress(text);
}

static struct judged refused(const char *why)
{
    struct judged j = {.max_ulp = NAN};
    snprintf(j.note, sizeof j.note, "%s", why);
    return j;
}

/* Judge what b->p holds, of a library or a peer.  A peer claims nothing, so it breaks no claim. */
static struct judged judge_other(const struct batch *batch, const struct entrant *e)
{
    struct judged j = {.pass = true, .as_claimed = true, .max_ulp = NAN, .note = "no mask, so not judged"};
    if (!e->unmasked) j = gate_peer(&bench.gate, batch, e->name);
    j.as_claimed = j.as_claimed || e->peer;
    size_t length = strlen(j.note);
    if (e->version[0] != '\0') snprintf(j.note + length, sizeof j.note - length, "; %s", e->version);
    return j;
}

/* First in a process of its own, on the sample; then in ours. */
static struct judged judge_library(const struct batch *batch, const struct entrant *e, struct way *way)
{
    struct judged j = gate_library(&bench.gate, e->library);
    *way = (struct way){.name = e->name};
    if (!j.pass) return j;
    way->library = library_load(e->library);
    if (way->library == NULL) return refused("it can no longer be loaded");
    if (run_way(way, batch) != 0) return refused("it returned an error on the whole batch");
    return judge_other(batch, e);
}

static struct judged judge_peer(const struct batch *batch, const struct entrant *e, struct way *way)
{
    char why[300];
    size_t bytes = batch->rows * batch->n * real_size(batch->format);
    *way = (struct way){.peer = e->process, .name = e->formulation};
    enum peer_answer answer = peer_run(e->process, e->formulation, why, sizeof why);
    if (answer == PEER_RAN) {
        memcpy(batch->p, (char *)bench.shared + bytes, bytes);
        return judge_other(batch, e);
    }
    struct judged j = refused(answer == PEER_SKIPS ? "not offered" : why);
    j.skipped = j.as_claimed = answer == PEER_SKIPS;
    return j;
}

/* Run one on the whole batch, have the output judged, and count what it moves. */
static void judge(const struct batch *batch, const struct entrant *e, struct candidate *c, struct timing *t)
{
    size_t bytes = batch->rows * batch->n * real_size(batch->format);
    struct way way = {.name = e->name};
    progress(e->name);
    memset(batch->p, 0xff, bytes); /* all NaN */
    *t = (struct timing){.impl = e->name, .moved = {NAN, NAN, NAN}, .missed = NAN};
    if (e->process != NULL) {
        t->judged = judge_peer(batch, e, &way);
    } else if (e->impl == NULL) {
        t->judged = judge_library(batch, e, &way);
    } else {
        const struct impl *impl = e->impl->format[batch->format - formats];
        way.call = impl->call;
        run_way(&way, batch);
        t->judged = gate_judge(&bench.gate, batch, impl);
    }
    *c = (struct candidate){.print = e->process == NULL ? fingerprint(batch) : 0};
    if (!t->judged.pass) return;
    c->way = way;
    if (way.peer != NULL) return;
    t->moved = count_moved(&way, batch);
    t->missed = count_missed(&way, batch);
}

/* The masked copy goes first, and is not judged. */
static void add_floor(const struct batch *batch, struct candidate *c, struct timing *t)
{
    *c = (struct candidate){.way = {.call = fastest_floor(batch)}};
    run_way(&c->way, batch);
    c->print = fingerprint(batch);
    *t = (struct timing){.impl = "floor",
                         .judged = {.pass = true, .as_claimed = true, .max_ulp = NAN, .note = "the masked copy"},
                         .moved = count_moved(&c->way, batch),
                         .missed = count_missed(&c->way, batch)};
}

static void load_peers(const struct batch *batch)
{
    size_t entries = batch->rows * batch->n, bytes = entries * real_size(batch->format);
    struct peer *peer;
    if (bench.shared == NULL) return;
    memcpy(bench.shared, batch->x, bytes);
    memcpy((char *)bench.shared + 2 * bytes, batch->mask, entries);
    for (size_t at = 0; (peer = next_process(&options.entrants, &at)) != NULL;)
        peer_load(peer, batch->format, batch->rows, batch->n); /* where it fails, so does what it is asked next */
}

static void judge_all(const struct batch *batch)
{
    progress("computing the answers");
    gate_sample(&bench.gate, batch, options.seed + 1);
    load_peers(batch);
    for (size_t i = 0; i < options.entrants.count; i++)
        judge(batch, &options.entrants.list[i], &bench.candidates[i + 1], &bench.results.timing[i + 1]);
    add_floor(batch, &bench.candidates[0], &bench.results.timing[0]);
    for (size_t k = 0; k < bench.results.count; k++) bench.candidates[k].ns = bench.ns + k * options.rounds;
}

static void summarize(struct timing *t, const struct candidate *c, double entries)
{
    size_t rounds = options.rounds;
    t->ns = t->ratio = t->gb_per_s = t->ratio_interval.low = t->ratio_interval.high = NAN;
    if (c->fault != NULL) t->judged = refused(c->fault);
    if (!t->judged.pass) return;
    memcpy(bench.scratch, c->ns, rounds * sizeof *c->ns);
    t->ns = quantile(bench.scratch, rounds, 0.5) / entries;
    t->gb_per_s = (2 * (double)real_size(options.format) + 1) / t->ns; /* logit and mask read, result written */
    for (size_t r = 0; r < rounds; r++) bench.scratch[r] = c->ns[r] / bench.candidates[0].ns[r];
    t->ratio = quantile(bench.scratch, rounds, 0.5);
    t->ratio_interval = median_interval(bench.scratch, rounds);
}

/* Every failure ends with the command that shows it again. */
static void hold_to_claim(const struct timing *t, const struct entrant *e)
{
    if (t->judged.as_claimed) return;
    const char *how = e->peer ? "--peer " : e->library[0] ? "--so " : "";
    bench.broken_claim = true;
    fprintf(
        stderr,
        "refused, which %s does not claim: %s; again: maskproof bench %s%s --%s %s --format %s --seed %lu --sigma %g"
        "%s\n",
        t->impl, t->judged.note, how, e->library[0] && !e->peer ? e->library : e->name,
        options.curve ? "curve" : "shape", options.curve ? options.curve : bench.results.shape.name,
        options.format->name, options.seed, bench.results.shape.sigma, options.quick ? " --quick" : "");
}

/* The floor does the same work in each round: where its time varies much, others were at work, too. */
static void warn_of_noise(void)
{
    double *ns = bench.scratch, spread;
    memcpy(ns, bench.candidates[0].ns, options.rounds * sizeof *ns);
    spread =
        (quantile(ns, options.rounds, 0.75) - quantile(ns, options.rounds, 0.25)) / quantile(ns, options.rounds, 0.5);
    bench.results.floor_spread = spread;
    if (spread > 0.25)
        fprintf(stderr,
                "maskproof bench: %s: half of the floor's times lie %.0f %% apart: believe the intervals only\n",
                bench.results.shape.name, 100 * spread);
}

static void time_shape(const struct shape *shape)
{
    bench.results.shape = *shape;
    omp_set_num_threads((int)shape->threads);
    size_t entries = bench.results.shape.rows * bench.results.shape.n;
    struct batch batch = {options.format, bench.results.shape.rows, bench.results.shape.n, bench.x, bench.mask,
                          bench.p,        bench.results.shape.calls};
    progress("making logits");
    bench.results.density =
        (double)shape_fill(&bench.results.shape, options.format, options.seed, bench.x, bench.mask) / (double)entries;
    judge_all(&batch);
    if (shape->threads == 1 && !pin())
        fprintf(stderr, "maskproof bench: cannot stay on one core: %s\n", strerror(errno));
    time_rounds(&batch, bench.candidates, bench.results.count, options.rounds, options.seed + 2, progress_round);
    if (shape->threads == 1) unpin(); /* the judge may use all cores */
    progress("");
    for (size_t k = 0; k < bench.results.count; k++) {
        summarize(&bench.results.timing[k], &bench.candidates[k], (double)entries);
        if (k > 0) hold_to_claim(&bench.results.timing[k], &options.entrants.list[k - 1]);
    }
    warn_of_noise();
}

static void list_shapes(void)
{
    puts("# shape\trows\tn\tusual\tabout");
    for (size_t s = 0; s < SHAPES; s++)
        printf("%s\t%zu\t%zu\t%s\t%s\n", shapes[s].name, shapes[s].rows, shapes[s].n, shapes[s].usual ? "*" : "-",
               shapes[s].about);
}

int main(int argc, char **argv)
{
    verb_parse(&argp, argc, argv);
    if (options.list) {
        list_shapes();
        free_entrants(&options.entrants);
        free(options.peer);
        finish(0);
    }
    bool tsv = options.output == TSV || (options.output == TABLE_OR_TSV && !isatty(STDOUT_FILENO));
    cJSON *document = new_document(options.rounds, options.seed);
    bench_open();
    for (size_t i = 0; i < options.entrants.count; i++)
        if (options.entrants.list[i].peer)
            add_version(document, options.entrants.list[i].name, options.entrants.list[i].version);
    if (tsv) print_tsv_head();
    for (size_t s = 0; s < options.shapes; s++) {
        time_shape(&options.shape[s]);
        if (options.output == JSON)
            add_timings(document, &bench.results);
        else if (tsv)
            print_tsv(&bench.results);
        else
            print_table(&bench.results);
        fflush(stdout);
    }
    char *text = cJSON_Print(document);
    if (text == NULL) abort();
    if (options.output == JSON) puts(text);
    free(text);
    cJSON_Delete(document);
    bench_close();
    finish(bench.broken_claim ? 1 : 0);
}

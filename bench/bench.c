/* bench - how long each implementation takes on batches of real shapes, against a masked copy of the same arrays.
   Correct before fast: rows of the very output are judged first, and a wrong one is refused, not timed.
   Ratios within a round are what to compare; nanoseconds belong to one machine on one day.
   SPDX-License-Identifier: MIT */
#include "gate.h"
#include "shapes.h"
#include "verb.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <omp.h>
#include <unistd.h>

enum { ROUNDS = 15, QUICK_ROUNDS = 3, QUICK_PART = 8 };

static struct {
    const struct format *format;
    bool *impl; /* which of all_impls */
    bool shape[SHAPES];
    size_t impls, shapes; /* how many are chosen; 0: all */
    size_t rounds, threads;
    double sigma, density; /* instead of the shape's own; negative: that */
    unsigned long seed;
    bool quick, list;
    enum { TABLE_OR_TSV, TSV, JSON } output;
} options = {.format = &formats[F32], .seed = 1, .threads = 1, .sigma = -1, .density = -1};

/* One line of the output.  The floor is the first of a shape; it is not judged. */
struct timing {
    const char *impl;
    struct judged judged;
    double ns, ratio, gb_per_s;     /* medians over the rounds; NaN: not timed */
    struct interval ratio_interval; /* of the median ratio, 95 % */
};

static struct {
    struct shape shape;
    double density; /* of the valid entries, counted */
    void *x, *p;
    unsigned char *mask;
    struct gate gate;
    size_t count; /* of the next two: the floor and the chosen implementations */
    struct candidate *candidates;
    struct timing *timings;
    double *ns, *scratch;
    bool broken_claim; /* one that claims to be right was refused */
} bench;

/* --- options --- */

static void choose_shapes(const char *names, struct argp_state *state)
{
    for (size_t length; length = strcspn(names, ","), true; names += length + 1) {
        int s = 0;
        if (strcmp(names, "all") == 0) {
            for (options.shapes = 0; options.shapes < SHAPES; options.shapes++) options.shape[options.shapes] = true;
            break;
        }
        while (s < SHAPES && (strncmp(names, shapes[s].name, length) != 0 || shapes[s].name[length] != '\0')) s++;
        if (s == SHAPES) argp_error(state, "expected a shape (see --list), found '%.*s'", (int)length, names);
        options.shapes += !options.shape[s];
        options.shape[s] = true;
        if (names[length] == '\0') break;
    }
}

static void choose_impl(const char *name, struct argp_state *state)
{
    const struct impl_formats *impl = impl_named(name);
    if (impl == NULL || impl->format[F32]->op != SOFTMAX)
        argp_error(state, "expected an implementation of softmax (see maskproof run --list), found '%s'", name);
    options.impls += !options.impl[impl - all_impls];
    options.impl[impl - all_impls] = true;
}

static void choose_the_rest(void)
{
    if (options.rounds == 0) options.rounds = options.quick ? QUICK_ROUNDS : ROUNDS;
    bool all = options.impls == 0;
    for (size_t i = 0; all && i < all_impls_count; i++) {
        options.impl[i] = all_impls[i].format[F32]->op == SOFTMAX;
        options.impls += options.impl[i];
    }
    for (size_t s = 0; s < SHAPES && options.shapes == 0; s++) options.shape[s] = shapes[s].usual;
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
    case 'S': options.sigma = number_within(state, "--sigma", arg, 0, 1e4); break;
    case 'd': options.density = number_within(state, "--density", arg, 0, 1); break;
    case 'r': options.rounds = verb_number(state, "--rounds", arg, 1, 100000); break;
    case 'n': options.threads = verb_number(state, "--threads", arg, 1, 1024); break;
    case 'e': options.seed = verb_number(state, "--seed", arg, 0, ~0ul); break;
    case 'q': options.quick = true; break;
    case 'l': options.list = true; break;
    case 't': options.output = TSV; break;
    case 'j': options.output = JSON; break;
    case ARGP_KEY_ARG: choose_impl(arg, state); break;
    case ARGP_KEY_END: choose_the_rest(); break;
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
    {"sigma", 'S', "S", 0, "deviation of the logits (default 3; with 30 many probabilities are subnormal)", 0},
    {"density", 'd', "D", 0, "share of valid entries, at random (default: the shape's own; 0: causal)", 0},
    {"rounds", 'r', "N", 0, "in each, all run once, in random order (default 15)", 0},
    {"threads", 'n', "N", 0,
     "of the implementations that share out the rows (fused, correctly_rounded); with 1, the default, the bench stays "
     "on "
     "one core",
     0},
    {"seed", 'e', "S", 0, "of logits, masks, judged rows and orders (default 1)", 0},
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
    .doc = "Time implementations against the floor, a masked copy p = mask ? x : 0 of the same arrays.  Rows of every "
           "output are judged first; a wrong one is refused.  Prints a table on a terminal, else tab-separated lines. "
           "Exit 0, also where a known-bad one is refused for a bug it is said to have; 1: one was refused for another "
           "reason."
           "\vExamples:\n"
           "  maskproof bench\n"
           "  maskproof bench where gather --shape chess,vocab --rounds 41\n"
           "  maskproof bench --format f16 --json > timings.json"};

/* --- measuring --- */

static void *new_array(size_t count, size_t size)
{
    void *array = aligned_alloc(64, (count * size + 64) / 64 * 64); /* whole cache lines: a vector never crosses two */
    if (array != NULL) return array;
    fprintf(stderr, "maskproof bench: out of memory for %zu entries\n", count);
    exit(2);
}

static struct shape shape_to_time(size_t s)
{
    struct shape shape = shapes[s];
    if (options.sigma >= 0) shape.sigma = options.sigma;
    if (options.density >= 0) shape.density = options.density;
    if (options.quick && shape.rows >= 2 * QUICK_PART) shape.rows /= QUICK_PART;
    return shape;
}

/* All memory, once, for the largest of the chosen shapes. */
static void bench_open(void)
{
    size_t entries = 0, sample_entries = 0, sample_rows = 0, size = real_size(options.format);
    for (size_t s = 0; s < SHAPES; s++) {
        struct shape shape = shape_to_time(s);
        size_t sample = gate_rows(shape.rows, shape.n);
        if (!options.shape[s]) continue;
        if (entries < shape.rows * shape.n) entries = shape.rows * shape.n;
        if (sample_entries < sample * shape.n) sample_entries = sample * shape.n;
        if (sample_rows < sample) sample_rows = sample;
    }
    bench.count = options.impls + 1;
    bench.x = new_array(entries, size);
    bench.p = new_array(entries, size);
    bench.mask = new_array(entries, sizeof *bench.mask);
    bench.candidates = new_array(bench.count, sizeof *bench.candidates);
    bench.timings = new_array(bench.count, sizeof *bench.timings);
    bench.ns = new_array(bench.count * options.rounds, sizeof *bench.ns);
    bench.scratch = new_array(options.rounds, sizeof *bench.scratch);
    gate_open(&bench.gate, sample_entries, sample_rows);
}

static void bench_close(void)
{
    gate_close(&bench.gate);
    free(bench.x);
    free(bench.p);
    free(bench.mask);
    free(bench.candidates);
    free(bench.timings);
    free(bench.ns);
    free(bench.scratch);
    free(options.impl);
}

/* A line on a terminal that the next one overwrites; an empty one wipes it. */
static void progress(const char *what)
{
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r\033[K%s%s%s", *what ? bench.shape.name : "", *what ? ": " : "", what);
}

static void progress_round(size_t round)
{
    char text[60];
    snprintf(text, sizeof text, "round %zu of %zu", round + 1, options.rounds);
    progress(text);
}

/* Run an implementation on the whole batch and have the output judged. */
static void judge(const struct batch *batch, const struct impl *impl, struct candidate *c, struct timing *t)
{
    progress(impl->name);
    memset(bench.p, 0xff, batch->rows * batch->n * real_size(batch->format)); /* all NaN */
    impl->call(batch->rows, batch->n, batch->x, batch->mask, batch->p);
    *t = (struct timing){.impl = impl->name, .judged = gate_judge(&bench.gate, batch, impl)};
    *c = (struct candidate){.call = t->judged.pass ? impl->call : NULL, .print = fingerprint(batch)};
}

static void judge_all(const struct batch *batch)
{
    size_t k = 1;
    progress("computing the answers");
    gate_sample(&bench.gate, batch, options.seed + 1);
    for (size_t i = 0; i < all_impls_count; i++) {
        if (!options.impl[i]) continue;
        judge(batch, all_impls[i].format[batch->format - formats], &bench.candidates[k], &bench.timings[k]);
        k++;
    }
    bench.candidates[0].call = fastest_floor(batch);
    bench.candidates[0].changed = false;
    bench.candidates[0].call(batch->rows, batch->n, batch->x, batch->mask, batch->p);
    bench.candidates[0].print = fingerprint(batch);
    bench.timings[0] = (struct timing){
        .impl = "floor", .judged = {.pass = true, .as_claimed = true, .max_ulp = NAN, .note = "the masked copy"}};
    for (k = 0; k < bench.count; k++) bench.candidates[k].ns = bench.ns + k * options.rounds;
}

static void summarize(struct timing *t, const struct candidate *c, double entries)
{
    size_t rounds = options.rounds;
    t->ns = t->ratio = t->gb_per_s = t->ratio_interval.low = t->ratio_interval.high = NAN;
    if (c->changed) {
        t->judged.pass = t->judged.as_claimed = false;
        snprintf(t->judged.note, sizeof t->judged.note, "its output changed while it was timed");
    }
    if (!t->judged.pass) return;
    memcpy(bench.scratch, c->ns, rounds * sizeof *c->ns);
    t->ns = quantile(bench.scratch, rounds, 0.5) / entries;
    t->gb_per_s = (2 * (double)real_size(options.format) + 1) / t->ns; /* logit and mask read, result written */
    for (size_t r = 0; r < rounds; r++) bench.scratch[r] = c->ns[r] / bench.candidates[0].ns[r];
    t->ratio = quantile(bench.scratch, rounds, 0.5);
    t->ratio_interval = median_interval(bench.scratch, rounds);
}

/* Every failure ends with the command that shows it again. */
static void hold_to_claim(const struct timing *t)
{
    if (t->judged.as_claimed) return;
    bench.broken_claim = true;
    fprintf(stderr,
            "refused, which %s does not claim: %s; again: maskproof bench %s --shape %s --format %s --seed %lu%s\n",
            t->impl, t->judged.note, t->impl, bench.shape.name, options.format->name, options.seed,
            options.quick ? " --quick" : "");
}

/* The floor does the same work in each round: where its time varies much, others were at work, too. */
static void warn_of_noise(void)
{
    double *ns = bench.scratch, spread;
    memcpy(ns, bench.candidates[0].ns, options.rounds * sizeof *ns);
    spread =
        (quantile(ns, options.rounds, 0.75) - quantile(ns, options.rounds, 0.25)) / quantile(ns, options.rounds, 0.5);
    if (spread > 0.25)
        fprintf(stderr,
                "maskproof bench: %s: half of the floor's times lie %.0f %% apart: believe the intervals only\n",
                bench.shape.name, 100 * spread);
}

static void time_shape(size_t s)
{
    bench.shape = shape_to_time(s);
    size_t entries = bench.shape.rows * bench.shape.n;
    struct batch batch = {options.format, bench.shape.rows, bench.shape.n,    bench.x,
                          bench.mask,     bench.p,          bench.shape.calls};
    progress("making logits");
    bench.density =
        (double)shape_fill(&bench.shape, options.format, options.seed, bench.x, bench.mask) / (double)entries;
    judge_all(&batch);
    if (options.threads == 1 && !pin())
        fprintf(stderr, "maskproof bench: cannot stay on one core: %s\n", strerror(errno));
    time_rounds(&batch, bench.candidates, bench.count, options.rounds, options.seed + 2, progress_round);
    if (options.threads == 1) unpin(); /* the judge may use all cores */
    progress("");
    for (size_t k = 0; k < bench.count; k++) {
        summarize(&bench.timings[k], &bench.candidates[k], (double)entries);
        hold_to_claim(&bench.timings[k]);
    }
    warn_of_noise();
}

/* --- output --- */

static const char *status_of(const struct timing *t) { return t->judged.pass ? "timed" : "refused"; }

/* A number, "-" where none was measured; 4 digits are more than a timing has. */
static const char *spell(char *text, size_t size, double value)
{
    snprintf(text, size, isnan(value) ? "-" : "%.4g", value);
    return text;
}

static void print_tsv(void)
{
    const struct shape *shape = &bench.shape;
    for (size_t k = 0; k < bench.count; k++) {
        const struct timing *t = &bench.timings[k];
        const double number[] = {t->ns,       t->ratio,         t->ratio_interval.low, t->ratio_interval.high,
                                 t->gb_per_s, t->judged.max_ulp};
        char text[40];
        printf("%s\t%zu\t%zu\t%.4g\t%s\t%s\t%s\t", shape->name, shape->rows, shape->n, bench.density,
               options.format->name, t->impl, status_of(t));
        for (size_t i = 0; i < sizeof number / sizeof *number; i++) printf("%s\t", spell(text, sizeof text, number[i]));
        printf("%s\n", t->judged.note);
    }
}

static int fastest_first(const void *a, const void *b)
{
    double x = ((const struct timing *)a)->ratio, y = ((const struct timing *)b)->ratio;
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

static void print_table(void)
{
    const struct shape *shape = &bench.shape;
    qsort(bench.timings, bench.count, sizeof *bench.timings, fastest_first);
    printf("\n%s %zux%zu, %.3g %% valid, %s, %zu rounds\n", shape->name, shape->rows, shape->n, 100 * bench.density,
           options.format->name, options.rounds);
    printf("%-20s %9s %9s %17s %8s %9s\n", "implementation", "ns/entry", "x floor", "(95 % sure)", "GB/s", "max ulp");
    for (size_t k = 0; k < bench.count; k++) {
        const struct timing *t = &bench.timings[k];
        char ulp[40];
        spell(ulp, sizeof ulp, t->judged.max_ulp);
        if (t->judged.pass)
            printf("%-20s %9.3f %9.2f %8.2f-%-8.2f %8.2f %9s  %s\n", t->impl, t->ns, t->ratio, t->ratio_interval.low,
                   t->ratio_interval.high, t->gb_per_s, ulp, t->judged.note);
        else
            printf("%-20s refused: %s\n", t->impl, t->judged.note);
    }
}

static void add_number(cJSON *object, const char *key, double value)
{
    char text[40];
    if (isfinite(value))
        cJSON_AddRawToObject(object, key, spell(text, sizeof text, value));
    else
        cJSON_AddNullToObject(object, key);
}

static void add_timings(cJSON *list)
{
    for (size_t k = 0; k < bench.count; k++) {
        const struct timing *t = &bench.timings[k];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "shape", bench.shape.name);
        cJSON_AddNumberToObject(object, "rows", (double)bench.shape.rows);
        cJSON_AddNumberToObject(object, "n", (double)bench.shape.n);
        add_number(object, "density", bench.density);
        cJSON_AddStringToObject(object, "format", options.format->name);
        cJSON_AddStringToObject(object, "impl", t->impl);
        cJSON_AddStringToObject(object, "status", status_of(t));
        add_number(object, "ns_per_element", t->ns);
        add_number(object, "ratio", t->ratio);
        add_number(object, "ratio_low", t->ratio_interval.low);
        add_number(object, "ratio_high", t->ratio_interval.high);
        add_number(object, "gb_per_s", t->gb_per_s);
        add_number(object, "max_ulp", t->judged.max_ulp);
        cJSON_AddStringToObject(object, "note", t->judged.note);
        cJSON_AddItemToArray(list, object);
    }
}

/* "model name" of /proc/cpuinfo, which not every architecture has. */
static void cpu_model(char *model, size_t size)
{
    char text[300];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(model, size, "unknown");
    while (file != NULL && fgets(text, sizeof text, file) != NULL) {
        char *colon = strchr(text, ':');
        if (strncmp(text, "model name", 10) != 0 || colon == NULL) continue;
        colon[1 + strcspn(colon + 1, "\n")] = '\0';
        snprintf(model, size, "%s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    if (file != NULL) fclose(file);
}

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* The date is left out, so that two runs can be compared as text. */
static cJSON *new_document(void)
{
    char model[200], seed[40];
    cJSON *document = cJSON_CreateObject(), *machine;
    cpu_model(model, sizeof model);
    snprintf(seed, sizeof seed, "%lu", options.seed); /* a double would round it */
    cJSON_AddStringToObject(document, "maskproof", MASKPROOF_VERSION);
    machine = cJSON_AddObjectToObject(document, "machine");
    cJSON_AddStringToObject(machine, "cpu", model);
    cJSON_AddNumberToObject(machine, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    cJSON_AddStringToObject(machine, "compiler", COMPILER);
    cJSON_AddNumberToObject(document, "rounds", (double)options.rounds);
    cJSON_AddRawToObject(document, "seed", seed);
    return document;
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
    options.impl = calloc(all_impls_count, sizeof *options.impl);
    if (options.impl == NULL) abort();
    verb_parse(&argp, argc, argv);
    omp_set_num_threads((int)options.threads);
    if (options.list) {
        list_shapes();
        free(options.impl);
        finish(0);
    }
    bool tsv = options.output == TSV || (options.output == TABLE_OR_TSV && !isatty(STDOUT_FILENO));
    cJSON *document = new_document(), *timings = cJSON_AddArrayToObject(document, "timings");
    bench_open();
    if (tsv)
        puts("# "
             "shape\trows\tn\tdensity\tformat\timpl\tstatus\tns_per_element\tratio\tratio_low\tratio_high\tgb_per_s\t"
             "max_ulp\tnote");
    for (size_t s = 0; s < SHAPES; s++) {
        if (!options.shape[s]) continue;
        time_shape(s);
        if (options.output == JSON)
            add_timings(timings);
        else if (tsv)
            print_tsv();
        else
            print_table();
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

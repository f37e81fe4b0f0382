/* gen - suite, format and seed in, case lines out.  Never sees an implementation nor an answer.
   SPDX-License-Identifier: MIT */
#include "line.h"
#include "random.h"
#include "suite.h"
#include "verb.h"

#include <stdlib.h>
#include <string.h>

#define X(name) extern const struct suite suite_##name;
#include "suites.inc"
#undef X
#define X(name) &suite_##name,
static const struct suite *const suites[] = {
#include "suites.inc"
};
#undef X
enum { SUITES = sizeof suites / sizeof *suites };

struct gen {
    const struct format *format;
    int op;
    uint64_t seed, state;
    size_t count, rows, cols, cases;
    const char *id;
    FILE *out;
    struct line line;
    double *logits;
    unsigned char *mask;
    uint64_t *seen; /* open addressing: hashes of the cases printed so far, 0 free */
    size_t seen_size;
};

const struct format *gen_format(const struct gen *g) { return g->format; }
double gen_max(const struct gen *g) { return word_value(g->format, word_max(g->format)); }
double gen_min(const struct gen *g) { return word_value(g->format, 1); }
double gen_min_normal(const struct gen *g) { return word_value(g->format, 1ull << (g->format->precision - 1)); }
static const double ln2 = 0x1.62e42fefa39efp-1;
double gen_overflow(const struct gen *g) { return ln2 * (g->format->emax + 1); }
double gen_subnormal(const struct gen *g) { return ln2 * g->format->emin; }
double gen_underflow(const struct gen *g) { return ln2 * (format_grid(g->format) - 1); }
size_t gen_count(const struct gen *g, size_t suggested) { return g->count ? g->count : suggested; }
size_t gen_rows(const struct gen *g, size_t suggested) { return g->rows ? g->rows : suggested; }
size_t gen_cols(const struct gen *g, size_t suggested) { return g->cols ? g->cols : suggested; }

static void *grow(void *old, size_t count, size_t size)
{
    void *new = realloc(old, count * size + 1);
    if (new == NULL) {
        fprintf(stderr, "maskproof gen: out of memory for %zu entries\n", count);
        exit(2);
    }
    return new;
}

double *gen_logits(struct gen *g, size_t entries) { return g->logits = grow(g->logits, entries, sizeof(double)); }
unsigned char *gen_mask(struct gen *g, size_t entries) { return g->mask = grow(g->mask, entries, 1); }

double gen_uniform(struct gen *g) { return random_uniform(&g->state); }
size_t gen_below(struct gen *g, size_t below) { return random_below(&g->state, below); }
double gen_normal(struct gen *g) { return random_normal(&g->state); }

void gen_fill(struct gen *g, size_t rows, size_t n, double density, double sigma, unsigned char *mask, double *x)
{
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = r * n; i < (r + 1) * n; i++) {
            x[i] = sigma * gen_normal(g);
            mask[i] = gen_uniform(g) < density;
        }
        mask[r * n + gen_below(g, n)] = 1;
    }
}

/* True the first time a hash is seen. */
static bool remember(struct gen *g, uint64_t hash)
{
    if (2 * g->cases >= g->seen_size) {
        size_t old_size = g->seen_size;
        uint64_t *old = g->seen;
        g->seen_size = old_size ? 2 * old_size : 1024;
        g->seen = calloc(g->seen_size, sizeof *g->seen);
        if (g->seen == NULL) abort();
        for (size_t i = 0; i < old_size; i++) {
            size_t at = old[i] % g->seen_size;
            while (old[i] && g->seen[at]) at = (at + 1) % g->seen_size;
            if (old[i]) g->seen[at] = old[i];
        }
        free(old);
    }
    size_t at = hash % g->seen_size;
    for (; g->seen[at] != 0; at = (at + 1) % g->seen_size)
        if (g->seen[at] == hash) return false;
    g->seen[at] = hash;
    return true;
}

/* Upstream gradients of a case that gives none: about normal, drawn from the case itself, so that they depend neither
   on the order of the cases nor on what else was drawn.  What lies under the mask must change nothing: in one case of
   four it is NaN, an infinity or the format's maximum. */
static void draw_gradient(struct line *line)
{
    const struct format *f = line->format;
    const uint64_t sign = word_sign_bit(f),
                   junk[] = {word_quiet_nan(f), word_inf(f), word_inf(f) | sign, word_max(f), word_max(f) | sign};
    enum { JUNK = sizeof junk / sizeof *junk };
    line->op = SOFTMAX;
    uint64_t state = line_hash(line);
    line->op = VJP;
    bool junk_masked = random_below(&state, 4) == 0;
    for (size_t i = 0; i < line->rows * line->n; i++) {
        line->dy[i] = word_nearest(f, random_normal(&state));
        size_t pick = junk_masked && !line->mask[i] ? random_below(&state, JUNK + 1) : JUNK;
        if (pick < JUNK) line->dy[i] = junk[pick];
    }
}

/* One case; dy NULL: drawn, if the operation asks for it. */
static void emit(struct gen *g, const char *slug, size_t rows, size_t n, const unsigned char *mask, const double *x,
                 const double *dy)
{
    struct line *line = &g->line;
    size_t entries = rows * n;
    char id[120];
    line->words = grow(line->words, 2 * entries, sizeof *line->words);
    line->x = line->words;
    line->dy = g->op == VJP ? line->words + entries : NULL;
    line->op = g->op;
    line->format = g->format;
    line->rows = rows;
    line->n = n;
    line->mask = (unsigned char *)(uintptr_t)mask;
    for (size_t i = 0; i < entries; i++) line->x[i] = word_nearest(g->format, x[i]);
    if (line->dy != NULL && dy != NULL)
        for (size_t i = 0; i < entries; i++) line->dy[i] = word_nearest(g->format, dy[i]);
    else if (line->dy != NULL)
        draw_gradient(line);
    uint64_t hash = line_hash(line);
    snprintf(id, sizeof id, "%s-%016llx", slug, (unsigned long long)hash);
    if (!remember(g, hash) || (g->id != NULL && strcmp(g->id, id) != 0)) return;
    line->id = id;
    line_write_case(g->out, line);
    putc('\n', g->out);
    g->cases++;
}

void gen_arrays(struct gen *g, const char *slug, size_t rows, size_t n, const unsigned char *mask, const double *x)
{
    emit(g, slug, rows, n, mask, x, NULL);
}

void gen_gradient_arrays(struct gen *g, const char *slug, size_t rows, size_t n, const unsigned char *mask,
                         const double *x, const double *dy)
{
    emit(g, slug, rows, n, mask, x, dy);
}

/* A mask as text; `with_dy`: all of dy follows all of x, as in a line. */
static void emit_spelled(struct gen *g, const char *slug, const char *mask, const double *x, bool with_dy)
{
    size_t n = strcspn(mask, "/"), rows = 1, entries = 0;
    unsigned char *m = grow(NULL, strlen(mask), 1);
    for (const char *c = mask; *c != '\0'; c++) {
        if (*c == '/')
            rows++;
        else
            m[entries++] = *c == '1';
    }
    emit(g, slug, rows, n, m, x, with_dy ? x + entries : NULL);
    free(m);
}

void gen_values(struct gen *g, const char *slug, const char *mask, const double *x)
{
    emit_spelled(g, slug, mask, x, false);
}

void gen_gradient(struct gen *g, const char *slug, const char *mask, const double *x_dy)
{
    emit_spelled(g, slug, mask, x_dy, true);
}

/* --- the verb --- */

static struct gen g = {.seed = 1};
static const struct suite *suite;
static bool list;

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 's': g.seed = verb_number(state, "--seed", arg, 0, ~0ul); break;
    case 'c': g.count = verb_number(state, "--count", arg, 1, 1ul << 32); break;
    case 'r': g.rows = verb_number(state, "--rows", arg, 1, LINE_MAX_N); break;
    case 'n': g.cols = verb_number(state, "--cols", arg, 1, LINE_MAX_N); break;
    case 'i': g.id = arg; break;
    case 'l': list = true; break;
    case 'o':
        for (g.op = 0; g.op < OPS; g.op++)
            if (strcmp(arg, op_names[g.op]) == 0) break;
        if (g.op == OPS) argp_error(state, "expected --op softmax, log_softmax or vjp, found '%s'", arg);
        break;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0) {
            for (int i = 0; i < SUITES; i++)
                if (strcmp(arg, suites[i]->name) == 0) suite = suites[i];
            if (suite == NULL) argp_error(state, "expected a suite (see --list), found '%s'", arg);
        } else if (state->arg_num == 1) {
            g.format = format_named(arg);
            if (g.format == NULL) argp_error(state, "expected format f64, f32, bf16 or f16, found '%s'", arg);
        } else {
            argp_error(state, "expected SUITE FORMAT, found one more argument '%s'", arg);
        }
        break;
    case ARGP_KEY_END:
        if (!list && g.format == NULL) argp_error(state, "expected SUITE FORMAT");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"list", 'l', 0, 0, "the suites, one a line: name, bugs it hunts, what it is", 0},
    {"seed", 's', "S", 0, "of the random families (default 1)", 0},
    {"count", 'c', "N", 0, "cases of each random family", 0},
    {"rows", 'r', "N", 0, "rows of each random case", 0},
    {"cols", 'n', "N", 0, "entries in a row of each random case", 0},
    {"op", 'o', "OP", 0, "softmax, log_softmax or vjp (default softmax)", 0},
    {"id", 'i', "ID", 0, "print that case alone", 0},
    {0},
};

static const struct argp argp = {.options = rows,
                                 .parser = parse,
                                 .args_doc = "SUITE FORMAT",
                                 .doc = "Print the cases of a suite in a format (f64, f32, bf16, f16), one a line."
                                        "\vExamples:\n"
                                        "  maskproof gen --list\n"
                                        "  maskproof gen article f32\n"
                                        "  maskproof gen plain f16 --seed 7 --count 1000 --cols 16\n"
                                        "  maskproof gen edges f64 --op vjp"};

int main(int argc, char **argv)
{
    verb_parse(&argp, argc, argv);
    if (list) {
        for (int i = 0; i < SUITES; i++)
            printf("%-10s %-28s %s\n", suites[i]->name, suites[i]->hunts, suites[i]->about);
        finish(0);
    }
    char *text = NULL;
    size_t length = 0;
    g.out = open_memstream(&text, &length); /* the head gives the number of cases, so they come first */
    if (g.out == NULL) abort();
    g.state = g.seed;
    for (const char *c = suite->name; *c != '\0'; c++) g.state = random_next(&g.state) ^ (unsigned char)*c;
    suite->make(&g);
    if (fclose(g.out) != 0) {
        fprintf(stderr, "maskproof gen: out of memory\n");
        return 2;
    }
    if (g.cases == 0) {
        fprintf(stderr, "maskproof gen: expected an id of suite %s in %s, found '%s'\n", suite->name, g.format->name,
                g.id ? g.id : "");
        return 2;
    }
    printf("# maskproof line %d\n# suite %s\n# op %s\n# format %s\n# seed %llu\n# cases %zu\n# hunts %s\n",
           LINE_VERSION, suite->name, op_names[g.op], g.format->name, (unsigned long long)g.seed, g.cases,
           suite->hunts);
    fwrite(text, 1, length, stdout);
    free(text);
    free(g.line.words);
    free(g.logits);
    free(g.mask);
    free(g.seen);
    finish(0);
}

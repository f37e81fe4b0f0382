/* run - case lines in, result lines out: one implementation, or a symbol of a shared library, on every case.
   Never sees an answer: whatever follows '=' on a line is ignored.
   SPDX-License-Identifier: MIT */
#include "run.h"
#include "subject.h"
#include "verb.h"

static const struct impl_formats *impl;
static const char *library, *path = "-";
static bool list, claims;

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'l': list = true; break;
    case 'c': claims = true; break;
    case 's': library = arg; break;
    case ARGP_KEY_ARG:
        if (impl == NULL && library == NULL) {
            impl = impl_named(arg);
            if (impl == NULL) argp_error(state, "expected an implementation (see --list), found '%s'", arg);
        } else if (path[0] == '-' && path[1] == '\0') {
            path = arg;
        } else {
            argp_error(state, "expected at most one file, found '%s'", arg);
        }
        break;
    case ARGP_KEY_END:
        if (!list && !claims && impl == NULL && library == NULL) argp_error(state, "expected IMPL, or --so LIB:SYMBOL");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"list", 'l', 0, 0, "the implementations: formula, source, claim, bugs", 0},
    {"claims", 'c', 0, 0, "the same for programs: tab-separated, one line per implementation and format", 0},
    {"so", 's', "LIB:SYMBOL", 0, "a shared library with the fixed C signature, called in a child process", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "IMPL [FILE]",
    .doc = "Case lines in, result lines out.  The fixed C signature (op 0 softmax, 1 log_softmax, 2 vjp; format 0 f64, "
           "1 f32, 2 bf16, 3 f16; returns 0, 77 not offered, else an error):\n"
           "int f(int op, int format, size_t rows, size_t n, const void *x, "
           "const unsigned char *mask, const void *dy, void *out);"
           "\vExamples:\n"
           "  maskproof run --list\n"
           "  maskproof gen article f32 | maskproof run where\n"
           "  maskproof gen edges f32 | maskproof run --so ./libmine.so:my_softmax"};

static const char *or_dash(const char *text) { return text ? text : "-"; }

static void print_list(void)
{
    for (size_t i = 0; i < all_impls_count; i++) {
        const struct impl *m = all_impls[i].format[F32];
        printf("%-18s %s%s%s\n%18s seen: %s\n%18s ", m->name, m->op == SOFTMAX ? "" : op_names[m->op],
               m->op == SOFTMAX ? "" : ": ", m->formula, "", m->seen, "");
        if (m->bugs)
            printf("WRONG: %s", m->bugs);
        else
            printf("claim: at most");
        for (int f = 0; f < FORMATS && !m->bugs; f++)
            printf(" %g ulp %s%s", all_impls[i].format[f]->max_ulp, formats[f].name, f + 1 < FORMATS ? "," : "");
        printf("\n%18s rows without a distribution: %s\n", "", m->profile ? m->profile : "strict-zero");
    }
}

static void print_claims(void)
{
    puts("# impl\tformat\tmax_ulp\tbugs\tprofile\twitness\tformula\tseen\top\tany_length\tbound");
    for (size_t i = 0; i < all_impls_count; i++)
        for (int f = 0; f < FORMATS; f++) {
            const struct impl *m = all_impls[i].format[f];
            printf("%s\t%s\t%g\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", m->name, formats[f].name, m->max_ulp,
                   or_dash(m->bugs), m->profile ? m->profile : "strict-zero", or_dash(m->witness), m->formula, m->seen,
                   op_names[m->op], m->any_length, or_dash(m->bound));
        }
}

static void *new_array(size_t count, size_t size)
{
    void *array = malloc(count * size + 1);
    if (array != NULL) return array;
    fprintf(stderr, "maskproof run: out of memory for %zu entries\n", count);
    exit(2);
}

static void write_result(const struct line *line, const uint64_t *words)
{
    printf("%s =", line->id);
    line_write_words(stdout, line->format, line->rows * line->n, words);
    putchar('\n');
}

static void run_impl(const struct line *line)
{
    const struct format *f = line->format;
    size_t entries = line->rows * line->n, size = real_size(f);
    const struct impl *m = impl->format[f - formats];
    if (line->op != m->op) {
        printf("%s = skip\n", line->id);
        return;
    }
    void *x = new_array(entries, size), *p = new_array(entries, size), *dy = NULL;
    uint64_t *words = new_array(entries, sizeof *words);
    for (size_t i = 0; i < entries; i++) words[i] = word_quiet_nan(f); /* what is not written is NaN */
    reals_from_words(f, entries, words, p);
    reals_from_words(f, entries, line->x, x);
    if (line->op == VJP) {
        dy = new_array(entries, size);
        reals_from_words(f, entries, line->dy, dy);
        m->vjp(line->rows, line->n, x, line->mask, dy, p);
    } else {
        m->call(line->rows, line->n, x, line->mask, p);
    }
    words_from_reals(f, entries, p, words);
    write_result(line, words);
    free(words);
    free(dy);
    free(p);
    free(x);
}

static void run_library(const struct line *line, uint64_t **words, size_t *capacity)
{
    size_t entries = line->rows * line->n;
    if (entries > *capacity) {
        free(*words);
        *words = new_array(*capacity = entries, sizeof **words);
    }
    int status = subject_call(line, *words);
    if (status == 0)
        write_result(line, *words);
    else
        printf("%s = %s\n", line->id, status == 77 ? "skip" : "error");
}

int main(int argc, char **argv)
{
    verb_parse(&argp, argc, argv);
    if (list) print_list();
    if (claims) print_claims();
    if (list || claims) finish(0);
    if (library != NULL) subject_start(library); /* returns in a child process */
    struct source s;
    struct line line = {0};
    uint64_t *words = NULL;
    size_t capacity = 0;
    verb_open(&s, path);
    while (source_case(&s, &line, NULL)) {
        if (library != NULL)
            run_library(&line, &words, &capacity);
        else
            run_impl(&line);
    }
    free(words);
    line_free(&line);
    source_close(&s);
    finish(0);
}

/* truth - the oracle as a filter: case lines in, answer lines out, rows in parallel over the cores.
   SPDX-License-Identifier: MIT */
#include "truth.h"
#include "decimal.h"
#include "verb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct engine {
    const char *name;
    truth_row *row;
    void (*cleanup)(void);
} engines[] = {{"fast", truth_row_fast, truth_cleanup_fast},
               {"arb", truth_row_arb, truth_cleanup_arb},
               {"mpfr", truth_row_mpfr, truth_cleanup_mpfr}};

static struct {
    const struct engine *engine;
    int threads, digits;
    const char *path;
} options = {.engine = &engines[0], .path = "-"};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'e':
        for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
            if (strcmp(arg, engines[i].name) == 0) {
                options.engine = &engines[i];
                return 0;
            }
        argp_error(state, "expected --engine fast, arb or mpfr, found '%s'", arg);
        break;
    case 'j': options.threads = (int)verb_number(state, "--jobs", arg, 1, 1024); break;
    case 'd': options.digits = arg ? (int)verb_number(state, "--decimal", arg, 1, 1000) : 20; break;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) argp_error(state, "expected at most one file, found '%s'", arg);
        options.path = arg;
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"engine", 'e', "NAME", 0,
     "fast (default: doubles with proven bounds, else arb), arb or mpfr; all give the same bytes", 0},
    {"decimal", 'd', "DIGITS", OPTION_ARG_OPTIONAL,
     "read 'mask logit...' in decimals, which are taken exactly, and print the probabilities to DIGITS (20) "
     "correctly rounded significant digits",
     0},
    {"jobs", 'j', "N", 0, "threads (default: all cores)", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "[FILE]",
    .doc = "Case lines in, answer lines out: for every entry the correctly rounded word, and in ulps how far the exact "
           "value lies from it.  Comment lines are copied."
           "\vExamples:\n"
           "  maskproof gen article f32 | maskproof truth\n"
           "  maskproof gen edges f16 | maskproof truth --engine mpfr > edges.f16.txt\n"
           "  echo 101 1 2 3 | maskproof truth --decimal"};

/* A line of the input and what became of it. */
struct slot {
    char *text;
    size_t capacity, number;
    bool comment, bad;
    struct line line;
};

/* Lines are taken in blocks of about this many entries, so that short rows keep every core busy too. */
enum { BLOCK_ENTRIES = 1 << 16, BLOCK_LINES = 1024 };

static bool fail(struct slot *slot, const char *why)
{
    snprintf(slot->line.error, sizeof slot->line.error, "%s", why);
    return false;
}

/* Parse a case and decide its rows; a row that no precision decides is an error: the oracle never guesses. */
static bool answer_case(struct slot *slot, bool alone)
{
    struct line *line = &slot->line;
    bool decided = true;
    (void)alone; /* where OpenMP is not there, nothing reads it */
    if (!line_parse_case(line, slot->text)) return false;
#pragma omp parallel for schedule(dynamic) num_threads(options.threads) reduction(&& : decided) if (alone)
    for (size_t r = 0; r < line->rows; r++) {
        size_t at = r * line->n;
        line->class[r] = line_row_class(line, r);
        if (line->class[r] == CLASS_PLAIN)
            decided =
                decided && options.engine->row(line->op, line->format, line->n, line->x + at,
                                               line->dy ? line->dy + at : NULL, line->mask + at, line->answer + at);
    }
    return decided || fail(slot, "expected a row that 16384 bits of working precision decide");
}

/* Many lines share the cores; of a line alone, its rows do.  Never one inside the other: threads of an inner team
   would keep what the engines cache for them. */
static void answer_block(struct slot *slots, size_t count)
{
    if (count == 1) {
        slots[0].bad = !slots[0].comment && !answer_case(&slots[0], true);
        return;
    }
#pragma omp parallel for schedule(dynamic) num_threads(options.threads)
    for (size_t i = 0; i < count; i++) slots[i].bad = !slots[i].comment && !answer_case(&slots[i], false);
}

static size_t read_block(struct source *s, struct slot *slots)
{
    size_t count = 0, bytes = 0;
    while (count < BLOCK_LINES && bytes < BLOCK_ENTRIES * 8 && source_next(s)) {
        if (s->text[strspn(s->text, " \t\r")] == '\0') continue;
        struct slot *slot = &slots[count++], old = *slot;
        slot->text = s->text;
        slot->capacity = s->capacity;
        slot->number = s->number;
        slot->comment = s->text[0] == '#';
        s->text = old.text;
        s->capacity = old.capacity;
        bytes += strlen(slot->text);
    }
    return count;
}

static void answer_all(struct source *s)
{
    static struct slot slots[BLOCK_LINES];
    for (size_t count; (count = read_block(s, slots)) > 0;) {
        answer_block(slots, count);
        for (size_t i = 0; i < count; i++) {
            if (slots[i].bad) {
                s->number = slots[i].number;
                source_fail(s, slots[i].line.error);
            }
            if (slots[i].comment)
                fputs(slots[i].text, stdout);
            else
                line_write_answer(stdout, &slots[i].line);
            putchar('\n');
        }
    }
#pragma omp parallel num_threads(options.threads)
    options.engine->cleanup();
    for (size_t i = 0; i < BLOCK_LINES; i++) {
        free(slots[i].text);
        line_free(&slots[i].line);
    }
}

int main(int argc, char **argv)
{
    verb_parse(&argp, argc, argv);
    if (options.threads == 0) options.threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    struct source s;
    verb_open(&s, options.path);
    if (options.digits > 0)
        decimal_answer_all(&s, options.digits);
    else
        answer_all(&s);
    source_close(&s);
    finish(0);
}

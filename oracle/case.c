/* case - decimals in, a case line out: for people who want to ask about one row; or arrays of NumPy in, a line a row.
   SPDX-License-Identifier: MIT */
#include "case_npy.h"
#include "verb.h"

#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *mask, *slug;
    const struct format *format;
    char **values;
    size_t count;
    bool npy;
    size_t ragged; /* entries in a row; 0: no such rows */
    double masked;
} options = {.slug = "case"};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'm': options.mask = arg; break;
    case 's':
        if (arg[0] == '\0' || strspn(arg, "abcdefghijklmnopqrstuvwxyz0123456789.-") != strlen(arg))
            argp_error(state, "expected a slug of a-z, 0-9, '.' and '-', found '%s'", arg);
        options.slug = arg;
        break;
    case 'f':
        options.format = format_named(arg);
        if (options.format == NULL) argp_error(state, "expected format f64, f32, bf16 or f16, found '%s'", arg);
        break;
    case 'n': options.npy = true; break;
    case 'r': options.ragged = verb_number(state, "--ragged", arg, 1, LINE_MAX_N); break;
    case 'v': {
        char *end;
        options.masked = strtod(arg, &end);
        if (end == arg || *end != '\0') argp_error(state, "expected --masked to be a number, found '%s'", arg);
        break;
    }
    case ARGP_KEY_ARG: options.values[options.count++] = arg; break;
    case ARGP_KEY_END:
        if (options.npy && options.ragged) argp_error(state, "expected --npy or --ragged, found both");
        if (options.npy && options.count != 2) argp_error(state, "expected LOGITS.npy MASK.npy");
        if (options.ragged && options.count != 3) argp_error(state, "expected BOUNDS.npy LOGITS.npy INDEX.npy");
        if ((options.npy || options.ragged) && options.mask) argp_error(state, "--mask is for decimals");
        if (options.count == 0) argp_error(state, "expected logits, such as 1.5 -2 inf nan 0x1p-3");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"mask", 'm', "MASK", 0, "0 and 1 per logit, rows separated by '/' (default: all valid)", 0},
    {"format", 'f', "FORMAT", 0, "f64, f32 (default), bf16 or f16; of arrays, their own", 0},
    {"slug", 's', "SLUG", 0, "first part of the id (default case)", 0},
    {"npy", 'n', 0, 0, "the arguments are LOGITS.npy MASK.npy: a case a row", 0},
    {"ragged", 'r', "N", 0,
     "they are BOUNDS.npy LOGITS.npy INDEX.npy: ragged rows of valid logits and where they are among N entries", 0},
    {"masked", 'v', "VALUE", 0, "what masked entries of ragged rows hold (default 0)", 0},
    {0},
};

static const struct argp argp = {.options = rows,
                                 .parser = parse,
                                 .args_doc = "LOGIT...",
                                 .doc = "Print a case line: each decimal (or hex float, inf, nan) rounded once, to the "
                                        "nearest word of the format."
                                        "\vExamples:\n"
                                        "  maskproof case --mask 10110 1.2355 -0.1710 -0.6606 -0.2050 -1.4690\n"
                                        "  maskproof case --format f16 --mask 101/110 1 2 3 4 5 6 | maskproof truth\n"
                                        "  maskproof case 0 inf nan | maskproof run where | maskproof show\n"
                                        "  maskproof case --npy logits.npy mask.npy | maskproof run multiply"};

/* The word nearest to a decimal: MPFR rounds the text itself, in the format's own exponent range, once. */
static uint64_t word_of_text(const char *text)
{
    const struct format *f = options.format;
    char *end;
    mpfr_t v;
    mpfr_set_emin(format_grid(f) + 1); /* MPFR's significands lie in [1/2, 1) */
    mpfr_set_emax(f->emax + 1);
    mpfr_init2(v, f->precision);
    int inexact = mpfr_strtofr(v, text, &end, 0, MPFR_RNDN);
    mpfr_subnormalize(v, inexact, MPFR_RNDN);
    if (end == text || *end != '\0') {
        fprintf(stderr, "maskproof case: expected a number such as -1.5, 0x1p-3, inf or nan, found '%s'\n", text);
        exit(2);
    }
    uint64_t word = word_nearest(f, mpfr_get_d(v, MPFR_RNDN)); /* exact by now */
    mpfr_clear(v);
    return word;
}

/* argp would take -0.171 for an option; with a blank before it, it is an argument, and the same number. */
static char *shield(char *arg)
{
    bool negative = arg[0] == '-' && arg[1] != '\0' && (strchr("0123456789.", arg[1]) || strncmp(arg, "-inf", 4) == 0);
    char *shielded = negative ? malloc(strlen(arg) + 2) : arg;
    if (shielded == NULL) abort();
    if (negative) sprintf(shielded, " %s", arg);
    return shielded;
}

/* The shape is the mask's; without one all is valid, in one row. */
static void print_case(void)
{
    if (options.format == NULL) options.format = &formats[F32];
    char *mask = options.mask ? strdup(options.mask) : malloc(options.count + 1), *text;
    size_t length;
    struct line line = {0};
    if (mask == NULL) abort();
    if (options.mask == NULL) {
        memset(mask, '1', options.count);
        mask[options.count] = '\0';
    }
    FILE *out = open_memstream(&text, &length); /* spelt as a line and read back, so that the reader checks it */
    if (out == NULL) abort();
    fprintf(out, "%s softmax %s %s", options.slug, options.format->name, mask);
    for (size_t i = 0; i < options.count; i++) {
        putc(' ', out);
        line_write_word(out, options.format, word_of_text(options.values[i]));
    }
    fclose(out);
    if (!line_parse_case(&line, text)) {
        fprintf(stderr, "maskproof case: %s\n", line.error);
        exit(2);
    }
    char id[200];
    snprintf(id, sizeof id, "%s-%016llx", options.slug, (unsigned long long)line_hash(&line));
    line.id = id;
    line_write_case(stdout, &line);
    putchar('\n');
    line_free(&line);
    free(text);
    free(mask);
}

int main(int argc, char **argv)
{
    options.values = calloc((size_t)argc + 1, sizeof *options.values);
    if (options.values == NULL) abort();
    for (int i = 1; i < argc; i++) argv[i] = shield(argv[i]);
    verb_parse(&argp, argc, argv);
    char **file = options.values;
    if (options.npy)
        case_npy(options.slug, options.format, file[0], file[1]);
    else if (options.ragged > 0)
        case_ragged(options.slug, options.format, options.ragged, options.masked, file[0], file[1], file[2]);
    else
        print_case();
    finish(0);
}

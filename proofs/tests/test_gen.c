/* test_gen - every suite in every format: well-formed cases, ids made of their text, the same bytes from the same seed.
   SPDX-License-Identifier: MIT */
#include "line.h"
#include "pipe.h"

enum { MOST_SUITES = 100, MOST_ENTRIES = 1 << 21 };
static const char *const format_names[] = {"f64", "f32", "bf16", "f16"};

/* --- what gen prints, taken apart --- */

struct cases {
    char *text;  /* head and cases, cut into lines */
    char **line; /* the case lines */
    size_t count, head_lines;
};

static struct output gen(const char *const *args)
{
    struct output o = run_text("gen", args, "");
    cr_assert(o.status == 0 && o.err_length == 0, "gen %s %s: %d %s", args[0], args[1], o.status, o.err);
    cr_assert(strlen(o.out) == o.out_length && o.out[o.out_length - 1] == '\n', "gen %s %s", args[0], args[1]);
    return o;
}

static struct cases cases_of(const char *const *args)
{
    struct output o = gen(args);
    struct cases c = {.text = o.out};
    size_t lines = 0;
    for (const char *p = o.out; *p != '\0'; p++) lines += *p == '\n';
    c.line = malloc(lines * sizeof *c.line + 1);
    bool in_head = true;
    for (char *p = o.out, *end; *p != '\0'; p = end + 1) {
        end = strchr(p, '\n');
        *end = '\0';
        cr_assert(p[0] != '#' || in_head, "gen %s %s: a comment among the cases", args[0], args[1]);
        in_head = p[0] == '#';
        if (in_head)
            c.head_lines++;
        else
            c.line[c.count++] = p;
    }
    free(o.err);
    return c;
}

static void cases_free(struct cases *c)
{
    free(c->line);
    free(c->text);
}

static size_t id_length(const char *line) { return strcspn(line, " "); }

static bool same_id(const char *a, const char *b)
{
    return id_length(a) == id_length(b) && memcmp(a, b, id_length(a)) == 0;
}

static bool holds(const struct cases *c, const char *line)
{
    for (size_t i = 0; i < c->count; i++)
        if (same_id(c->line[i], line)) return true;
    return false;
}

struct suites {
    size_t count;
    char name[MOST_SUITES][40];
};

/* The names at the start of the lines of --list. */
static struct suites list_suites(void)
{
    struct output o = gen(ARGS("--list", NULL));
    struct suites s = {0};
    for (char *line = o.out, *end; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        size_t length = strcspn(line, " ");
        cr_assert(s.count < MOST_SUITES && length > 0 && length < sizeof s.name[0] && line + length < end, "%s", line);
        memcpy(s.name[s.count++], line, length);
    }
    output_free(&o);
    cr_assert(s.count > 0);
    return s;
}

/* --- the tests --- */

static uint64_t fnv1a(const char *text)
{
    uint64_t h = 0xcbf29ce484222325;
    for (; *text != '\0'; text++) h = (h ^ (unsigned char)*text) * 0x100000001b3;
    return h;
}

static int by_id(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* slug-0123456789abcdef, where the slug is a name and the digits are the hash of what follows the id. */
static void check_id(const char *line, const char *name, const char *format)
{
    char expected[18];
    size_t length = id_length(line), slug = length - 17;
    cr_assert(length > 17 && line[length] == ' ', "%s %s: %.60s", name, format, line);
    snprintf(expected, sizeof expected, "-%016llx", (unsigned long long)fnv1a(line + length + 1));
    cr_assert(memcmp(line + slug, expected, 17) == 0, "%s %s: expected ...%s, found %.*s", name, format, expected,
              (int)length, line);
    cr_assert(strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789-") >= length, "%s %s: %.60s", name, format, line);
}

static void check_head_of(const char *op, const struct cases *c, const char *name, const char *format, const char *seed)
{
    char expected[5][80];
    snprintf(expected[0], sizeof expected[0], "# maskproof line %d", LINE_VERSION);
    snprintf(expected[1], sizeof expected[1], "# suite %s", name);
    snprintf(expected[2], sizeof expected[2], "# format %s", format);
    snprintf(expected[3], sizeof expected[3], "# cases %zu", c->count);
    snprintf(expected[4], sizeof expected[4], "# op %s", op);
    cr_assert(c->head_lines >= 7 && c->head_lines <= 8, "%s %s: %zu lines of head", name, format, c->head_lines);
    const char *line = c->text;
    cr_assert_str_eq(line, expected[0]);
    size_t found = 0, seeds = 0;
    for (size_t i = 0; i < c->head_lines; i++, line += strlen(line) + 1) {
        for (int e = 0; e < 5; e++) found += strcmp(line, expected[e]) == 0;
        seeds += strncmp(line, "# seed ", 7) == 0 && strcmp(line + 7, seed) == 0;
    }
    cr_assert(found == 5 && seeds == 1, "%s %s: the head does not say '%s' or another of its facts", name, format,
              expected[3]);
}

static void check_head(const struct cases *c, const char *name, const char *format, const char *seed)
{
    check_head_of("softmax", c, name, format, seed);
}

Test(gen, every_suite_in_every_format)
{
    struct suites suites = list_suites();
    struct line line = {0};
    for (size_t s = 0; s < suites.count; s++)
        for (int f = 0; f < FORMATS; f++) {
            struct cases c = cases_of(ARGS(suites.name[s], format_names[f]));
            cr_assert(c.count > 0, "%s %s", suites.name[s], format_names[f]);
            check_head(&c, suites.name[s], format_names[f], "1");
            size_t entries = 0;
            for (size_t i = 0; i < c.count; i++) {
                check_id(c.line[i], suites.name[s], format_names[f]);
                char *copy = strdup(c.line[i]);
                cr_assert(line_parse_case(&line, copy), "%s %s: %s", suites.name[s], format_names[f], line.error);
                cr_assert(line.op == SOFTMAX && line.format == &formats[f] && strpbrk(c.line[i], "=\t\r") == NULL, "%s",
                          line.id);
                entries += line.rows * line.n;
                free(copy);
            }
            cr_assert(entries <= MOST_ENTRIES, "%s %s: %zu entries", suites.name[s], format_names[f], entries);
            qsort(c.line, c.count, sizeof *c.line, by_id);
            for (size_t i = 1; i < c.count; i++)
                cr_assert(!same_id(c.line[i - 1], c.line[i]), "%s %s: %.60s twice", suites.name[s], format_names[f],
                          c.line[i]);
            cases_free(&c);
        }
    line_free(&line);
}

Test(gen, the_same_seed_gives_the_same_bytes)
{
    struct suites suites = list_suites();
    for (size_t s = 0; s < suites.count; s++) {
        const char *name = suites.name[s], *format = format_names[s % FORMATS];
        struct output one = gen(ARGS(name, format, "--seed", "7")), two = gen(ARGS(name, format, "--seed", "7"));
        struct output plain = gen(ARGS(name, format)),
                      first = gen(ARGS(name, format, "--seed", "1", "--op", "softmax"));
        cr_assert(strcmp(one.out, two.out) == 0, "%s %s", name, format);
        cr_assert(strcmp(plain.out, first.out) == 0, "%s %s: the default seed is 1", name, format);
        output_free(&one);
        output_free(&two);
        output_free(&plain);
        output_free(&first);
    }
}

/* What two seeds have in common are the named cases: the same ones for every pair of seeds, in the same order.
   The rest is random: another seed, other cases. */
Test(gen, another_seed_changes_the_random_cases_alone)
{
    size_t random_suites = 0;
    struct suites suites = list_suites();
    for (size_t s = 0; s < suites.count; s++) {
        const char *name = suites.name[s], *format = format_names[s % FORMATS];
        struct cases one = cases_of(ARGS(name, format, "--seed", "1")),
                     two = cases_of(ARGS(name, format, "--seed", "2"));
        struct cases large = cases_of(ARGS(name, format, "--seed", "18446744073709551615"));
        check_head(&two, name, format, "2");
        check_head(&large, name, format, "18446744073709551615");
        size_t common = 0;
        for (size_t i = 0, j = 0; i < one.count; i++) {
            bool named = holds(&two, one.line[i]);
            cr_assert(named == holds(&large, one.line[i]), "%s %s: %.60s", name, format, one.line[i]);
            if (!named) continue;
            while (j < two.count && !holds(&one, two.line[j])) j++;
            cr_assert(j < two.count && strcmp(one.line[i], two.line[j]) == 0, "%s %s: %.60s", name, format,
                      one.line[i]);
            common++;
            j++;
        }
        cr_assert((common < one.count) == (common < two.count), "%s %s", name, format);
        random_suites += common < one.count;
        cases_free(&one);
        cases_free(&two);
        cases_free(&large);
    }
    cr_assert(random_suites > 0);
}

Test(gen, an_id_picks_one_case)
{
    struct suites suites = list_suites();
    for (size_t s = 0; s < suites.count; s++) {
        const char *name = suites.name[s], *format = format_names[s % FORMATS];
        struct cases all = cases_of(ARGS(name, format, "--seed", "3"));
        const size_t picks[] = {0, all.count / 2, all.count - 1};
        for (int i = 0; i < 3; i++) {
            char *id = strndup(all.line[picks[i]], id_length(all.line[picks[i]]));
            struct cases one = cases_of(ARGS(name, format, "--seed", "3", "--id", id));
            cr_assert(one.count == 1 && strcmp(one.line[0], all.line[picks[i]]) == 0, "%s %s --id %s", name, format,
                      id);
            check_head(&one, name, format, "3");
            cases_free(&one);
            free(id);
        }
        struct output none = run_text("gen", ARGS(name, format, "--id", "no-such-0000000000000000"), "");
        cr_assert(none.status == 2 && none.out_length == 0, "%s %s: exit code %d", name, format, none.status);
        output_free(&none);
        cases_free(&all);
    }
}

/* --count, --rows and --cols are of the random cases, those that another seed does not have. */
Test(gen, count_rows_and_cols_are_obeyed)
{
    struct line line = {0};
    struct suites suites = list_suites();
    for (size_t s = 0; s < suites.count; s++) {
        const char *name = suites.name[s], *format = format_names[s % FORMATS];
        size_t counted[3];
        for (size_t times = 1; times <= 2; times++) {
            const char *count = times == 1 ? "6" : "12";
            struct cases c = cases_of(ARGS(name, format, "--count", count, "--rows", "3", "--cols", "17"));
            struct cases other =
                cases_of(ARGS(name, format, "--seed", "2", "--count", count, "--rows", "3", "--cols", "17"));
            counted[times] = 0;
            for (size_t i = 0; i < c.count; i++) {
                if (holds(&other, c.line[i])) continue;
                counted[times]++;
                char *copy = strdup(c.line[i]);
                cr_assert(line_parse_case(&line, copy), "%s", line.error);
                cr_assert(line.rows == 3 && line.n == 17, "%s %s: %s has %zu rows of %zu", name, format, line.id,
                          line.rows, line.n);
                free(copy);
            }
            cases_free(&c);
            cases_free(&other);
        }
        cr_assert(counted[2] == 2 * counted[1] && counted[1] % 6 == 0,
                  "%s %s: --count 6 gives %zu, --count 12 gives %zu", name, format, counted[1], counted[2]);
    }
    line_free(&line);
    struct cases c = cases_of(ARGS("plain", "f32", "--count", "5", "--cols", "33"));
    size_t random_cases = 0;
    for (size_t i = 0; i < c.count; i++) random_cases += strncmp(c.line[i], "random-", 7) == 0;
    cr_assert(random_cases == 5, "plain --count 5 gives %zu", random_cases);
    cases_free(&c);
}

/* Of one f16 entry there are fewer cases than asked for here: what comes out twice is printed once. */
Test(gen, duplicates_are_dropped)
{
    struct cases c = cases_of(ARGS("plain", "f16", "--count", "20000", "--cols", "1"));
    cr_assert(c.count > 1000 && c.count < 20000, "%zu cases", c.count);
    check_head(&c, "plain", "f16", "1");
    qsort(c.line, c.count, sizeof *c.line, by_id);
    for (size_t i = 1; i < c.count; i++) cr_assert(!same_id(c.line[i - 1], c.line[i]), "%s twice", c.line[i]);
    cases_free(&c);
}

/* The article's cases, by name and by bit pattern: stored files and the README rest on them. */
Test(gen, the_article)
{
    struct cases c = cases_of(ARGS("article", "f32"));
    cr_assert(holds(&c, "article-5-932729e308940d32 "), "the article's own row");
    cr_assert_str_eq(c.line[0], "article-5-932729e308940d32 softmax f32 10110 "
                                "3f9e24dd be2f1aa0 bf291d15 be51eb85 bfbc0831");
    cases_free(&c);
}

/* Rows that users, papers and incident reports know by name: each is in some suite, whatever becomes of the families.
 */
Test(gen, rows_known_by_name)
{
    static const char *const names[] = {
        /* the article and the pull request it led to */
        "article-5", "pr9-row0-single", "pr9-row1", "pr9-row2",
        /* ordinary */
        "mid-masked", "no-mask", "single-valid", "n1", "neg-zero", "shift-1000", "uniform-3", "ulp-neighbours",
        /* leaks and ranges */
        "illegal-wins-argmax", "pessimal-leak", "masked-gap-20", "masked-gap-88", "masked-gap-89", "masked-gap-95",
        "masked-gap-105", "masked-huge-200", "masked-fltmax", "eps-bias-28", "eps-bias-35", "eps-zero-105", "below-1e4",
        "below-5e4", "below-1e8", "below-1e9", "near-fltmin", "spread-fltmax", "wide-span", "unshifted-overflow",
        "unshifted-underflow", "absorb-1e9",
        /* subnormal results */
        "sub-87-4", "sub-95", "sub-100", "sub-min-above-half", "sub-min-below-half", "sub-two-scales",
        /* special values */
        "all-masked", "all-masked-nan", "all-valid-ninf", "single-valid-ninf", "ninf-among-valid", "pinf-valid",
        "two-pinf-valid", "single-valid-pinf", "pinf-masked", "nan-valid", "nan-valid-with-masked", "nan-masked",
        "ninf-masked", "n1-masked", "n1-ninf",
        /* logs and gradients */
        "log-onehot", "log-tiny", "log-under", "log-masked", "entropy-masked", "grad-masked-zero", "grad-empty",
        "grad-junk", "grad-overflow-dead",
        /* batches, order and padding */
        "batch-2x3", "batch-3x3-square", "batch-one-empty", "batch-one-nan", "mask-row-broadcast", "mask-col-shape",
        "permuted-1", "permuted-10", "pad-1", "pad-64", "shift-1", "shift-minus-24", "place-0",
        /* encodings */
        "polarity", "int-index", "byte-255", "byte-200", "additive-01",
        /* half precision */
        "f16-gap18", "f16-eps", "f16-1e9", "f16-min-16", "bf16-min-min", "f16-1e4-absorb", "f16-half-subnormal",
        "bf16-third", "f16-2049-uniform", "f32-to-f16",
        /* long rows and games */
        "chess-start-equal", "chess-start-worst", "chess-218", "chess-single", "chess-stalemate", "chess-linspace",
        "chess-en-passant-illegal", "lc0-1858", "az-4672", "vocab-151936", "stagnation-1e5", "all-but-one-masked",
        /* blocks */
        "block-first-masked", "block-last-masked", "block-alternate-masked", "block-leading-rows",
        "block-max-descending", "block-max-ascending", "block-below-sentinel", "block-partial-tail"};
    enum { NAMES = sizeof names / sizeof *names };
    bool found[NAMES] = {false};
    struct suites suites = list_suites();
    for (size_t s = 0; s < suites.count; s++) {
        struct cases c = cases_of(ARGS(suites.name[s], "f32"));
        for (size_t i = 0; i < c.count; i++)
            for (size_t k = 0; k < NAMES; k++)
                if (id_length(c.line[i]) == strlen(names[k]) + 17 && memcmp(c.line[i], names[k], strlen(names[k])) == 0)
                    found[k] = true;
        cases_free(&c);
    }
    for (size_t k = 0; k < NAMES; k++) cr_expect(found[k], "no suite has a row named %s", names[k]);
}

/* --- the operations --- */

static void parse_case(struct line *line, const char *text)
{
    char *copy = strdup(text);
    cr_assert(line_parse_case(line, copy), "%.60s: %s", text, line->error);
    free(copy);
}

/* Same shape, mask and logits; the ids differ, for they name the operation. */
static bool same_row(const struct line *a, const struct line *b)
{
    size_t entries = a->rows * a->n;
    return a->rows == b->rows && a->n == b->n && memcmp(a->mask, b->mask, entries) == 0 &&
           memcmp(a->x, b->x, entries * sizeof *a->x) == 0;
}

/* log_softmax has the cases of softmax, in order; vjp has each of them at least once, with a dy of its own. */
Test(gen, every_operation_has_the_same_rows)
{
    struct suites suites = list_suites();
    struct line line = {0}, other = {0};
    for (size_t s = 0; s < suites.count; s++) {
        const char *name = suites.name[s], *format = format_names[s % FORMATS];
        struct cases softmax = cases_of(ARGS(name, format));
        for (int op = LOG_SOFTMAX; op < OPS; op++) {
            struct cases c = cases_of(ARGS(name, format, "--op", op_names[op]));
            check_head_of(op_names[op], &c, name, format, "1");
            cr_assert(op == VJP ? c.count >= softmax.count : c.count == softmax.count, "%s %s %s: %zu cases, not %zu",
                      name, format, op_names[op], c.count, softmax.count);
            size_t found = 0;
            for (size_t i = 0; i < c.count; i++) {
                check_id(c.line[i], name, format);
                parse_case(&line, c.line[i]);
                cr_assert(line.op == op && (line.dy != NULL) == (op == VJP), "%.60s", c.line[i]);
                if (found == softmax.count) continue;
                parse_case(&other, softmax.line[found]);
                found += same_row(&line, &other);
            }
            cr_assert(found == softmax.count, "%s %s %s: softmax's %zu-th case is missing", name, format, op_names[op],
                      found + 1);
            cases_free(&c);
        }
        cases_free(&softmax);
    }
    line_free(&line);
    line_free(&other);
}

/* A drawn dy is finite where valid; under the mask it is not in about one case of four, so that it must be ignored. */
Test(gen, drawn_gradients)
{
    struct line line = {0};
    for (int f = 0; f < FORMATS; f++) {
        struct cases c = cases_of(ARGS("plain", format_names[f], "--op", "vjp", "--cols", "40", "--count", "400"));
        size_t junk_cases = 0, junk = 0, nan = 0;
        double sum = 0, squares = 0, valid = 0;
        for (size_t i = 0; i < c.count; i++) {
            parse_case(&line, c.line[i]);
            size_t before = junk;
            for (size_t j = 0; j < line.rows * line.n; j++) {
                double dy = word_value(line.format, line.dy[j]);
                cr_assert(!line.mask[j] || word_is_finite(line.format, line.dy[j]), "%s", line.id);
                junk += !line.mask[j] && !word_is_finite(line.format, line.dy[j]);
                nan += word_is_nan(line.format, line.dy[j]);
                if (line.mask[j]) valid++, sum += dy, squares += dy * dy;
            }
            junk_cases += junk > before;
        }
        cr_assert(4 * junk_cases > c.count / 2 && 4 * junk_cases < 2 * c.count, "%zu of %zu", junk_cases, c.count);
        cr_assert(nan > 0 && nan < junk);
        cr_assert(sum / valid < 0.1 && sum / valid > -0.1 && squares / valid < 1.2 && squares / valid > 0.8);
        cases_free(&c);
    }
    line_free(&line);
}

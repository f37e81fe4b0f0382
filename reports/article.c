/* article - every claim of "Masked Softmax Layers in PyTorch" (Cognetta, 2025) that is a number: what the article
   says, what we get from the implementation it speaks of, and what is exact.  A missed digit is exit code 1.
   Answers come from the programs of this suite; here digits are compared, never rounded from a double.
   SPDX-License-Identifier: MIT */
#include "article_table.h"
#include "ask.h"
#include "chess_moves.h"
#include "digits.h"
#include "verb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXACT = 20, GUARD = 30 }; /* digits shown; digits asked for where answers are added up */

/* --- the table: groups of rows, one group a statement --- */

static struct {
    bool tsv, colour, missed; /* missed: in this group */
    const char *id, *title, *by;
    size_t rows, misses;
} table;

static const char *paint(const char *escape) { return table.colour ? escape : ""; }

static void begin(const char *id, const char *title, const char *by)
{
    table.id = id;
    table.title = title;
    table.by = by;
    table.missed = false;
    if (!table.tsv)
        printf("\n%s%-4s%s%s%s%s\n", paint("\033[1m"), id, title, paint("\033[0m"), by ? ": " : "", by ? by : "");
}

static void row(const char *entry, const char *says, const char *got, const char *exact, const char *word, bool ok)
{
    const char *status = ok ? "ok" : "MISS";
    table.rows++;
    table.misses += !ok;
    table.missed = table.missed || !ok;
    if (table.tsv)
        printf("%s\t%s%s%s\t%s\t%s\t%s\t%s\t%s\t%s\n", table.id, table.title, table.by ? ": " : "",
               table.by ? table.by : "", entry, says, got, exact, word, status);
    else
        printf("    %-15s %-12s %-15s %-26s %-16s %s%s%s\n", entry, says, got, exact, word,
               paint(ok ? "\033[32m" : "\033[1;31m"), status, paint("\033[0m"));
}

/* Every failure ends with the command that shows it again. */
static void end(const char *again)
{
    if (table.missed) fprintf(stderr, "maskproof article: %s missed; again: %s\n", table.id, again);
}

static void end_case(const char *mask, const char *x, const char *impl)
{
    char again[400];
    snprintf(again, sizeof again, "maskproof case --mask %.60s %.120s | maskproof run %.60s | maskproof show", mask, x,
             impl);
    end(again);
}

static void end_suite_case(const char *suite, const char *line, const char *impl)
{
    char again[300];
    snprintf(again, sizeof again, "maskproof gen %.20s f32 --id %.*s | maskproof run %.60s | maskproof show", suite,
             (int)strcspn(line, " "), line, impl);
    end(again);
}

/* --- values --- */

static const char *at(const struct words *w, size_t i) { return i < w->count ? w->word[i] : "-"; }

/* The value of "3f389376" or of "3f389376-.009091".  NaN if it is no word. */
static double value_of(const char *token)
{
    uint64_t word;
    return word_parse(&formats[F32], token, "+-", &word) ? word_value(&formats[F32], word) : NAN;
}

static bool digits_of_word(struct digits *v, const char *token) { return digits_of(v, (float)value_of(token)); }

/* As many digits as tell an f32 from its neighbours. */
static const char *show_word(const char *token, char room[40])
{
    double v = value_of(token);
    snprintf(room, 40, isnan(v) ? "NaN" : "%.9g", v);
    return room;
}

static bool word_prints_as(const char *token, const char *says)
{
    struct digits v;
    if (strcmp(says, "0") == 0) return strcmp(token, "00000000") == 0; /* -0 is not the article's zero */
    return digits_of_word(&v, token) && digits_print_as(&v, says);
}

static bool decimal_prints_as(const char *text, const char *says)
{
    struct digits v;
    return digits_parse(&v, text) && digits_print_as(&v, says);
}

/* --- what the multiplying softmax sees: all entries valid, and x * mask in place of x --- */

static char *copy(const char *text)
{
    char *new = strdup(text);
    if (new == NULL) abort();
    return new;
}

static char *ones(const char *mask)
{
    char *new = copy(mask);
    memset(new, '1', strlen(new));
    return new;
}

static char *multiplied(const char *mask, const char *x)
{
    char *product = copy(x), *end = product; /* "0" for a logit is never longer */
    struct words logits = words_of(x);
    for (size_t i = 0; i < logits.count; i++)
        end += sprintf(end, "%s%s", i > 0 ? " " : "", mask[i] == '1' ? logits.word[i] : "0");
    words_free(&logits);
    return product;
}

/* --- A1 A2 A3 A5 A6 A8 A10: vectors --- */

static void show_vector(const struct vector_claim *v)
{
    char *exact_mask = v->multiplied ? ones(v->mask) : copy(v->mask);
    char *exact_x = v->multiplied ? multiplied(v->mask, v->x) : copy(v->x);
    char *cases = ask_case(v->mask, v->x), *exact_case = ask_case(exact_mask, exact_x), entry[40], got[40];
    struct words says = words_of(v->says), ours = ask_run(v->impl, cases);
    struct words exact = ask_decimal(exact_mask, exact_x, EXACT), words = ask_truth(exact_case);
    const char *first = strchr(v->mask, '0');
    begin(v->id, v->title, v->impl);
    for (size_t i = 0; i < says.count; i++) {
        const char *s = says.word[i], *w = at(&ours, i), *e = at(&exact, i), *t = at(&words, i);
        if (strcmp(s, "-") == 0) continue;
        snprintf(entry, sizeof entry, "p[%zu]", i);
        row(entry, s, show_word(w, got), e, t, word_prints_as(w, s) && decimal_prints_as(e, s) && word_prints_as(t, s));
    }
    if (v->multiplied && first != NULL) {
        size_t k = (size_t)(first - v->mask);
        bool ours_alike = true, exact_alike = true;
        for (size_t i = k; i < says.count; i++) {
            if (v->mask[i] == '1') continue;
            ours_alike = ours_alike && strcmp(at(&ours, i), at(&ours, k)) == 0;
            exact_alike = exact_alike && strcmp(at(&exact, i), at(&exact, k)) == 0;
        }
        row("masked ones", "the same", ours_alike ? "the same" : "not", exact_alike ? "the same" : "not", "-",
            ours_alike && exact_alike);
    }
    end_case(v->mask, v->x, v->impl);
    words_free(&says);
    words_free(&ours);
    words_free(&exact);
    words_free(&words);
    free(cases);
    free(exact_case);
    free(exact_mask);
    free(exact_x);
}

static void show_vectors(const char *id)
{
    for (const struct vector_claim *v = vector_claims; v->id != NULL; v++)
        if (strcmp(v->id, id) == 0) show_vector(v);
}

/* --- A4: the leak law --- */

struct leak {
    struct digits sum, largest; /* the masked entries together; the largest of all */
    size_t winner;
    bool valid; /* all of them were numbers */
};

static struct leak leak_of(const struct words *p, const char *mask, bool hex)
{
    struct leak leak = {.valid = p->count == strlen(mask)};
    for (size_t i = 0; i < p->count && leak.valid; i++) {
        struct digits v;
        leak.valid = hex ? digits_of_word(&v, p->word[i]) : digits_parse(&v, p->word[i]);
        if (leak.valid && mask[i] == '0') leak.valid = digits_add(&leak.sum, &v);
        if (leak.valid && memcmp(&v, &leak.largest, sizeof v) > 0) {
            leak.largest = v;
            leak.winner = i;
        }
    }
    return leak;
}

/* The article's law N / (N + e^LSE), as anyone would compute it: this formula is what is under test. */
static double leak_law(const char *mask, const char *x)
{
    double masked = 0, odds = 0;
    struct words logits = words_of(x);
    for (size_t i = 0; i < logits.count; i++) {
        masked += mask[i] == '0';
        odds += mask[i] == '1' ? exp(strtod(logits.word[i], NULL)) : 0;
    }
    words_free(&logits);
    return masked / (masked + odds);
}

static bool leak_as_said(const struct leak *leak, const char *says)
{
    struct digits half = {.d = {0, 5}};
    if (says[0] == '>') return leak->valid && memcmp(&leak->sum, &half, sizeof half) > 0;
    return leak->valid && digits_print_as(&leak->sum, says);
}

static const char *winner_of(const struct leak *leak, const char *mask)
{
    return !leak->valid ? "-" : mask[leak->winner] == '1' ? "valid" : "masked";
}

static void show_leak(const struct leak_claim *c)
{
    char got[DIGITS_ROOM], exact[DIGITS_ROOM], got_winner[40], exact_winner[40], law[40], law4[40];
    char *cases = ask_case(c->mask, c->x), *all = ones(c->mask), *product = multiplied(c->mask, c->x);
    char *exact_case = ask_case(all, product);
    struct words ours = ask_run("multiply", cases), decimals = ask_decimal(all, product, GUARD);
    struct words words = ask_truth(exact_case);
    struct leak a = leak_of(&ours, c->mask, true), b = leak_of(&decimals, c->mask, false);
    digits_significant(&a.sum, 9, got);
    digits_significant(&b.sum, EXACT, exact);
    begin(c->id, c->title, "multiply");
    row("masked, summed", c->says_leak, got, exact, "-",
        leak_as_said(&a, c->says_leak) && leak_as_said(&b, c->says_leak));
    double by_law = leak_law(c->mask, c->x);
    snprintf(law, sizeof law, "%.9f", by_law);
    snprintf(law4, sizeof law4, "%.4f", by_law);
    row("N / (N + e^LSE)", "that sum", law, exact, "-",
        a.valid && b.valid && digits_print_as(&a.sum, law4) && digits_print_as(&b.sum, law4));
    snprintf(got_winner, sizeof got_winner, "%s p[%zu]", winner_of(&a, c->mask), a.winner);
    snprintf(exact_winner, sizeof exact_winner, "%s p[%zu]", winner_of(&b, c->mask), b.winner);
    row("largest entry", c->says_winner, got_winner, exact_winner, at(&words, b.winner),
        strcmp(winner_of(&a, c->mask), c->says_winner) == 0 && strcmp(winner_of(&b, c->mask), c->says_winner) == 0);
    end_case(c->mask, c->x, "multiply");
    words_free(&ours);
    words_free(&decimals);
    words_free(&words);
    free(cases);
    free(exact_case);
    free(all);
    free(product);
}

/* --- A8: two ways to write one addend, and the selection that is not an addition --- */

static void show_same_words(void)
{
    char *cases = ask_suite("article"), got[60];
    struct words a = ask_run("where_add", cases), b = ask_run("log_mask", cases);
    size_t same = 0, all = a.count > b.count ? a.count : b.count;
    for (size_t i = 0; i < all; i++) same += strcmp(at(&a, i), at(&b, i)) == 0;
    begin("A8", "where(mask, 0, -inf) equals mask.log(): on all of suite article", "where_add, log_mask");
    snprintf(got, sizeof got, "%zu of %zu", same, all);
    row("equal words", "all", got, "-", "-", all > 0 && same == all);
    end("maskproof gen article f32 | maskproof run where_add, and the same with log_mask");
    words_free(&a);
    words_free(&b);
    free(cases);
}

static bool all_nan(const struct words *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (strlen(w->word[i]) != formats[F32].digits || !isnan(value_of(w->word[i]))) return false;
    return w->count > 0;
}

static void show_poison(const struct poison_claim *c)
{
    static const char *const sums[] = {"log_mask", "where_add"};
    char *line = ask_suite_case("poison", c->slug), entry[40], got[40], printed[DIGITS_ROOM];
    struct words ours = ask_run("where", line), words = ask_truth(line);
    struct words exact = ask_decimal(c->exact_mask, c->exact_x, EXACT);
    begin(c->id, c->title, NULL);
    for (int i = 0; i < 2; i++) {
        struct words sum = ask_run(sums[i], line);
        row(sums[i], "equal", all_nan(&sum) ? "all NaN" : "not all NaN", "-", "-", all_nan(&sum));
        words_free(&sum);
    }
    for (size_t i = 0; i < exact.count; i++) {
        struct digits v;
        const char *four = digits_parse(&v, exact.word[i]) ? digits_round(&v, 4, printed) : "-";
        if (strcmp(exact.word[i], "0") == 0) four = "0";
        snprintf(entry, sizeof entry, "where, p[%zu]", i);
        row(entry, "-", show_word(at(&ours, i), got), exact.word[i], at(&words, i),
            word_prints_as(at(&ours, i), four) && word_prints_as(at(&words, i), four));
    }
    end_suite_case("poison", line, "where");
    words_free(&ours);
    words_free(&words);
    words_free(&exact);
    free(line);
}

/* --- A9: row sums of a batch --- */

static void show_batch(const struct batch_claim *c)
{
    static const char *const impls[] = {"renormalize", "renormalize_batch"};
    char *line = ask_suite_case(c->suite, c->slug), entry[40], text[DIGITS_ROOM];
    struct line shape = {0};
    char *parsed = copy(line);
    if (!line_parse_case(&shape, parsed)) abort();
    begin(c->id, c->title, NULL);
    for (int k = 0; k < 2; k++) {
        struct words p = ask_run(impls[k], line);
        struct digits all = {0};
        for (size_t r = 0; r < shape.rows; r++) {
            struct digits sum = {0}, v;
            bool numbers = p.count == shape.rows * shape.n;
            for (size_t i = r * shape.n; i < (r + 1) * shape.n && numbers; i++)
                numbers = digits_of_word(&v, p.word[i]) && digits_add(&sum, &v);
            digits_add(&all, &sum);
            bool one = numbers && digits_print_as(&sum, "1.0000");
            snprintf(entry, sizeof entry, "%s, row %zu", k ? "sum()" : "keepdim", r);
            row(entry, k ? "not 1" : "1", numbers ? digits_round(&sum, 9, text) : "NaN", "1", "-",
                numbers && one == (k == 0));
        }
        if (k == 1) row("sum(), batch", "1", digits_round(&all, 9, text), "-", "-", digits_print_as(&all, "1.0000"));
        words_free(&p);
    }
    end_suite_case(c->suite, line, "renormalize_batch");
    line_free(&shape);
    free(parsed);
    free(line);
}

/* --- A13: the vocabulary --- */

static void count_row(const char *entry, const char *says, size_t got, size_t exact, bool ok)
{
    char got_text[30], exact_text[30];
    snprintf(got_text, sizeof got_text, "%zu", got);
    snprintf(exact_text, sizeof exact_text, "%zu", exact);
    row(entry, says, got_text, exact_text, "-", ok && got == exact);
}

static void show_vocabulary(void)
{
    static struct chess_moves v;
    /* Moves on an empty n x n board, n = 8, counted without listing them: rooks 2n^2(n-1), bishops 2n(n-1)(2n-1)/3,
       knights 8(n-1)(n-2); pawns go straight from n files, and to each side from n-1, each as one of 4 pieces. */
    enum { N = 8, QUEEN = 2 * N * N * (N - 1) + 2 * N * (N - 1) * (2 * N - 1) / 3, KNIGHT = 8 * (N - 1) * (N - 2) };
    enum { PROMOTIONS = 4 * (N + 2 * (N - 1)), ALL = QUEEN + KNIGHT + PROMOTIONS };
    chess_moves_build(&v, HEAD_MAIA2);
    begin("A13", "Maia2's head has about 1900 moves: rebuilt from the rule that lists them", NULL);
    count_row("moves", "about 1900", v.n, ALL, (v.n + 50) / 100 == 19);
    count_row("queen-like", "-", v.queen, QUEEN, true);
    count_row("knight", "-", v.knight, KNIGHT, true);
    count_row("promotions", "-", v.promotions, PROMOTIONS, true);
    count_row("all distinct", "-", chess_moves_distinct(&v), ALL, true);
    end("maskproof article");
    static const struct {
        const char *slug, *says, *entry;
    } most[] = {
        {"maia2-218", "218", "Petrovic 1964"}, {"maia2-218b", "218", "another"}, {"maia2-start", "-", "the start"}};
    begin("A13", "a position has at most 218 legal moves, counted in their masks (by python-chess)", NULL);
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        char *line = ask_suite_case("chess", most[i].slug), got[30];
        struct words words = words_of(line);
        size_t legal = 0;
        for (const char *m = at(&words, 3); *m != '\0'; m++) legal += *m == '1';
        snprintf(got, sizeof got, "%zu", legal);
        row(most[i].entry, most[i].says, got, "-", "-",
            strcmp(most[i].says, "-") == 0 || strcmp(most[i].says, got) == 0);
        words_free(&words);
        free(line);
    }
    end("maskproof article");
    begin("A13", "who has a logit, and where (indices: Maia2's own list)", NULL);
    for (const struct move_claim *m = move_claims; m->move != NULL; m++) {
        int index = chess_moves_index(&v, m->move);
        char got[30] = "none";
        if (index >= 0) snprintf(got, sizeof got, "%d", index);
        bool asks_index = m->says[0] >= '0' && m->says[0] <= '9';
        bool ok = strcmp(m->says, "a logit") == 0 ? index >= 0 : strcmp(m->says, got) == 0;
        row(m->move, asks_index ? "-" : m->says, got, asks_index ? m->says : "-", "-", ok);
    }
    end("maskproof article");
}

/* --- A14: what a leak of Maia2 means --- */

static void show_maia(const struct maia_claim *c)
{
    static char mask[MAIA_MASKED + 2], x[2 * MAIA_MASKED + 40];
    char entry[40], lse_text[40], lse2[40], got[DIGITS_ROOM], exact_text[DIGITS_ROOM];
    memset(mask, '0', MAIA_MASKED + 1);
    mask[0] = '1'; /* one valid logit, so it is the log-sum-exp */
    int length = snprintf(x, sizeof x, "%s", c->lse);
    for (int i = 0; i < MAIA_MASKED; i++, length += 2) memcpy(x + length, " 0", 3);

    double l = strtod(c->leak, NULL), lse = log(MAIA_MASKED * (1 - l) / l);
    begin("A14", c->title, "multiply, 1850 masked");
    snprintf(lse_text, sizeof lse_text, "%.4f", lse);
    snprintf(lse2, sizeof lse2, "%.2f", lse);
    row("ln(N(1-l)/l)", c->lse, lse_text, "-", "-", strcmp(lse2, c->lse) == 0);

    char *cases = ask_case(mask, x), *all = ones(mask);
    struct words ours = ask_run("multiply", cases), exact = ask_decimal(all, x, GUARD); /* x * mask is x */
    struct leak leak = leak_of(&ours, mask, true);
    struct digits valid;
    bool known = digits_parse(&valid, at(&exact, 0));
    if (known) valid = digits_complement(&valid);
    snprintf(entry, sizeof entry, "leak at %s", c->lse);
    row(entry, c->leak, digits_significant(&leak.sum, 9, got), digits_significant(&valid, EXACT, exact_text), "-",
        known && leak_as_said(&leak, c->leak) && digits_print_as(&valid, c->leak));
    end("maskproof article");
    words_free(&ours);
    words_free(&exact);
    free(cases);
    free(all);
}

/* --- the verb --- */

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 't': table.tsv = true; break;
    case ARGP_KEY_ARG: argp_error(state, "expected no argument, found '%s'", arg); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"tsv", 't', 0, 0, "for programs: tab-separated, one line per entry", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .doc =
        "Print every number of the article \"Masked Softmax Layers in PyTorch\" three times: as printed there, as the "
        "implementation it speaks of returns it in f32, and exact to 20 digits.  Exit code 1 if a printed digit is "
        "not met."
        "\vExamples:\n"
        "  maskproof article\n"
        "  maskproof article --tsv | cut -f 1,3-6\n"
        "  maskproof case --mask 10110 1.2355 -0.1710 -0.6606 -0.2050 -1.4690 | maskproof run multiply"};

static void print_head(void)
{
    if (table.tsv)
        puts("# claim\ttitle\tentry\tsays\tgot\texact\tf32_exact\tstatus");
    else
        printf("%s    %-15s %-12s %-15s %-26s %-16s%s\n", paint("\033[2m"), "entry", "article says", "we get, in f32",
               "exact", "exact, of the f32", paint("\033[0m"));
}

static void print_foot(void)
{
    if (table.tsv) {
        for (const struct elsewhere *e = elsewhere; e->id != NULL; e++)
            printf("# elsewhere\t%s\t%s\t%s\n", e->id, e->title, e->where);
        return;
    }
    puts("\nNot shown by this table:");
    for (const struct elsewhere *e = elsewhere; e->id != NULL; e++)
        printf("    %-4s%s: %s\n", e->id, e->title, e->where);
    puts("\nExact: of the decimals as the article prints them, 20 digits (maskproof truth --decimal).\n"
         "Exact, of the f32: the word nearest to the answer for their f32 words, and how far that answer\n"
         "lies from it, in ulps (maskproof truth).  The two differ from about the ninth digit on, since\n"
         "1.2355 is no f32.\n");
    printf("%zu of %zu rows as the article says\n", table.rows - table.misses, table.rows);
}

int main(int argc, char **argv)
{
    verb_parse(&argp, argc, argv);
    table.colour = !table.tsv && isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
    print_head();
    show_vectors("A1");
    show_vectors("A2");
    show_vectors("A3");
    for (const struct leak_claim *c = leak_claims; c->id != NULL; c++) show_leak(c);
    show_vectors("A5");
    show_vectors("A6");
    show_vectors("A8");
    show_same_words();
    for (const struct poison_claim *c = poison_claims; c->id != NULL; c++) show_poison(c);
    for (const struct batch_claim *c = batch_claims; c->id != NULL; c++) show_batch(c);
    show_vectors("A10");
    show_vocabulary();
    for (const struct maia_claim *c = maia_claims; c->title != NULL; c++) show_maia(c);
    print_foot();
    finish(table.misses > 0);
}

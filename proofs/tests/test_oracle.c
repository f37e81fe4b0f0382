/* test_oracle - engines that share no arithmetic, and the fast one, give the same word and frac on every row; rows
   whose answer is known without them come out as known; and an answer that was tampered with is noticed.
   SPDX-License-Identifier: MIT */
#include "exact_sum.h"
#include "judged.h"
#include "other_words.h"
#include "pipe.h"
#include "random.h"

#include <math.h>

static const struct {
    const char *name;
    truth_row *row;
} engines[] = {{"mpfr", truth_row_mpfr}, {"arb", truth_row_arb}, {"fast", truth_row_fast}};
enum { ENGINES = sizeof engines / sizeof *engines };

enum { ROWS_AT_RANDOM = 200000, MOST = 24 };

struct random_case {
    const struct format *f;
    size_t n;
    uint64_t x[MOST];
    unsigned char mask[MOST];
};

/* Row number `turn`: sigma from 0.1 to 300, a few values many times, words of any size, the extremes; -inf among the
   valid entries and anything under the mask. */
static void make_row(struct random_case *c, size_t turn)
{
    uint64_t state = turn * 0x9e3779b97f4a7c15u, pool[3];
    const struct format *f = c->f = &formats[turn % FORMATS];
    size_t kind = random_below(&state, 10);
    double sigma = 0.1 * pow(3000, random_uniform(&state)), shift = random_below(&state, 2) ? 0 : sigma * 3;
    c->n = 1 + random_below(&state, MOST);
    for (int i = 0; i < 3; i++) pool[i] = word_nearest(f, sigma * (random_uniform(&state) - 0.5));
    for (size_t i = 0; i < c->n; i++) {
        double normal = -6;
        for (int k = 0; k < 12; k++) normal += random_uniform(&state);
        c->mask[i] = random_below(&state, 4) > 0;
        c->x[i] = kind == 0   ? pool[random_below(&state, 3)]
                  : kind == 1 ? random_finite_word(&state, f)
                  : kind == 2 ? word_max(f) | (random_below(&state, 2) ? word_sign_bit(f) : 0)
                  : kind == 3 ? pool[0] + random_below(&state, 2)
                              : word_nearest(f, sigma * normal + shift);
        if (kind >= 8 && random_below(&state, 4) == 0) c->x[i] = word_inf(f) | word_sign_bit(f);
        if (!c->mask[i] && random_below(&state, 4) == 0) c->x[i] = random_word(&state, f);
        if (!word_is_finite(f, c->x[i]) && kind < 8 && c->mask[i]) c->x[i] = pool[1];
    }
    size_t sure = random_below(&state, c->n); /* one entry at least has a probability */
    c->mask[sure] = 1;
    if (!word_is_finite(f, c->x[sure])) c->x[sure] = pool[2];
}

/* NULL, or what is wrong with the answers of the engines. */
static const char *compare_engines(const struct random_case *c)
{
    struct answer mpfr[MOST], arb[MOST], fast[MOST];
    struct exact_sum sum = {0};
    if (!truth_row_mpfr(SOFTMAX, c->f, c->n, c->x, NULL, c->mask, mpfr)) return "mpfr gave up";
    if (!truth_row_arb(SOFTMAX, c->f, c->n, c->x, NULL, c->mask, arb)) return "arb gave up";
    if (!truth_row_fast(SOFTMAX, c->f, c->n, c->x, NULL, c->mask, fast)) return "fast gave up";
    for (size_t i = 0; i < c->n; i++) {
        const struct answer *a = &mpfr[i];
        bool has_mass = c->mask[i] && word_is_finite(c->f, c->x[i]);
        if (!same_answer(a, &arb[i]) || !same_answer(a, &fast[i])) return "they differ";
        if (!has_mass && (a->word != 0 || a->side != 0 || a->millionths != 0)) return "mass where none can be";
        if (has_mass && a->word == 0 && a->side != 1) return "exp is never 0";
        if (a->side == 0 && a->millionths != 0) return "a frac without a side";
        if (a->millionths < 0 || a->millionths > 500000) return "a frac beyond one half";
        for (size_t j = 0; j < i && has_mass; j++) {
            if (!c->mask[j] || !word_is_finite(c->f, c->x[j])) continue;
            if (word_order(c->f, c->x[i]) == word_order(c->f, c->x[j]) && !same_answer(a, &mpfr[j]))
                return "equal logits with different answers";
            if (word_order(c->f, c->x[i]) > word_order(c->f, c->x[j]) && a->word < mpfr[j].word)
                return "a larger logit with a smaller answer";
        }
        exact_sum_add(&sum, c->f, a->word);
    }
    exact_sum_add(&sum, &formats[F64], machine_word(&formats[F64], -1));
    /* each rounding is at most u relative or half the smallest subnormal; exact_sum_value is good to 2^-52 itself */
    double bound = ldexp(1, -c->f->precision) + (double)c->n * ldexp(0.5, format_grid(c->f));
    return fabs(exact_sum_value(&sum)) <= bound * (1 + 0x1p-50) ? NULL : "the sum of rounded shares is too far from 1";
}

static const char *spell(const struct random_case *c)
{
    static char text[1000];
    int length = snprintf(text, sizeof text, "x softmax %s ", c->f->name);
    for (size_t i = 0; i < c->n; i++) text[length++] = (char)('0' + c->mask[i]);
    for (size_t i = 0; i < c->n; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, " %0*llx", (int)c->f->digits,
                           (unsigned long long)c->x[i]);
    return text;
}

Test(oracle, three_engines_one_answer)
{
    size_t worst = ROWS_AT_RANDOM;
#pragma omp parallel
    {
#pragma omp for schedule(dynamic, 256)
        for (size_t turn = 0; turn < ROWS_AT_RANDOM; turn++) {
            struct random_case c;
            make_row(&c, turn);
            if (compare_engines(&c) == NULL) continue;
#pragma omp critical
            if (turn < worst) worst = turn; /* no assertion on a thread that Criterion does not know */
        }
        truth_cleanup_mpfr();
        truth_cleanup_fast();
    }
    struct random_case c;
    make_row(&c, worst);
    cr_assert(worst == ROWS_AT_RANDOM, "%s: %s", compare_engines(&c), spell(&c));
}

/* A third way, with no enclosure and no loop: 3000 bits everywhere, and one rounding at the end. */
Test(oracle, as_by_brute_force)
{
    enum { BITS = 3000, TURNS = 3000 };
    mpfr_t e[MOST], sum, max;
    mpfr_inits2(BITS, sum, max, (mpfr_ptr)0);
    for (int i = 0; i < MOST; i++) mpfr_init2(e[i], BITS);
    int compared = 0;
    for (size_t turn = 0; turn < TURNS; turn++) {
        struct random_case c;
        struct answer found[MOST];
        make_row(&c, turn + ROWS_AT_RANDOM);
        double least = INFINITY, most = -INFINITY;
        for (size_t i = 0; i < c.n; i++) {
            if (!c.mask[i] || !word_is_finite(c.f, c.x[i])) continue;
            least = fmin(least, machine_value(c.f, c.x[i]));
            most = fmax(most, machine_value(c.f, c.x[i]));
        }
        /* so that 3000 bits see every term, and no answer is a rational (which the next test is for) */
        if (most - least > 1000 || most == least) continue;
        compared++;
        mpfr_set_zero(sum, 1);
        mpfr_set_d(max, most, MPFR_RNDN);
        for (size_t i = 0; i < c.n; i++) {
            if (!c.mask[i] || !word_is_finite(c.f, c.x[i])) continue;
            mpfr_d_sub(e[i], machine_value(c.f, c.x[i]), max, MPFR_RNDN);
            mpfr_exp(e[i], e[i], MPFR_RNDN);
            mpfr_add(sum, sum, e[i], MPFR_RNDN);
        }
        cr_assert(truth_row_arb(SOFTMAX, c.f, c.n, c.x, NULL, c.mask, found), "%s", spell(&c));
        for (size_t i = 0; i < c.n; i++) {
            if (!c.mask[i] || !word_is_finite(c.f, c.x[i])) continue;
            mpfr_div(e[i], e[i], sum, MPFR_RNDN);
            struct answer expected = mpfr_answer(c.f, e[i]);
            cr_assert(same_answer(&expected, &found[i]),
                      "entry %zu of %s: expected %llx side %d .%06d, found %llx side %d .%06d", i, spell(&c),
                      (unsigned long long)expected.word, expected.side, expected.millionths,
                      (unsigned long long)found[i].word, found[i].side, found[i].millionths);
        }
    }
    cr_assert(compared > TURNS / 2, "only %d rows were compared", compared);
    for (int i = 0; i < MOST; i++) mpfr_clear(e[i]);
    mpfr_clears(sum, max, (mpfr_ptr)0);
}

static void check_known(const char *answer_line)
{
    struct line line = {0};
    char *copy = strdup(answer_line);
    cr_assert(line_parse_answer(&line, copy), "%s: %s", answer_line, line.error);
    for (int e = 0; e < ENGINES; e++) {
        struct answer found[32];
        cr_assert(line.n <= 32 && engines[e].row(line.op, line.format, line.n, line.x, line.dy, line.mask, found), "%s",
                  answer_line);
        for (size_t i = 0; i < line.n; i++)
            cr_assert(same_answer(&found[i], &line.answer[i]), "%s by %s, entry %zu: found %llx side %d .%06d",
                      answer_line, engines[e].name, i, (unsigned long long)found[i].word, found[i].side,
                      found[i].millionths);
    }
    line_free(&line);
    free(copy);
}

Test(oracle, known_answers)
{
    static const char *const known[] = {
        /* the article's row, with mask */
        "a softmax f32 10110 3f9e24dd be2f1aa0 bf291d15 be51eb85 bfbc0831 "
        "= 3f389376-.009091 00000000 3dddb79e+.307950 3e2ed659-.117607 00000000",
        /* one valid entry is exactly 1 */
        "a softmax f32 010 3f800000 40000000 40400000 = 00000000 3f800000 00000000",
        "a softmax f64 1 ffefffffffffffff = 3ff0000000000000",
        "a softmax f16 011 7e00 3c00 fc00 = 0000 3c00 0000",
        /* max and -max: 1 but for what no format can hold */
        "a softmax f64 11 7fefffffffffffff ffefffffffffffff = 3ff0000000000000-.000000 0000000000000000+.000000",
        "a softmax f32 11 7f7fffff ff7fffff = 3f800000-.000000 00000000+.000000",
        "a softmax bf16 11 ff7f 7f7f = 0000+.000000 3f80-.000000",
        "a softmax f16 11 7bff fbff = 3c00-.000000 0000+.000000",
        /* the tail decides the side: 1/2 and 1/3 less something far below every bit */
        "a softmax f32 111 7f7fffff 7f7fffff 00000000 = 3f000000-.000000 3f000000-.000000 00000000+.000000",
        "a softmax f32 11 00000000 80000000 = 3f000000 3f000000",
        "a softmax f32 1111 7f7fffff 7f7fffff 7f7fffff 00000000 "
        "= 3eaaaaab-.333333 3eaaaaab-.333333 3eaaaaab-.333333 00000000+.000000",
        /* without the tail */
        "a softmax f32 1110 7f7fffff 7f7fffff 7f7fffff 00000000 "
        "= 3eaaaaab-.333333 3eaaaaab-.333333 3eaaaaab-.333333 00000000",
        "a softmax f16 1111 3c00 3c00 3c00 3c00 = 3400 3400 3400 3400",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) check_known(known[i]);
}

/* k equal logits among masked entries and -inf: 1/k, exactly. */
Test(oracle, equal_logits_share_equally)
{
    enum { MOST_K = 300, N = 2 * MOST_K };
    static uint64_t x[N];
    static unsigned char mask[N];
    static struct answer found[N];
    uint64_t state = 5;
    mpq_t share;
    mpq_init(share);
    for (size_t k = 1; k <= MOST_K; k++) {
        const struct format *f = &formats[k % FORMATS];
        uint64_t value = random_finite_word(&state, f);
        for (size_t i = 0; i < N; i++) {
            mask[i] = random_below(&state, 2) == 0;
            x[i] = mask[i] ? word_inf(f) | word_sign_bit(f) : random_word(&state, f);
        }
        for (size_t left = k; left > 0;) {
            size_t i = random_below(&state, N);
            if (mask[i] == 2) continue;
            mask[i] = 2;
            x[i] = value;
            left--;
        }
        mpq_set_ui(share, 1, k);
        struct answer expected = rational_answer(f, share), none = {0};
        unsigned char *one = malloc(N);
        for (size_t i = 0; i < N; i++) one[i] = mask[i] != 0;
        for (int e = 0; e < ENGINES; e++) {
            cr_assert(engines[e].row(SOFTMAX, f, N, x, NULL, one, found), "1/%zu", k);
            for (size_t i = 0; i < N; i++)
                cr_assert(same_answer(&found[i], mask[i] == 2 ? &expected : &none), "%s, 1/%zu, entry %zu", f->name, k,
                          i);
        }
        free(one);
    }
    mpq_clear(share);
}

/* --- the verb truth --- */

static char *random_cases(size_t count)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    for (size_t i = 0; i < count; i++) {
        struct random_case c;
        make_row(&c, 7 * i + 2 * ROWS_AT_RANDOM);
        fprintf(out, "case-%zu%s\n", i, spell(&c) + 1);
    }
    fclose(out);
    return text;
}

Test(oracle, the_same_bytes_from_every_engine_and_any_number_of_threads)
{
    char *cases = random_cases(3000);
    struct output one = run_text("truth", ARGS("--engine", "mpfr", "--jobs", "1"), cases);
    cr_assert(one.status == 0 && one.err_length == 0, "%d %s", one.status, one.err);
    static const char *const others[][4] = {{"--engine", "arb", "--jobs", "1"},
                                            {"--engine", "fast", "--jobs", "1"},
                                            {"--engine", "mpfr", "--jobs", "5"},
                                            {"--engine", "arb", "--jobs", "5"},
                                            {"--engine", "fast", "--jobs", "5"}};
    for (int i = 0; i < 5; i++) {
        struct output o = run_text("truth", ARGS(others[i][0], others[i][1], others[i][2], others[i][3]), cases);
        cr_assert(o.status == 0 && strcmp(o.out, one.out) == 0, "%s --jobs %s", others[i][1], others[i][3]);
        output_free(&o);
    }
    struct output again = run_text("truth", NO_ARGS, one.out); /* answers are cases */
    cr_assert(again.status == 0 && strcmp(again.out, one.out) == 0, "answers of answers: %d %s", again.status,
              again.err);
    output_free(&again);
    output_free(&one);
    free(cases);
}

/* Change the character `at` of an answer line: flip the sign of a frac, or a bit of the word of a valid entry (of a
   masked one the judge needs no answer).  False: it is neither. */
static bool tamper(char *line, char *at, bool *sign)
{
    static const char digits[] = "0123456789abcdef";
    const char *answers = strstr(line, " = ") + 3, *mask = strchr(strstr(line, "softmax ") + 8, ' ') + 1, *token = at;
    size_t entry = 0;
    while (token > answers && token[-1] != ' ') token--;
    for (const char *c = answers; c < token; c++) entry += *c == ' ';
    *sign = *at == '+' || *at == '-';
    if (*sign) {
        *at = *at == '+' ? '-' : '+';
        return true;
    }
    bool in_word = (size_t)(at - token) < strcspn(token, "+- \n"), valid = mask[entry] == '1';
    if (in_word && valid) *at = digits[(size_t)(strchr(digits, *at) - digits) ^ 1];
    return in_word && valid;
}

/* In a file of answers: comparing bytes shows both, and the right results no longer pass where a word was flipped. */
Test(oracle, tampered_answers_are_noticed)
{
    enum { LINES = 40 };
    char *cases = random_cases(LINES);
    struct output truth = run_text("truth", NO_ARGS, cases);
    cr_assert(truth.status == 0, "%s", truth.err);
    uint64_t state = 6;
    for (int words = 0, signs = 0; words < 40 || signs < 40;) {
        char *tampered = strdup(truth.out), *line = tampered;
        for (size_t skip = random_below(&state, LINES); skip > 0; skip--) line = strchr(line, '\n') + 1;
        char *answers = strstr(line, " = ") + 3, *end = strchr(line, '\n');
        bool sign;
        if (tamper(line, answers + random_below(&state, (size_t)(end - answers)), &sign)) {
            sign ? signs++ : words++;
            struct output fresh =
                run_text("truth", ARGS("--engine", engines[(words + signs) % ENGINES].name), tampered);
            cr_assert(strcmp(fresh.out, truth.out) == 0 && strcmp(fresh.out, tampered) != 0,
                      "the cases in it are whole, and their answers others: %.*s", (int)(end - line), line);
            char *path = scratch_text(tampered);
            struct output judge = run_text("judge", ARGS(path, "--max-ulp", "0.5"), truth.out);
            cr_assert(judge.status == (sign ? 0 : 1), "exit code %d: %.*s\n%s", judge.status, (int)(end - line), line,
                      judge.err);
            scratch_remove(path);
            output_free(&judge);
            output_free(&fresh);
        }
        free(tampered);
    }
    output_free(&truth);
    free(cases);
}

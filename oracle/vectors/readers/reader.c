/* reader.c - holds a masked softmax to the golden vectors, with nothing but C.  Put yours in place of safe().
   JSON takes a library; the answer lines take none, so this one reads the .txt files:
     cc -std=c99 reader.c -lm -o reader && cd .. && readers/reader safe *.f32.softmax.txt *.f64.softmax.txt
   or multiply, ...; exit 0: all cases pass, 1: some fail, 2: nothing to check.
   SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 16 }; /* entries of a case: more than the .txt files have */

struct format {
    const char *name;
    int bits, least; /* precision; exponent of the smallest number */
    double limit;    /* ulps that you allow; exp(x - max) rounds x - max, which is up to 745 */
};
static const struct format f32 = {"f32", 24, -149, 1}, f64 = {"f64", 53, -1074, 514};

/* One row: numbers and a mask of 0 and 1 in, probabilities out. */
static void safe(size_t n, const double *x, const bool *mask, double *p)
{
    double top = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        if (mask[i] && (isnan(x[i]) || x[i] > top)) top = x[i]; /* a NaN stays */
    for (size_t i = 0; i < n; i++) sum += p[i] = mask[i] && top != -INFINITY ? exp(x[i] - top) : 0;
    for (size_t i = 0; i < n; i++) p[i] = mask[i] && sum != 0 ? p[i] / sum : 0;
}

/* What must fail: the article's bug, and what a careless check lets pass. */
static void multiply(size_t n, const double *x, const bool *mask, double *p)
{
    static double product[MOST];
    static bool all[MOST];
    for (size_t i = 0; i < n; i++) {
        product[i] = x[i] * mask[i];
        all[i] = true;
    }
    safe(n, product, all, p);
}

static void nan_for_all(size_t n, const double *x, const bool *mask, double *p)
{
    (void)x;
    for (size_t i = 0; i < n; i++) p[i] = mask[i] ? NAN : 0;
}

static void zeros(size_t n, const double *x, const bool *mask, double *p)
{
    (void)x, (void)mask;
    for (size_t i = 0; i < n; i++) p[i] = 0;
}

static void nearly(size_t n, const double *x, const bool *mask, double *p)
{
    safe(n, x, mask, p);
    for (size_t i = 0; i < n; i++) p[i] *= 1 - 0x1p-22;
}

static const struct subject {
    const char *name;
    void (*softmax)(size_t n, const double *x, const bool *mask, double *p);
} subjects[] = {{"safe", safe},   {"multiply", multiply}, {"nan", nan_for_all},
                {"zeros", zeros}, {"nearly", nearly},     {NULL, NULL}};

static double number(const struct format *f, uint64_t word)
{
    double wide;
    float narrow;
    uint32_t low = (uint32_t)word;
    memcpy(&wide, &word, sizeof wide);
    memcpy(&narrow, &low, sizeof narrow);
    return f == &f32 ? narrow : wide;
}

/* In ulps of the exact value, as a token word[frac] gives it; infinite where nothing but the word itself will do. */
static double error(const struct format *f, double got, const char *token)
{
    char *end;
    double value = number(f, strtoull(token, &end, 16)), frac = atof(end);
    if (*end == '\0' && value == 0) return got == 0 && !signbit(got) ? 0 : INFINITY; /* masked, or of no weight */
    if (!(got >= 0 && got <= 1)) return INFINITY;                                    /* so that NaN loses */
    int e; /* the ulp is the spacing at the exact value, which may lie in the binade below the word's */
    bool below = frexp(value, &e) == 0.5 && frac < 0;
    e = value == 0 || e - f->bits - below < f->least ? f->least : e - f->bits - below;
    return fabs(ldexp(got - value, -e) - frac);
}

/* The error of a row, whose answer is at *token: n of them, or the name of a class. */
static double row_error(const struct format *f, size_t n, const bool *mask, const double *got, char **token)
{
    double worst = 0;
    bool nan = strcmp(*token, "nan") == 0 || strcmp(*token, "pinf") == 0;
    bool named = nan || strcmp(*token, "empty") == 0 || strcmp(*token, "all-ninf") == 0;
    for (size_t i = 0; i < n; i++) {
        if (*token == NULL) return INFINITY;
        double p = f == &f32 ? (float)got[i] : got[i];
        double off = !named ? error(f, p, *token) : nan && mask[i] ? (isnan(p) ? 0 : INFINITY) : error(f, p, "0");
        worst = fmax(worst, off);
        if (!named || i + 1 == n) *token = strtok(NULL, " \n");
    }
    if (*token != NULL) *token = strtok(NULL, " \n"); /* the slash between two rows */
    return worst;
}

/* id op format mask word... = row [/ row]: a row is n answers, or the name of its class.  False: it fails. */
static bool case_passes(const struct subject *subject, char *line, double worst_of[2])
{
    const char *id = strtok(line, " "), *op = strtok(NULL, " "), *name = strtok(NULL, " "), *text = strtok(NULL, " ");
    const struct format *f = name && strcmp(name, "f32") == 0 ? &f32 : name && strcmp(name, "f64") == 0 ? &f64 : NULL;
    if (id == NULL || text == NULL || f == NULL || strcmp(op, "softmax") != 0 || strlen(text) > MOST)
        return fprintf(stderr, "expected answer lines of softmax in f32 or f64\n"), exit(2), false;
    size_t entries = 0, n = strcspn(text, "/");
    static bool mask[MOST];
    static double x[MOST], p[MOST];
    double worst = 0;
    for (; *text != '\0'; text++)
        if (*text != '/') mask[entries++] = *text == '1';
    char *token = NULL;
    for (size_t i = 0; i <= entries; i++) {
        token = strtok(NULL, " \n"); /* after the last word comes the '=' */
        if (token == NULL) return false;
        if (i < entries) x[i] = number(f, strtoull(token, NULL, 16));
    }
    token = strtok(NULL, " \n");
    for (size_t r = 0; r < entries; r += n) {
        if (token == NULL) return false;
        subject->softmax(n, x + r, mask + r, p + r);
        worst = fmax(worst, row_error(f, n, mask + r, p + r, &token));
    }
    worst_of[f == &f64] = fmax(worst_of[f == &f64], worst);
    return worst <= f->limit;
}

int main(int argc, char **argv)
{
    const struct subject *subject = subjects;
    size_t cases = 0, failed = 0;
    double worst[2] = {0, 0};
    static char line[1 << 22];
    while (argc > 1 && subject->name != NULL && strcmp(subject->name, argv[1]) != 0) subject++;
    if (argc < 3 || subject->name == NULL)
        return fprintf(stderr, "expected safe, multiply, nan, zeros or nearly, and .txt files\n"), 2;
    for (int i = 2; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        if (file == NULL) return perror(argv[i]), 2;
        while (fgets(line, sizeof line, file) != NULL) {
            if (line[0] == '#') continue;
            cases++;
            if (case_passes(subject, line, worst)) continue;
            failed++;
            printf("FAIL %s\n", line); /* strtok has left the id at the start of the line */
        }
        fclose(file);
    }
    printf("reader.c, %s: %zu of %zu cases pass; largest error in ulps: f32 %.3g f64 %.3g\n", subject->name,
           cases - failed, cases, worst[0], worst[1]);
    return cases == 0 ? 2 : failed > 0 ? 1 : 0;
}

/* test_leak - the verb leak on .npy files made here, byte by byte: what it refuses, what it says, and that every type,
   every header and all three inputs say the same.  (The numbers are compared with NumPy's by proofs/leak_numpy.py.)
   SPDX-License-Identifier: MIT */
#include "pipe.h"
#include "random.h"

#include <cjson/cJSON.h>
#include <math.h>

/* The bytes of a .npy file: version, header, data. */
struct bytes {
    unsigned char b[4096];
    size_t length;
};

static struct bytes npy(int version, const char *header, const void *data, size_t size)
{
    struct bytes f = {.length = 0};
    size_t text = strlen(header);
    memcpy(f.b, "\x93NUMPY", 6);
    f.b[6] = (unsigned char)version;
    f.b[8] = (unsigned char)(text & 255);
    f.b[9] = (unsigned char)(text >> 8);
    f.length = version == 1 ? 10 : 12;
    memcpy(f.b + f.length, header, text);
    memcpy(f.b + f.length + text, data, size);
    f.length += text + size;
    return f;
}

#define HEAD(type, shape) "{'descr': '" type "', 'fortran_order': False, 'shape': " shape ", }\n"
#define NPY(type, shape, ...) npy(1, HEAD(type, shape), __VA_ARGS__)

/* Two rows: the article's vector, mask 10110, which leaks 0.2954; and one of equal logits. */
static const double ell[] = {1.2355, -0.1710, -0.6606, -0.2050, -1.4690, 0, 0, 0, 0, 0};
static const float ell4[] = {1.2355f, -0.1710f, -0.6606f, -0.2050f, -1.4690f, 0, 0, 0, 0, 0};
static const unsigned char mask[] = {1, 0, 1, 1, 0, 1, 1, 1, 1, 0};

static struct bytes good_logits(void) { return NPY("<f4", "(2, 5)", ell4, sizeof ell4); }
static struct bytes good_mask(void) { return NPY("|b1", "(2, 5)", mask, sizeof mask); }

/* "maskproof-leak OPTIONS A B", the two files written for it. */
static struct output leak(const char *const *options, const struct bytes *a, const struct bytes *b)
{
    char *first = scratch_file(a->b, a->length), *second = scratch_file(b->b, b->length);
    const char *args[12] = {first, second};
    for (int i = 0; i < 9 && options[i] != NULL; i++) args[i + 2] = options[i];
    struct output o = run_text("leak", args, "");
    scratch_remove(first);
    scratch_remove(second);
    return o;
}

static void refuse(const char *const *options, struct bytes a, struct bytes b, const char *expected)
{
    struct output o = leak(options, &a, &b);
    cr_expect(o.status == 2, "%s: exit code %d", expected, o.status);
    cr_expect(o.out_length == 0, "%s: printed '%s'", expected, o.out);
    cr_expect(strstr(o.err, expected) != NULL, "expected '%s' in '%s'", expected, o.err);
    cr_expect(strchr(o.err, '\n') == o.err + o.err_length - 1, "not one line: '%s'", o.err);
    output_free(&o);
}

Test(leak, refuses_other_files)
{
    const struct bytes x = good_logits(), m = good_mask();
    static const struct {
        int version;
        const char *header, *expected;
    } headers[] = {
        {1, HEAD(">f4", "(2, 5)"), "expected little-endian numbers, found '>f4'"},
        {1, HEAD("|O", "(2, 5)"), "pickled Python objects"},
        {1, HEAD("<c8", "(2, 5)"), "found '<c8'"},
        {1, HEAD("<f16", "(2, 5)"), "found '<f16'"},
        {1, HEAD("<U1", "(2, 5)"), "found '<U1'"},
        {1, HEAD("|V2", "(2, 5)"), "found '|V2'"},
        {1, HEAD("|f4", "(2, 5)"), "expected a type such as '<f4', found '|f4'"},
        {1, HEAD("", "(2, 5)"), "found ''"},
        {1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 5), }\n", "a structured one"},
        {1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 5), }\n", "expected C order, found Fortran order"},
        {1, "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 5), }\n", "expected fortran_order True or False"},
        {1, "{'descr': '<f4', 'shape': (2, 5), }\n", "each once"},
        {1, "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 5), }\n", "each once"},
        {1, "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 5), }\n", "each once"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5), 'more': 1}\n", "each once"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5)\n", "each once"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5), } x\n", "to end with a newline"},
        {1, "", "expected a header"},
        {1, HEAD("<f4", "()"), "expected an array of one dimension or more"},
        {1, HEAD("<f4", "(10)"), "expected an array of one dimension or more"},
        {1, HEAD("<f4", "(2 5)"), "expected a shape"},
        {1, HEAD("<f4", "(-2, 5)"), "expected a shape"},
        {1, HEAD("<f4", "[2, 5]"), "expected a shape"},
        {1, HEAD("<f4", "(99999999999999999999, 5)"), "expected a shape"},
        {1, HEAD("<f4", "(4294967296, 4294967296)"), "expected fewer than"},
        {1, HEAD("<f4", "(2, 6)"), "the file is truncated"},
        {1, HEAD("<f4", "(1, 5)"), "expected"},
        {1, HEAD("<i4", "(2, 5)"), "expected logits of type f2, f4 or f8"},
        {4, HEAD("<f4", "(2, 5)"), "expected .npy version 1.0, 2.0 or 3.0, found 4.0"},
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        refuse(NO_ARGS, npy(headers[i].version, headers[i].header, ell4, sizeof ell4), m, headers[i].expected);
    refuse(NO_ARGS, npy(1, HEAD("<f4", "(2, 5)"), ell4, sizeof ell4 - 1), m, "expected 1");
    refuse(NO_ARGS, NPY("<f4", "(2, 5)", ell, sizeof ell4 + 1), m, "expected 1");
    refuse(NO_ARGS, x, NPY("|b1", "(5, 2)", mask, sizeof mask), "expected the shape of the logits, 2 x 5, found 5 x 2");
    refuse(NO_ARGS, x, NPY("|b1", "(10,)", mask, sizeof mask), "expected the shape of the logits");
    refuse(NO_ARGS, x, x, "expected mask entries 0 and 1, found 1.2355 in row 0, entry 0");
    unsigned char bad[sizeof mask];
    memcpy(bad, mask, sizeof mask);
    bad[7] = 255;
    refuse(NO_ARGS, x, NPY("|b1", "(2, 5)", bad, sizeof bad), "found 255 in row 1, entry 2");
    refuse(NO_ARGS, x, NPY("|i1", "(2, 5)", bad, sizeof bad), "found -1 in row 1, entry 2");
    const float nan[10] = {1, NAN};
    refuse(NO_ARGS, x, NPY("<f4", "(2, 5)", nan, sizeof nan), "found nan in row 0, entry 1");
    struct bytes other = x;
    other.b[5] = 'X';
    refuse(NO_ARGS, other, m, "expected a .npy file");
}

Test(leak, refuses_what_does_not_fit)
{
    const double lse[] = {1, 2}, counts[] = {3, 6}, bounds[] = {0, 3, 2};
    const unsigned char few[] = {1};
    struct output o = run_text("leak", ARGS("--lse", "a.npy", "b.npy"), "");
    cr_expect(o.status == 2 && strstr(o.err, "expected --classes") != NULL, "%s", o.err);
    output_free(&o);
    refuse(ARGS("--lse", "--classes", "5"), NPY("<f8", "(2,)", lse, 16), NPY("<f8", "(2,)", counts, 16),
           "expected a count of valid entries of 0 to 5, found 6 in row 1");
    refuse(ARGS("--lse", "--classes", "5"), NPY("<f8", "(2,)", lse, 16), NPY("<f8", "(2,)", ell, 16), "found 1.2355");
    refuse(ARGS("--lse", "--classes", "5"), NPY("<f8", "(2,)", lse, 16), NPY("|u1", "(1,)", few, 1),
           "expected a count for each of 2 rows, found 1");
    refuse(ARGS("--ragged", "--classes", "5"), NPY("<f8", "(3,)", bounds, 24), NPY("<f8", "(3,)", ell, 24),
           "expected a bound of 3 to 3, found 2");
    refuse(ARGS("--ragged", "--classes", "2"), NPY("<f8", "(2,)", bounds, 16), NPY("<f8", "(3,)", ell, 24),
           "expected a bound of 0 to 2, found 3");
    refuse(ARGS("--ragged", "--classes", "5"), NPY("<f8", "(2,)", bounds, 16), NPY("<f8", "(4,)", ell, 32),
           "expected the last bound to be 4");
}

/* Cut anywhere, or with any byte of the header changed, a file is refused or read; nothing else happens. */
Test(leak, survives_every_damage)
{
    const struct bytes x = good_logits(), m = good_mask();
    for (size_t length = 0; length < x.length; length += length < 20 ? 1 : 7) {
        struct bytes cut = x;
        cut.length = length;
        struct output o = leak(NO_ARGS, &cut, &m);
        cr_assert(o.status == 2 && o.out_length == 0, "%zu bytes: exit code %d", length, o.status);
        output_free(&o);
    }
    uint64_t state = 1;
    for (int i = 0; i < 300; i++) {
        struct bytes bad = x;
        size_t at = random_below(&state, x.length - sizeof ell4);
        bad.b[at] = (unsigned char)random_below(&state, 256);
        struct output o = leak(NO_ARGS, &bad, &m);
        cr_assert(o.status == 2 || o.status == 0, "byte %zu set to %d: exit code %d", at, bad.b[at], o.status);
        output_free(&o);
    }
}

/* --- the numbers --- */

/* leak --json of two files. */
static cJSON *json_of(const char *const *options, struct bytes a, struct bytes b)
{
    const char *args[8] = {"--json", "/dev/stderr"};
    for (int i = 0; i < 5 && options[i] != NULL; i++) args[i + 2] = options[i];
    struct output o = leak(args, &a, &b);
    cr_assert(o.status == 0, "exit code %d: %s", o.status, o.err);
    cJSON *seen = cJSON_Parse(o.err);
    cr_assert_not_null(seen, "no JSON: %s", o.err);
    output_free(&o);
    return seen;
}

static const cJSON *at(const cJSON *seen, const char *name)
{
    const cJSON *one = cJSON_GetObjectItem(seen, "formulations")->child;
    while (one != NULL && strcmp(cJSON_GetObjectItem(one, "name")->valuestring, name) != 0) one = one->next;
    cr_assert_not_null(one, "no formulation %s", name);
    return one;
}

static double number(const cJSON *seen, const char *name, const char *group, const char *key)
{
    const cJSON *one = cJSON_GetObjectItem(at(seen, name), group);
    const cJSON *value = key ? cJSON_GetObjectItem(one, key) : one;
    cr_assert(cJSON_IsNumber(value), "%s %s: no number", name, key ? key : group);
    return value->valuedouble;
}

static void near(double got, double expected, const char *what)
{
    cr_expect(fabs(got - expected) <= 1e-14, "%s: expected %.17g, found %.17g", what, expected, got);
}

/* The article's leak in the digits it prints, and the law for a row of four zeros: 1 / (1 + 4). */
static void expect_article(cJSON *seen, double tolerance, const char *what)
{
    double most = number(seen, "multiply", "wrong", "max"), mean = number(seen, "multiply", "wrong", "mean");
    cr_expect(fabs(most - 0.2954) <= 5e-5 + tolerance, "%s: %g", what, most);
    cr_expect(fabs(mean - (most + 0.2) / 2) < 1e-14, "%s: %g", what, mean);
    cr_expect(number(seen, "where", "wrong", "max") == 0 && number(seen, "fill_1e4", "wrong", "max") == 0, "%s", what);
    cJSON_Delete(seen);
}

Test(leak, says_the_same_in_every_type_and_spelling)
{
    const struct bytes x = good_logits(), m = good_mask();
    const unsigned short half[] = {0x3cf1, 0xb179, 0xb949, 0xb28f, 0xbde0, 0, 0x8000, 0, 0, 0};
    float ones4[10];
    double ones8[10];
    int64_t ones[10];
    for (int i = 0; i < 10; i++) {
        ones4[i] = mask[i];
        ones8[i] = mask[i];
        ones[i] = mask[i];
    }
    expect_article(json_of(NO_ARGS, x, m), 0, "f4, bool");
    expect_article(json_of(NO_ARGS, NPY("<f8", "(2, 5)", ell, sizeof ell), m), 0, "f8");
    expect_article(json_of(NO_ARGS, NPY("<f2", "(2, 5)", half, sizeof half), m), 1e-3, "f2");
    expect_article(json_of(NO_ARGS, x, NPY("|u1", "(2, 5)", mask, sizeof mask)), 0, "u1");
    expect_article(json_of(NO_ARGS, x, NPY("<i8", "(2, 5)", ones, sizeof ones)), 0, "i8");
    expect_article(json_of(NO_ARGS, x, NPY("<f4", "(2, 5)", ones4, sizeof ones4)), 0, "f4 mask");
    expect_article(json_of(NO_ARGS, x, NPY("<f8", "(2, 5)", ones8, sizeof ones8)), 0, "f8 mask");
    expect_article(json_of(NO_ARGS, NPY("<f4", "(1, 2, 5)", ell4, sizeof ell4), m), 0, "three dimensions");
    static const char other[] = "{ 'shape':(2,5),'fortran_order':False ,'descr':'<f4'}  \n";
    expect_article(json_of(NO_ARGS, npy(2, other, ell4, sizeof ell4), m), 0, "version 2.0");
    expect_article(json_of(NO_ARGS, npy(3, other, ell4, sizeof ell4), m), 0, "version 3.0");
}

Test(leak, says_the_same_of_logits_of_their_lse_and_of_ragged_rows)
{
    const double valid[] = {ell[0], ell[2], ell[3], 0, 0, 0, 0}, bounds[] = {0, 3, 7}, counts[] = {3, 4};
    const double lse[] = {log(exp(ell[0]) + exp(ell[2]) + exp(ell[3])), log(4)};
    cJSON *dense = json_of(NO_ARGS, NPY("<f8", "(2, 5)", ell, sizeof ell), good_mask());
    cJSON *by_lse =
        json_of(ARGS("--lse", "--classes", "5"), NPY("<f8", "(2,)", lse, 16), NPY("<f8", "(2,)", counts, 16));
    cJSON *ragged =
        json_of(ARGS("--ragged", "--classes", "5"), NPY("<f8", "(3,)", bounds, 24), NPY("<f8", "(7,)", valid, 56));
    static const char *const names[] = {"multiply", "fill_tiny", "fill_1e4",   "fill_min",
                                        "allennlp", "where",     "renormalize"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        near(number(by_lse, names[i], "wrong", "max"), number(dense, names[i], "wrong", "max"), names[i]);
        near(number(ragged, names[i], "wrong", "max"), number(dense, names[i], "wrong", "max"), names[i]);
        near(number(ragged, names[i], "kl", "mean"), number(dense, names[i], "kl", "mean"), names[i]);
    }
    cr_expect(cJSON_IsFalse(cJSON_GetObjectItem(at(by_lse, "unmasked"), "known")), "masked logits are in no LSE");
    cr_expect(cJSON_IsFalse(cJSON_GetObjectItem(at(ragged, "add_eps"), "known")), "masked logits are in no ragged row");
    /* Of lse, the argmax is known to lie between: 1.62 = ln 3 + 0.52, so positive; ln 4 = ln 4 + 0: a tie wins nothing
     */
    near(number(by_lse, "multiply", "invalid_argmax", "possible"), 0, "argmax");
    const double low[] = {-1, 0.5};
    cJSON *unsure =
        json_of(ARGS("--lse", "--classes", "5"), NPY("<f8", "(2,)", low, 16), NPY("<f8", "(2,)", counts, 16));
    near(number(unsure, "multiply", "invalid_argmax", "certain"), 1, "argmax of LSE -1");
    near(number(unsure, "multiply", "invalid_argmax", "possible"), 2, "argmax of LSE 0.5 from three or four");
    cJSON_Delete(dense);
    cJSON_Delete(by_lse);
    cJSON_Delete(ragged);
    cJSON_Delete(unsure);
}

Test(leak, reads_case_lines)
{
    static const char ours[] = "a softmax f32 10110 3f9e24dd be2f1aa0 bf291d15 be51eb85 bfbc0831\n",
                      other[] = "b softmax f16 11 0000 0000\n", shorter[] = "b softmax f32 11/10 0 0 0 0\n";
    char text[300];
    snprintf(text, sizeof text, "%sb softmax f32 11110 00000000 00000000 00000000 00000000 00000000\n", ours);
    struct output o = run_text("leak", ARGS("--cases", "-", "--json", "/dev/stderr"), text);
    cr_assert(o.status == 0, "%s", o.err);
    expect_article(cJSON_Parse(o.err), 0, "cases");
    output_free(&o);
    snprintf(text, sizeof text, "%s%s", ours, other);
    o = run_text("leak", ARGS("--cases", "-"), text);
    cr_expect(o.status == 2 && strstr(o.err, "standard input:2: expected cases of one format") != NULL, "%s", o.err);
    output_free(&o);
    snprintf(text, sizeof text, "%s%s", ours, shorter);
    o = run_text("leak", ARGS("--cases", "-"), text);
    cr_expect(o.status == 2 && o.out_length == 0, "words of one digit: %s", o.out);
    output_free(&o);
    o = run_text("leak", ARGS("--cases", "-"), "# no case\n");
    cr_expect(o.status == 2 && strstr(o.err, "expected a case line") != NULL, "%s", o.err);
    output_free(&o);
    o = run_text("leak", ARGS("--cases", "-", "b.npy"), ours);
    cr_expect(o.status == 2 && strstr(o.err, "expected one file") != NULL, "%s", o.err);
    output_free(&o);
}

Test(leak, tells_rows_apart)
{
    /* empty; valid NaN; valid +inf; only -inf; NaN under the mask; -inf under the mask; nothing masked */
    const float x[7][3] = {{1, 2, 3},   {NAN, 1, 2},       {1, INFINITY, 2}, {-INFINITY, 0, -INFINITY},
                           {1, NAN, 2}, {1, -INFINITY, 2}, {1, 2, 3}};
    const unsigned char m[7][3] = {{0, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 0, 1}, {1, 0, 1}, {1, 0, 1}, {1, 1, 1}};
    cJSON *seen = json_of(NO_ARGS, NPY("<f4", "(7, 3)", x, sizeof x), NPY("|b1", "(7, 3)", m, sizeof m));
    static const char *const classes[] = {"empty", "nan", "pinf", "all-ninf"};
    for (size_t i = 0; i < 4; i++)
        near(cJSON_GetObjectItem(cJSON_GetObjectItem(seen, "left_out"), classes[i])->valuedouble, 1, classes[i]);
    near(number(seen, "multiply", "nan", NULL), 2, "0 * NaN and 0 * -inf");
    near(number(seen, "add_1e9", "nan", NULL), 1, "NaN - 1e9");
    near(number(seen, "log_mask", "nan", NULL), 1, "NaN - inf");
    near(number(seen, "where", "nan", NULL), 0, "nothing of the masked entry is left");
    near(number(seen, "multiply", "rows", NULL), 1, "rows of multiply");
    near(number(seen, "multiply", "wrong", "max"), 0, "nothing masked, nothing leaks");
    cJSON_Delete(seen);
    const float none[1] = {0};
    seen = json_of(NO_ARGS, NPY("<f4", "(0, 3)", none, 0), NPY("|b1", "(0, 3)", none, 0));
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetObjectItem(at(seen, "where"), "wrong"), "max")) ||
                  cJSON_IsFalse(cJSON_GetObjectItem(at(seen, "where"), "known")),
              "of no rows there is no maximum");
    cJSON_Delete(seen);
}

Test(leak, draws_a_histogram)
{
    const struct bytes x = good_logits(), m = good_mask();
    struct output o = leak(ARGS("--svg", "/dev/stderr"), &x, &m);
    cr_assert(o.status == 0 && strstr(o.err, "</svg>") != NULL && strstr(o.err, "multiply") != NULL, "%s", o.err);
    cr_assert(strstr(o.out, "0 in every row:") != NULL, "%s", o.out);
    output_free(&o);
    o = leak(ARGS("--svg", "/no/such/place.svg"), &x, &m);
    cr_assert(o.status == 2 && o.out_length == 0, "exit code %d", o.status);
    output_free(&o);
}

/* --- the same files as cases --- */

/* "maskproof-case OPTIONS FILES", three files at most. */
static struct output cases_of(const char *const *options, const struct bytes *files, int count)
{
    const char *args[12] = {NULL};
    char *path[3];
    int n = 0;
    while (options[n] != NULL) {
        args[n] = options[n];
        n++;
    }
    for (int i = 0; i < count; i++) args[n + i] = path[i] = scratch_file(files[i].b, files[i].length);
    struct output o = run_text("case", args, "");
    for (int i = 0; i < count; i++) scratch_remove(path[i]);
    return o;
}

Test(leak, makes_cases_of_arrays)
{
    const struct bytes files[] = {good_logits(), good_mask()};
    struct output o = cases_of(ARGS("--npy"), files, 2);
    static const char expected[] =
        "case-932729e308940d32 softmax f32 10110 3f9e24dd be2f1aa0 bf291d15 be51eb85 bfbc0831\n"
        "case-";
    cr_expect(o.status == 0 && strncmp(o.out, expected, strlen(expected)) == 0, "%s%s", o.out, o.err);
    cr_expect(strstr(o.out, " softmax f32 11110 00000000 00000000 00000000 00000000 00000000\n") != NULL, "%s", o.out);
    output_free(&o);
    o = cases_of(ARGS("--npy", "--format", "f16"), files, 2);
    cr_expect(strstr(o.out, " softmax f16 10110 3cf1 b179 b949 b28f bde0\n") != NULL, "%s%s", o.out, o.err);
    output_free(&o);
    const double valid[] = {1, 2, 3}, bounds[] = {0, 2, 3}, index[] = {4, 0, 1}, twice[] = {4, 4, 1}, far[] = {4, 5, 1};
    struct bytes ragged[] = {NPY("<f8", "(3,)", bounds, 24), NPY("<f8", "(3,)", valid, 24),
                             NPY("<f8", "(3,)", index, 24)};
    o = cases_of(ARGS("--ragged", "5", "--masked", "-1", "--format", "f16"), ragged, 3);
    cr_expect(strstr(o.out, " f16 10001 4000 bc00 bc00 bc00 3c00\n") != NULL, "%s%s", o.out, o.err);
    cr_expect(strstr(o.out, " f16 01000 bc00 4200 bc00 bc00 bc00\n") != NULL, "%s%s", o.out, o.err);
    output_free(&o);
    ragged[2] = NPY("<f8", "(3,)", twice, 24);
    o = cases_of(ARGS("--ragged", "5"), ragged, 3);
    cr_expect(o.status == 2 && strstr(o.err, "expected an index once, found 4 again in row 0") != NULL, "%s", o.err);
    output_free(&o);
    ragged[2] = NPY("<f8", "(3,)", far, 24);
    o = cases_of(ARGS("--ragged", "5"), ragged, 3);
    cr_expect(o.status == 2 && strstr(o.err, "expected an index of 0 to 4, found 5 in row 0") != NULL, "%s", o.err);
    output_free(&o);
}

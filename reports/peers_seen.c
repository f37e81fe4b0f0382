/* peers_seen - see peers.h: what `check --json` says of one operation and format, as the fields of a row.
   SPDX-License-Identifier: MIT */
#include "format.h"
#include "peers.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static size_t count_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? (size_t)item->valuedouble : 0;
}

/* The first element of an array; the others are its next. */
static const cJSON *array_of(const cJSON *object, const char *key)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, key);
    return array != NULL ? array->child : NULL;
}

/* Signatures of numbers alone: a row that is off by less than one per cent and has lost digits may fit one by chance,
   so there it is called what it is for sure, ROUND. */
static bool is_round(const cJSON *bug, const char *format)
{
    static const char *const by_numbers[] = {"STARVE", "SENTINEL", "EPSILON", "ENCODING",
                                             "AXIS",   "OVERFLOW", "TAIL",    "UNNORMALIZED"};
    const cJSON *ulp = cJSON_GetObjectItemCaseSensitive(bug, "ulp");
    const struct format *f = format_named(format);
    if (strcmp(text_of(bug, "name"), "ROUND") == 0) return true;
    if (!cJSON_IsNumber(ulp) || ulp->valuedouble > ldexp(0.01, f->precision - 1)) return false;
    for (size_t i = 0; i < sizeof by_numbers / sizeof *by_numbers; i++)
        if (strcmp(text_of(bug, "name"), by_numbers[i]) == 0) return true;
    return false;
}

static void print_fault(FILE *out, bool *any, const char *name, size_t rows, const cJSON *bug)
{
    const cJSON *row = cJSON_GetObjectItemCaseSensitive(bug, "smallest");
    fprintf(out, "%s%s %zu %s %s", *any ? "; " : "\t", name, rows, text_of(row, "suite"), text_of(row, "id"));
    *any = true;
}

/* Bugs that some row shows alone: any other row shows one of these for sure. */
static void print_faults(FILE *out, const cJSON *subject, const char *format)
{
    const cJSON *round = NULL; /* the one of most rows */
    size_t rounded = 0;
    bool any = false;
    for (const cJSON *bug = array_of(subject, "bugs"); bug != NULL; bug = bug->next) {
        size_t rows = count_of(bug, "alone");
        if (rows == 0) continue;
        if (!is_round(bug, format)) {
            print_fault(out, &any, text_of(bug, "name"), rows, bug);
            continue;
        }
        if (round == NULL || rows > count_of(round, "alone")) round = bug;
        rounded += rows;
    }
    if (round != NULL) print_fault(out, &any, "ROUND", rounded, round);
    if (!any) fputs("\t-", out);
}

/* The largest error of rows that pass, or fail by their digits alone, with its suite and case where check says it. */
static void print_largest(FILE *out, const cJSON *subject, const char *format)
{
    const cJSON *of = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(subject, "largest"), format);
    const cJSON *worst = NULL;
    double ulp = -1;
    for (const cJSON *one = of ? of->child : NULL; one != NULL; one = one->next) {
        const cJSON *u = cJSON_GetObjectItemCaseSensitive(one, "ulp");
        if (cJSON_IsNumber(u) && u->valuedouble > ulp) worst = one, ulp = u->valuedouble;
    }
    for (const cJSON *bug = array_of(subject, "bugs"); bug != NULL; bug = bug->next) {
        const cJSON *u = cJSON_GetObjectItemCaseSensitive(bug, "ulp");
        if (is_round(bug, format) && cJSON_IsNumber(u) && u->valuedouble > ulp) worst = NULL, ulp = u->valuedouble;
    }
    if (ulp < 0)
        fputs("\t-\t-", out);
    else
        fprintf(out, "\t%.4g\t%s%s%s", ulp, worst ? text_of(worst, "suite") : "-", worst ? " " : "",
                worst ? text_of(worst, "id") : "");
}

static bool print_ended(FILE *out, const cJSON *subject)
{
    const cJSON *suite;
    for (suite = array_of(subject, "suites"); suite != NULL; suite = suite->next) {
        const char *why = text_of(suite, "why");
        if (why[0] == '\0') continue;
        fprintf(out, "\t%s: %.100s", text_of(suite, "suite"), why);
        return false;
    }
    fputs("\t-", out);
    return true;
}

static cJSON *parse_file(const char *path)
{
    FILE *in = fopen(path, "r");
    size_t size = 1 << 20, length = 0, got;
    char *text = malloc(size);
    if (in == NULL || text == NULL) return NULL;
    while ((got = fread(text + length, 1, size - length, in)) > 0) {
        length += got;
        if (length == size && (text = realloc(text, size *= 2)) == NULL) abort();
    }
    fclose(in);
    cJSON *document = cJSON_ParseWithLength(text, length);
    free(text);
    return document;
}

enum seen peers_seen(const char *path, const char *format, FILE *out)
{
    cJSON *document = parse_file(path);
    const cJSON *subject = array_of(document, "subjects"), *rows = cJSON_GetObjectItemCaseSensitive(subject, "rows");
    const cJSON *profile = cJSON_GetObjectItemCaseSensitive(subject, "profile"), *name = array_of(profile, "names");
    if (rows == NULL) return SEEN_NO_FILE;
    fprintf(out, "\t%zu\t%zu\t%zu", count_of(rows, "pass"), count_of(rows, "fail"), count_of(rows, "skip"));
    print_largest(out, subject, format);
    fprintf(out, "\t%s\t%s", text_of(profile, "policy"), cJSON_IsString(name) ? name->valuestring : "-");
    print_faults(out, subject, format);
    bool well = print_ended(out, subject);
    bool nothing = well && count_of(rows, "pass") + count_of(rows, "fail") == 0;
    cJSON_Delete(document);
    return nothing ? SEEN_NOTHING : SEEN_ROWS;
}

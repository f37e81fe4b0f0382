/* peers_seen - see peers.h: what `check --json` says of one operation and format, as the fields of a row.
   SPDX-License-Identifier: MIT */
#include "peers.h"

#include <cjson/cJSON.h>
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

/* The larger of the two errors, with its suite and case. */
static void print_largest(FILE *out, const cJSON *subject, const char *format)
{
    const cJSON *of = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(subject, "largest"), format);
    const cJSON *worst = NULL, *ulp = NULL;
    for (const cJSON *one = of ? of->child : NULL; one != NULL; one = one->next) {
        const cJSON *u = cJSON_GetObjectItemCaseSensitive(one, "ulp");
        if (cJSON_IsNumber(u) && (ulp == NULL || u->valuedouble > ulp->valuedouble)) worst = one, ulp = u;
    }
    if (ulp == NULL)
        fputs("\t-\t-", out);
    else
        fprintf(out, "\t%.4g\t%s %s", ulp->valuedouble, text_of(worst, "suite"), text_of(worst, "id"));
}

static void print_faults(FILE *out, const cJSON *subject)
{
    const cJSON *bug;
    bool any = false;
    for (bug = array_of(subject, "bugs"); bug != NULL; bug = bug->next) {
        const cJSON *row = cJSON_GetObjectItemCaseSensitive(bug, "smallest");
        if (count_of(bug, "alone") == 0) continue; /* a row that could show it shows another bug for sure */
        fprintf(out, "%s%s %zu %s %s", any ? "; " : "\t", text_of(bug, "name"), count_of(bug, "alone"),
                text_of(row, "suite"), text_of(row, "id"));
        any = true;
    }
    if (!any) fputs("\t-", out);
}

static void print_ended(FILE *out, const cJSON *subject)
{
    const cJSON *suite;
    for (suite = array_of(subject, "suites"); suite != NULL; suite = suite->next) {
        const char *why = text_of(suite, "why");
        if (why[0] == '\0') continue;
        fprintf(out, "\t%s: %.100s", text_of(suite, "suite"), why);
        return;
    }
    fputs("\t-", out);
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

bool peers_seen(const char *path, const char *format, FILE *out)
{
    cJSON *document = parse_file(path);
    const cJSON *subject = array_of(document, "subjects"), *rows = cJSON_GetObjectItemCaseSensitive(subject, "rows");
    const cJSON *profile = cJSON_GetObjectItemCaseSensitive(subject, "profile"), *name = array_of(profile, "names");
    if (rows == NULL) return false;
    fprintf(out, "\t%zu\t%zu\t%zu", count_of(rows, "pass"), count_of(rows, "fail"), count_of(rows, "skip"));
    print_largest(out, subject, format);
    fprintf(out, "\t%s\t%s", text_of(profile, "policy"), cJSON_IsString(name) ? name->valuestring : "-");
    print_faults(out, subject);
    print_ended(out, subject);
    cJSON_Delete(document);
    return true;
}

/* leak_law - see leak_law.h.
   SPDX-License-Identifier: MIT */
#include "leak_law.h"
#include "verb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* LSE - ln N of row r; NaN if nothing is masked. */
static double distance(const struct line *line, size_t r)
{
    double max = -INFINITY, sum = 0, masked = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = r * line->n; i < (r + 1) * line->n; i++) {
            double x = word_value(line->format, line->x[i]);
            if (pass == 0 && !line->mask[i]) masked++;
            if (pass == 0 && line->mask[i]) max = fmax(max, x);
            if (pass == 1 && line->mask[i]) sum += exp(x - max);
        }
    return masked > 0 ? max + log(sum) - log(masked) : NAN;
}

/* The id and leak of the next verdict line that begins with `start`; false at the end. */
static bool next_verdict(struct source *judged, const char *start, char *id, char *leak)
{
    while (source_next(judged))
        if (strncmp(judged->text, start, strlen(start)) == 0)
            return sscanf(judged->text, "%*s %*s %*s %*s %199s %*s %*s %*s %*s %*s %39s", id, leak) == 2;
    return false;
}

void leak_law_points(const char *cases, const char *verdicts, const char *subject, const char *suite,
                     const char *format, FILE *out)
{
    struct source in, judged;
    struct line line = {0};
    char start[200], id[200], leak[40];
    snprintf(start, sizeof start, "%s\t%s\tsoftmax\t%s\t", subject, suite, format);
    verb_open(&in, cases);
    verb_open(&judged, verdicts);
    fputs("# id\tlse_minus_log_n\tleak\n", out);
    while (source_case(&in, &line, NULL))
        for (size_t r = 0; r < line.rows; r++) {
            if (!next_verdict(&judged, start, id, leak) || strcmp(id, line.id) != 0)
                source_fail(&judged, "expected the verdict line of the next row");
            double at = distance(&line, r);
            if (line_row_class(&line, r) == CLASS_PLAIN && isfinite(at)) fprintf(out, "%s\t%.6g\t%s\n", id, at, leak);
        }
    line_free(&line);
    source_close(&in);
    source_close(&judged);
}

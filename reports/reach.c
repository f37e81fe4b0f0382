/* reach - see reach.h.
   SPDX-License-Identifier: MIT */
#include "reach.h"
#include "catalogue.h"
#include "trial.h"

#include <stdlib.h>
#include <string.h>

const char *const reach_names[REACH_KINDS] = {"low", "masked", "high"};

static const double place[REACH_KINDS][3] = {{-1, -1, 0}, {0, 0, 1}, {1, 1, 0}}; /* times L, under the mask 110 */

static void write_cases(const struct format *f, double level, FILE *out)
{
    for (int k = 0; k < REACH_KINDS; k++) {
        fprintf(out, "%s:%.6g softmax %s 110", reach_names[k], level, f->name);
        for (int i = 0; i < 3; i++) {
            putc(' ', out);
            line_write_word(out, f, word_nearest(f, place[k][i] * level));
        }
        putc('\n', out);
    }
}

static char *cases_of(const struct format *f)
{
    const double most = word_value(f, word_max(f)), end = fmin(most, 1e39);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) abort();
    for (double decade = 10; decade < end; decade *= 10) {
        write_cases(f, decade, out);
        if (3 * decade < end) write_cases(f, 3 * decade, out);
    }
    write_cases(f, most, out);
    fclose(out);
    return text;
}

/* An id is "kind:level". */
static void write_verdicts(char *verdicts, FILE *out)
{
    char *field[VERDICT_COLUMNS], *next = NULL;
    for (char *line = strtok_r(verdicts, "\n", &next); line != NULL; line = strtok_r(NULL, "\n", &next)) {
        if (!verdict_cut(line, field)) continue;
        char *level = strchr(field[VERDICT_ID], ':');
        if (level == NULL) continue;
        *level++ = '\0';
        fprintf(out, "%s\t%s\t%s\t%s\t%s\n", field[VERDICT_FORMAT], field[VERDICT_ID], level, field[VERDICT_STATUS],
                field[VERDICT_BUG]);
    }
}

void reach_measure(FILE *out)
{
    struct catalogue c;
    catalogue_read(&c);
    fputs("# impl\tformat\tkind\tlevel\tstatus\tbug\n", out);
    for (int f = 0; f < FORMATS; f++) {
        struct trial t;
        char *cases = cases_of(&formats[f]), *lines, *next;
        if (!trial_of_cases(&t, &formats[f], cases)) {
            fprintf(stderr, "maskproof report: the oracle does not decide the cases of reach.tsv\n");
            exit(2);
        }
        for (size_t i = 0; i < c.claims.count; i++) {
            const struct claim *claim = &c.claims.claim[i];
            if (claim->op != SOFTMAX || claim->format != &formats[f]) continue;
            struct judged j = trial_run(&t, claim, NULL);
            size_t size;
            FILE *text = open_memstream(&lines, &size);
            if (text == NULL) abort();
            write_verdicts(j.verdicts, text);
            fclose(text);
            for (char *l = strtok_r(lines, "\n", &next); l != NULL; l = strtok_r(NULL, "\n", &next))
                fprintf(out, "%s\t%s\n", claim->impl, l);
            free(lines);
            judged_free(&j);
        }
        trial_free(&t);
        free(cases);
    }
    catalogue_free(&c);
}

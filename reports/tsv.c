/* tsv - see tsv.h.
   SPDX-License-Identifier: MIT */
#include "tsv.h"
#include "verb.h"

#include <stdlib.h>
#include <string.h>

void tsv_read(struct tsv *t, const char *path, size_t columns)
{
    struct source s;
    *t = (struct tsv){0};
    verb_open(&s, path);
    while (source_next(&s)) {
        char why[120], *text;
        size_t found = 1;
        if (s.text[0] == '#' && t->head == NULL) t->head = strdup(s.text + strspn(s.text, "# "));
        if (s.text[0] == '#' || s.text[0] == '\0') continue;
        for (const char *c = s.text; *c != '\0'; c++) found += *c == '\t';
        if (t->rows == 0) t->columns = found;
        snprintf(why, sizeof why, "expected %zu tab-separated fields, found %zu", t->rows ? t->columns : columns,
                 found);
        if (found != t->columns || found < columns) source_fail(&s, why);
        t->cell = realloc(t->cell, (t->rows + 1) * sizeof *t->cell);
        text = strdup(s.text);
        if (t->cell == NULL || text == NULL) source_fail(&s, "out of memory");
        char **cells = t->cell[t->rows++] = malloc(found * sizeof *cells);
        if (cells == NULL) source_fail(&s, "out of memory");
        for (size_t i = 0; i < found; i++) {
            cells[i] = text;
            text += strcspn(text, "\t");
            if (*text == '\t') *text++ = '\0';
        }
    }
    if (t->head == NULL) t->head = strdup("");
    source_close(&s);
}

const char *tsv_cell(const struct tsv *t, size_t row, const char *column)
{
    size_t length = strlen(column), at = 0;
    for (const char *name = t->head; at < t->columns; at++) {
        if (strcspn(name, "\t") == length && strncmp(name, column, length) == 0) return t->cell[row][at];
        name += strcspn(name, "\t");
        name += *name == '\t';
    }
    return "-";
}

void tsv_free(struct tsv *t)
{
    for (size_t r = 0; r < t->rows; r++) {
        free(t->cell[r][0]);
        free(t->cell[r]);
    }
    free(t->cell);
    free(t->head);
    *t = (struct tsv){0};
}

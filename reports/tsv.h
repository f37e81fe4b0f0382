/* tsv - a file of tab-separated lines in memory; '#' lines are heads and kept apart.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_TSV_H
#define MASKPROOF_TSV_H

#include <stddef.h>

struct tsv {
    char ***cell; /* cell[row][column], `columns` of them in every row */
    size_t rows, columns;
    char *head; /* the first '#' line, without "# "; "" if there is none */
};

/* Read `path`; every line has the same number of fields, at least `columns`.  What is not so ends the program with
   one clear line (file:line, what was expected) and exit 2. */
void tsv_read(struct tsv *t, const char *path, size_t columns);
void tsv_free(struct tsv *t);

/* The cell of a row in the column that the head calls so; "-" if there is no such column. */
const char *tsv_cell(const struct tsv *t, size_t row, const char *column);

#endif

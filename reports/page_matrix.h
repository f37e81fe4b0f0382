/* page_matrix - the wide tables of the report, as HTML: implementations by suites, suites by bugs, bugs and who shows
   them, implementations by bugs.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PAGE_MATRIX_H
#define MASKPROOF_PAGE_MATRIX_H

#include "evidence.h"

void page_standings(const struct evidence *e, FILE *out);
void page_matrix(const struct evidence *e, FILE *out);

#endif

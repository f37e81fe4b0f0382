/* page - the report as Markdown (GitHub flavour): text and tables; a line "FIGURE name: alt text" stands where a
   figure goes.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PAGE_H
#define MASKPROOF_PAGE_H

#include "evidence.h"

void page_write(const struct evidence *e, FILE *out);

#endif

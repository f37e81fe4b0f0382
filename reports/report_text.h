/* report_text - the key tables of the report for a terminal of 100 columns.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_REPORT_TEXT_H
#define MASKPROOF_REPORT_TEXT_H

#include "evidence.h"

/* What to use, who is right and how far, what fails where, the article: on standard output. */
void report_text(const struct evidence *e);

#endif

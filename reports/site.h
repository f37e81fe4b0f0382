/* site - the pages of the report, drawn from the evidence.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SITE_H
#define MASKPROOF_SITE_H

#include "evidence.h"

/* Write all pages into `directory`, pictures and their data into `figures`; index.html last, so that it is there only
   when the others are.  `against`: an earlier run to compare with, or NULL.  What goes wrong ends the program with one
   clear line, exit 2. */
void site_write(const struct evidence *e, const struct evidence *against, const char *directory, const char *figures);

#endif

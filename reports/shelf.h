/* shelf - the smaller cases of all suites with their answers, kept between questions, for the oracle takes its time.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SHELF_H
#define MASKPROOF_SHELF_H

#include "catalogue.h"
#include "trial.h"

/* One trial a suite, in the catalogue's order; answers NULL where there is none.  Valid until the next call. */
const struct trial *shelf(const struct catalogue *c, int format, const char *op, size_t most);

#endif

/* progress - how far a long run is, on one line of the terminal; without a terminal on standard error, nothing.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PROGRESS_H
#define MASKPROOF_PROGRESS_H

#include <stddef.h>

void progress_start(size_t steps);
void progress_step(const char *label); /* the next step begins */
void progress_tick(void);              /* draw the time again, at most five times a second */
void progress_clear(void);             /* before anything else is printed, and at the end */

#endif

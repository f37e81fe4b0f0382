/* clean - text that others made, a command's or its output's, fit for JSON and XML.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CLEAN_H
#define MASKPROOF_CLEAN_H

/* A copy in which every byte that is no UTF-8, and every character XML 1.0 has no way to write, is U+FFFD.  Free it. */
char *clean_text(const char *text);

#endif

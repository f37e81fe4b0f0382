/* paper - text on a terminal: headings, paragraphs and items, at most 100 columns.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PAPER_H
#define MASKPROOF_PAPER_H

enum { PAPER_COLUMNS = 100 };

/* Bold where standard output is a terminal. */
void paper_title(const char *text);
void paper_head(const char *text);

/* A paragraph: words, broken between them. */
__attribute__((format(printf, 1, 2))) void paper_text(const char *format, ...);

/* A label in a column of `width`, then a paragraph beside it. */
__attribute__((format(printf, 3, 4))) void paper_item(int width, const char *label, const char *format, ...);

/* A shell command, broken with backslashes. */
__attribute__((format(printf, 1, 2))) void paper_command(const char *format, ...);

#endif

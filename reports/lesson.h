/* lesson - the chapters in reports/lesson/N.md; 0 is what stands before them.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_LESSON_H
#define MASKPROOF_LESSON_H

enum { LESSON_CHAPTERS = 8 };

/* The Markdown of a chapter, to be freed; its first line, without "# "; the file of its page.  A chapter that is not
   there ends the program with one clear line, exit 2. */
char *lesson_text(int chapter);
const char *lesson_title(int chapter);
const char *lesson_file(int chapter);

#endif

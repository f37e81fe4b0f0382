/* html - one self-contained page from Markdown: cmark-gfm renders it, figures go in as SVG, the style as text.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_HTML_H
#define MASKPROOF_HTML_H

/* Read DIRECTORY/index.md and the figures DIRECTORY/(*.svg) that it names ("FIGURE name: alt text"), write
   DIRECTORY/index.html, whole or not at all.  What goes wrong ends the program with one clear line and exit 2. */
void html_write(const char *directory);

#endif

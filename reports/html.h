/* html - self-contained pages from Markdown: cmark-gfm renders, figures go in as SVG, the style as text.  No script.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_HTML_H
#define MASKPROOF_HTML_H

#include <stdio.h>

struct html_link {
    const char *file, *text; /* file NULL: there is none */
};
struct html_page {
    const char *file, *title; /* "index.html" */
    struct html_link previous, next;
    const char *current; /* which link of the head's it stands under: a file, or NULL */
};

/* Render `markdown` to DIRECTORY/FILE, whole or not at all.  A paragraph "FIGURE name: caption" becomes the picture
   FIGURES/name.svg with the caption under it, which is also what a screen reader says.  What goes wrong ends the
   program with one clear line and exit 2. */
void html_write(const char *directory, const char *figures, const struct html_page *page, const char *markdown);

/* Text as it stands in HTML and in its attributes. */
void html_escape(FILE *out, const char *text);

#endif

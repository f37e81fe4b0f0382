/* page - what the pages of the report say, as Markdown (GitHub flavour) with tables in HTML; a paragraph "FIGURE name:
   caption" stands where a figure goes.  Every number comes out of the evidence; what is typed there is words.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PAGE_H
#define MASKPROOF_PAGE_H

#include "evidence.h"

/* `more`: Markdown of further sections. */
void page_index(const struct evidence *e, const char *more, FILE *out);

/* What is proved: proofs.md of the data, a level lower; nothing where there is none. */
void page_proofs(const struct evidence *e, FILE *out);

/* Of that the rows whose claims name rows of the article. */
void page_proofs_of_article(const struct evidence *e, FILE *out);

/* What that says of one implementation, by its name between back quotes. */
void page_proofs_of(const struct evidence *e, const struct subject *s, FILE *out);

/* Its sections. */
void page_decision(const struct evidence *e, FILE *out);
void page_reach(const struct evidence *e, FILE *out);

/* All implementations, in reading order. */
void page_impls(const struct evidence *e, FILE *out);

/* One of them; `ulp`, `bound`: there is such a figure of it. */
void page_impl(const struct evidence *e, const struct subject *s, bool ulp, bool bound, FILE *out);

/* The last five cells of a row of times: why there is none. */
void page_refused(const char *note, FILE *out);

/* What differs between two runs: verdicts, errors, times whose intervals lie apart.  Returns how many lines. */
size_t page_against(const struct evidence *now, const struct evidence *then, FILE *out);

#endif

/* peers - what other people's libraries return, as rows of text: one a formulation, operation and format.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PEERS_H
#define MASKPROOF_PEERS_H

#include "tsv.h"

#include <stdbool.h>
#include <stdio.h>

enum peer_column {
    PEER,        /* its program in the directory of peers: torch */
    LIBRARY,     /* with its version: PyTorch 2.15.0 */
    FORMULATION, /* masked_fill */
    FORMULA,     /* torch.softmax(x.masked_fill(~m, -math.inf), -1) */
    PEER_OP,
    PEER_FORMAT,
    PASSED, /* rows */
    FAILED,
    SKIPPED,
    LARGEST,    /* error in ulp of the rows that pass, or fail by ROUND alone; "-": there is none */
    LARGEST_AT, /* its suite and case: "plain random-0123456789abcdef" */
    CHOSEN,     /* as --policy takes it, and held to it: empty=nan; "" is strict-zero */
    PROFILE,    /* its name; "-": none fits */
    FAULTS,     /* "BUG rows suite id; ...": of each the smallest failing row; "-": none */
    ENDED,      /* how the program ended, if not well: "-" */
    PEER_COLUMNS
};

/* The lines as they are stored; what it was measured on, by '#' lines. */
struct peers {
    struct tsv rows;
    char date[40], machine[200];
};
void peers_read(struct peers *p, const char *path);
void peers_free(struct peers *p);

/* Write the fields from PASSED on of what check --json has left at `path`, a tab before each. */
enum seen { SEEN_NO_FILE, SEEN_NOTHING, SEEN_ROWS }; /* nothing: every case was skipped, and the program ended well */
enum seen peers_seen(const char *path, const char *format, FILE *out);

/* The tables for a terminal of 100 columns, and every fault with the command that shows it again. */
void peers_print(const struct peers *p, const char *programs);

/* The same as a section of the report, in Markdown. */
void peers_markdown(const struct peers *p, FILE *out);

/* What each chooses for rows without a distribution, in Markdown. */
void peers_edges_markdown(const struct peers *p, FILE *out);

/* Compare two measurements; what differs is printed.  Returns how many rows differ in what must not: see
 * peers_compare.c.
 */
size_t peers_compare(const struct peers *stored, const struct peers *now);

#endif

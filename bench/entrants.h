/* entrants - who takes part: implementations of ours, functions of shared libraries, formulations of peers.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ENTRANTS_H
#define MASKPROOF_ENTRANTS_H

#include "timing.h"

struct entrant {
    char name[80];                   /* IMPL, LIB.SYMBOL or PEER.FORMULATION */
    const struct impl_formats *impl; /* one of ours, or NULL */
    char library[4096];              /* LIB:SYMBOL, or "" */
    char formulation[80];            /* of a peer's process, or "" */
    struct peer *process;
    char version[80]; /* of the peer, or "" */
    bool peer;        /* it came with --peer: it claims nothing */
    bool unmasked;    /* it takes no notice of the mask, so it is timed and not judged */
};
struct entrants {
    struct entrant *list;
    size_t count;
};

void add_impl(struct entrants *e, const struct impl_formats *impl);
/* LIB.SYMBOL, where LIB is libLIB.so or LIB.so: a symbol named unmasked, or ..._unmasked, is not judged. */
void add_library(struct entrants *e, const char *library_symbol);
/* PEER, or PEER.FORMULATION, of a directory of programs: NAME.so in our process, else NAME in its own.  Not installed,
   or no such formulation: a line on stderr that says so, and nothing added.  peer_arrays() comes first. */
void add_peer(struct entrants *e, const char *directory, const char *name, size_t threads);

/* Each peer that has a process of its own, once. */
struct peer *next_process(const struct entrants *e, size_t *at);
void free_entrants(struct entrants *e);

#endif

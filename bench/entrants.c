/* entrants - see entrants.h.
   SPDX-License-Identifier: MIT */
#include "entrants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct entrant *add(struct entrants *e)
{
    e->list = realloc(e->list, (e->count + 1) * sizeof *e->list);
    if (e->list == NULL) abort();
    e->list[e->count] = (struct entrant){0};
    return &e->list[e->count++];
}

void add_impl(struct entrants *e, const struct impl_formats *impl)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].impl == impl) return;
    struct entrant *new = add(e);
    new->impl = impl;
    snprintf(new->name, sizeof new->name, "%s", impl->format[F32]->name);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

void add_library(struct entrants *e, const char *library_symbol)
{
    struct entrant *new = add(e);
    const char *slash = strrchr(library_symbol, '/'), *file = slash ? slash + 1 : library_symbol;
    const char *symbol = strrchr(library_symbol, ':') + 1;
    if (strncmp(file, "lib", 3) == 0) file += 3;
    snprintf(new->library, sizeof new->library, "%s", library_symbol);
    snprintf(new->name, sizeof new->name, "%.*s.%s", (int)strcspn(file, ".:"), file, symbol);
    new->unmasked = strcmp(symbol, "unmasked") == 0 || ends_with(symbol, "_unmasked");
}

/* --- peers --- */

/* What "PROGRAM --version" prints, "" if it does not. */
static void ask_version(const char *program, char *version, size_t size)
{
    char command[4200];
    snprintf(command, sizeof command, "exec '%s' --version 2>/dev/null", program);
    FILE *out = strchr(program, '\'') == NULL ? popen(command, "r") : NULL;
    version[0] = '\0';
    if (out != NULL && fgets(version, (int)size, out) != NULL) version[strcspn(version, "\n")] = '\0';
    if (out != NULL) pclose(out);
}

/* A peer while its formulations are added: `names` of them, blanks between. */
struct source {
    char name[40], library[2048], program[2048], version[80];
    struct peer *process; /* NULL: it is the library */
    const char *names;
};

/* Of the names those that are asked for; NULL asks for all.  How many. */
static size_t add_each(struct entrants *e, const struct source *s, const char *asked)
{
    size_t added = 0, length;
    for (const char *name = s->names; (length = strcspn(name, " ")) > 0; name += length + (name[length] == ' ')) {
        if (asked != NULL && (strlen(asked) != length || strncmp(asked, name, length) != 0)) continue;
        struct entrant *new = add(e);
        new->peer = true;
        new->process = s->process;
        snprintf(new->formulation, sizeof new->formulation, "%.*s", (int)length, name);
        snprintf(new->name, sizeof new->name, "%.30s.%.40s", s->name, new->formulation);
        if (s->process == NULL) snprintf(new->library, sizeof new->library, "%s:%s", s->library, new->formulation);
        memcpy(new->version, s->version, sizeof new->version);
        new->unmasked = strcmp(new->formulation, "unmasked") == 0;
        added++;
    }
    return added;
}

/* The process of a peer that is there already, or a new one; NULL: not installed. */
static struct peer *process_of(const struct entrants *e, const struct source *s, size_t threads)
{
    struct peer *process;
    for (size_t at = 0; (process = next_process(e, &at)) != NULL;)
        if (strcmp(process->name, s->name) == 0) return process;
    process = malloc(sizeof *process);
    if (process == NULL) abort();
    if (peer_start(process, s->program, s->name, threads)) return process;
    free(process);
    return NULL;
}

void add_peer(struct entrants *e, const char *directory, const char *name, size_t threads)
{
    struct source s = {.process = NULL};
    char offers[2100];
    const char *asked = strchr(name, '.');
    snprintf(s.name, sizeof s.name, "%.*s", (int)strcspn(name, "."), name);
    snprintf(s.library, sizeof s.library, "%s%s/%s.so", directory[0] == '/' ? "" : "./", directory, s.name);
    snprintf(s.program, sizeof s.program, "%s/%s", directory, s.name);
    snprintf(offers, sizeof offers, "%s:maskproof_offers", s.library);
    s.names = access(s.library, R_OK) == 0 ? library_symbol(offers) : NULL;
    if (s.names != NULL) {
        ask_version(s.program, s.version, sizeof s.version);
    } else {
        s.process = process_of(e, &s, threads);
        if (s.process == NULL) {
            fprintf(stderr, "maskproof bench: without %s, which is not installed or does not time itself\n", s.program);
            return;
        }
        memcpy(s.version, s.process->version, sizeof s.version);
        s.names = s.process->formulations;
    }
    if (add_each(e, &s, asked ? asked + 1 : NULL) > 0) return;
    fprintf(stderr, "maskproof bench: without %s: of %s there are %s\n", name, s.name, s.names);
    if (s.process != NULL) { /* it may have others, from before */
        size_t at = 0;
        struct peer *other;
        while ((other = next_process(e, &at)) != NULL && other != s.process) continue;
        if (other != NULL) return;
        peer_stop(s.process);
        free(s.process);
    }
}

struct peer *next_process(const struct entrants *e, size_t *at)
{
    while (*at < e->count) {
        struct peer *process = e->list[(*at)++].process;
        bool first = process != NULL;
        for (size_t i = 0; first && i + 1 < *at; i++) first = e->list[i].process != process;
        if (first) return process;
    }
    return NULL;
}

void free_entrants(struct entrants *e)
{
    struct peer *process;
    for (size_t at = 0; (process = next_process(e, &at)) != NULL;) {
        peer_stop(process);
        for (size_t i = 0; i < e->count; i++)
            if (e->list[i].process == process) e->list[i].process = NULL;
        free(process);
    }
    free(e->list);
}

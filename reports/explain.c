/* explain - a page about a bug, an implementation, a suite or a profile, with numbers computed while you wait.
   Holds no number of its own: it runs the other programs and puts their words into decimals.
   SPDX-License-Identifier: MIT */
#include "explain.h"
#include "paper.h"
#include "scratch.h"
#include "verb.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static struct catalogue catalogue;
static struct {
    char **topic;
    size_t count;
} options;

static error_t parse(int key, char *arg, struct argp_state *state)
{
    (void)state;
    if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
    options.topic[options.count++] = arg;
    return 0;
}

static const struct argp argp = {
    .parser = parse,
    .args_doc = "[BUG|IMPL|SUITE|PROFILE...]",
    .doc =
        "Say what it is, with an example that is run, decided and judged now: the cause, the effect, the signature "
        "and the cure of a bug; the claims of an implementation and a row for each of its bugs; the cases of a suite "
        "and who fails it; the choices of a profile and whose they are.  Without a topic: the list of all of them."
        "\vExamples:\n"
        "  maskproof explain\n"
        "  maskproof explain LEAK\n"
        "  maskproof explain log_mask sentinel jax\n"
        "A name that is a suite and a bug (batch, BATCH) is the bug in capitals, the suite in small letters."};

/* --- what a word means --- */

struct topic {
    int bug; /* -1: none */
    const struct subject *impl;
    const struct suite_entry *suite;
    const struct profile *profile;
};

static bool alike(const char *a, const char *b)
{
    while (*a != '\0' && toupper((unsigned char)*a) == toupper((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Names in their own letters first; a bug in any letters, if nothing else has the name. */
static bool find_topic(const char *name, struct topic *t)
{
    *t = (struct topic){.bug = -1, .impl = subjects_named(&catalogue.subjects, name)};
    for (size_t s = 0; s < catalogue.suite_count; s++)
        if (strcmp(name, catalogue.suite[s].name) == 0) t->suite = &catalogue.suite[s];
    for (const struct profile *p = profiles; p->name != NULL; p++)
        if (strcmp(name, p->name) == 0) t->profile = p;
    bool other = t->impl || t->suite || t->profile;
    for (int b = 0; b < BUGS; b++)
        if (other ? strcmp(name, bug_names[b]) == 0 : alike(name, bug_names[b])) t->bug = b;
    return other || t->bug >= 0;
}

static void explain(const char *name, const struct topic *t)
{
    int pages = 0;
    if (t->bug >= 0 && pages++ == 0) explain_bug(&catalogue, t->bug);
    if (t->impl != NULL && pages++ == 0) explain_impl(&catalogue, t->impl);
    if (t->suite != NULL) {
        if (pages++ > 0) putchar('\n');
        explain_suite(&catalogue, t->suite);
    }
    if (t->profile != NULL) {
        if (pages++ > 0) putchar('\n');
        explain_profile(&catalogue, t->profile);
    }
    for (int b = 0; b < BUGS; b++)
        if (t->bug < 0 && alike(name, bug_names[b]))
            printf("\nThe bug of that name: maskproof explain %s\n", bug_names[b]);
}

/* --- a word that means nothing --- */

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* How many letters must be put in, left out or changed to make one of the other. */
static size_t distance(const char *a, const char *b)
{
    enum { MOST = 40 };
    size_t cost[MOST + 1], width = least(strlen(b), MOST);
    for (size_t j = 0; j <= width; j++) cost[j] = j;
    for (size_t i = 0; a[i] != '\0' && i < MOST; i++) {
        size_t corner = cost[0]++;
        for (size_t j = 0; j < width; j++) {
            bool same = toupper((unsigned char)a[i]) == toupper((unsigned char)b[j]);
            size_t best = least(corner + !same, least(cost[j], cost[j + 1]) + 1);
            corner = cost[j + 1];
            cost[j + 1] = best;
        }
    }
    return cost[width];
}

enum { NEAREST = 4 };
struct near {
    const char *name[NEAREST];
    size_t distance[NEAREST];
};

static void consider(struct near *near, const char *topic, const char *name)
{
    size_t d = strncmp(topic, name, strlen(topic)) == 0 ? 1 : distance(topic, name), i = NEAREST;
    while (i > 0 && (near->name[i - 1] == NULL || d < near->distance[i - 1])) i--;
    if (i == NEAREST) return;
    for (size_t k = NEAREST - 1; k > i; k--) {
        near->name[k] = near->name[k - 1];
        near->distance[k] = near->distance[k - 1];
    }
    near->name[i] = name;
    near->distance[i] = d;
}

_Noreturn static void refuse(const char *topic)
{
    struct near near = {.name = {NULL}};
    for (int b = 0; b < BUGS; b++) consider(&near, topic, bug_names[b]);
    for (size_t i = 0; i < catalogue.subjects.count; i++) consider(&near, topic, catalogue.subjects.subject[i].name);
    for (size_t s = 0; s < catalogue.suite_count; s++) consider(&near, topic, catalogue.suite[s].name);
    for (const struct profile *p = profiles; p->name != NULL; p++) consider(&near, topic, p->name);
    fprintf(stderr,
            "maskproof explain: expected a bug, an implementation, a suite or a profile, found '%.40s'; nearest: %s, "
            "%s, %s, %s\n",
            topic, near.name[0], near.name[1], near.name[2], near.name[3]);
    exit(2);
}

int main(int argc, char **argv)
{
    options.topic = calloc((size_t)argc, sizeof *options.topic);
    if (options.topic == NULL) abort();
    verb_parse(&argp, argc, argv);
    catalogue_read(&catalogue);
    struct topic topic;
    for (size_t i = 0; i < options.count; i++)
        if (!find_topic(options.topic[i], &topic)) refuse(options.topic[i]);
    if (options.count == 0) {
        catalogue_print(&catalogue);
        puts("\nmaskproof explain NAME says more of each.");
        finish(0);
    }
    scratch_open();
    for (size_t i = 0; i < options.count; i++) {
        if (i > 0) fputs("\n\n", stdout);
        find_topic(options.topic[i], &topic);
        explain(options.topic[i], &topic);
    }
    finish(0);
}

/* ask - see ask.h.
   SPDX-License-Identifier: MIT */
#include "ask.h"
#include "pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
    if (memory != NULL) return memory;
    fprintf(stderr, "maskproof: out of memory\n");
    exit(1);
}

/* The output of one program. */
static char *answer(const char *const *argv, const char *input)
{
    struct pipeline p = {.stage = {{.argv = argv}}, .input = input};
    if (!pipeline_run(&p)) {
        fprintf(stderr, "maskproof: %s\n", p.error);
        exit(1);
    }
    return p.output;
}

/* The blank-separated words of text, which they own from now on; with `after`, of each line those behind the '='.
   Comment lines and the '/' between rows are none. */
static struct words split(char *text, bool after)
{
    struct words w = {.text = text, .word = need(malloc((strlen(text) / 2 + 1) * sizeof *w.word))};
    char *next;
    for (char *line = text; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        if (line[0] == '#') continue;
        if (after) line = strchr(line, '=');
        if (line == NULL) continue;
        for (char *word = strtok(line + after, " "); word != NULL; word = strtok(NULL, " "))
            if (strcmp(word, "/") != 0) w.word[w.count++] = word;
    }
    return w;
}

struct words words_of(const char *text) { return split(need(strdup(text)), false); }

void words_free(struct words *w)
{
    free(w->text);
    free(w->word);
    *w = (struct words){0};
}

char *ask_case(const char *mask, const char *logits)
{
    struct words x = words_of(logits);
    const char **argv = need(malloc((x.count + 4) * sizeof *argv));
    size_t count = 0;
    argv[count++] = "maskproof-case";
    argv[count++] = "--mask";
    argv[count++] = mask;
    for (size_t i = 0; i < x.count; i++) argv[count++] = x.word[i];
    argv[count] = NULL;
    char *line = answer(argv, NULL);
    words_free(&x);
    free(argv);
    return line;
}

char *ask_suite(const char *suite) { return answer(ARGV("maskproof-gen", suite, "f32"), NULL); }

char *ask_suite_case(const char *suite, const char *slug)
{
    enum { HASH = 17 }; /* an id is the slug, '-' and 16 hex digits */
    char *cases = ask_suite(suite), *found = NULL, *next;
    for (char *line = cases; line != NULL && found == NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        if (strncmp(line, slug, strlen(slug)) == 0 && strcspn(line, " ") == strlen(slug) + HASH)
            found = need(strdup(line));
    }
    free(cases);
    if (found == NULL) {
        fprintf(stderr, "maskproof: expected a case %s in suite %s\n", slug, suite);
        exit(1);
    }
    return found;
}

struct words ask_run(const char *impl, const char *cases)
{
    return split(answer(ARGV("maskproof-run", impl), cases), true);
}

struct words ask_truth(const char *cases) { return split(answer(ARGV("maskproof-truth"), cases), true); }

struct words ask_decimal(const char *mask, const char *logits, int digits)
{
    char option[40], *line = need(malloc(strlen(mask) + strlen(logits) + 2));
    snprintf(option, sizeof option, "--decimal=%d", digits);
    sprintf(line, "%s %s", mask, logits);
    struct words w = split(answer(ARGV("maskproof-truth", option), line), false);
    free(line);
    return w;
}

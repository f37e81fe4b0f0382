/* suites - see suites.h.
   SPDX-License-Identifier: MIT */
#include "suites.h"
#include "diagnose.h"

#include <stdlib.h>
#include <string.h>

/* "name BUG BUG about": the bugs end at the first word that is none. */
static void read_suite(struct suite_entry *s, const char *line, size_t length)
{
    const char *end = line + length, *about = line + strcspn(line, " \n");
    *s = (struct suite_entry){.name = strndup(line, (size_t)(about - line))};
    for (;;) {
        char word[40];
        unsigned bug;
        about += strspn(about, " ");
        length = strcspn(about, " \n");
        snprintf(word, sizeof word, "%.*s", (int)length, about);
        if (length == 0 || length >= sizeof word || !bug_parse(word, &bug) || bug == 0) break;
        s->hunts |= bug;
        about += length;
    }
    s->about = strndup(about, (size_t)(end - about));
    if (s->name == NULL || s->about == NULL) abort();
}

size_t suites_parse(struct suite_entry *suites, const char *text)
{
    size_t count = 0;
    while (*text != '\0' && count < MAX_SUITES) {
        size_t length = strcspn(text, "\n");
        if (length > 0) read_suite(&suites[count++], text, length);
        text += length + (text[length] == '\n');
    }
    return count;
}

unsigned suites_hunts(const struct suite_entry *suites, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(suites[i].name, name) == 0) return suites[i].hunts;
    return 0;
}

void suites_free(struct suite_entry *suites, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(suites[i].name);
        free(suites[i].about);
    }
}

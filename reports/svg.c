/* svg - see svg.h.  gnuplot's terminal writes an element or two a line, and a group for each pen, used or not.
   SPDX-License-Identifier: MIT */
#include "svg.h"
#include "verb.h"

#include <stdlib.h>
#include <string.h>

/* One line, with `name-` put into id='x', id="x", href='#x' and url(#x). */
static void write_line(FILE *out, const char *text, const char *name)
{
    static const char *const before[] = {" id='", " id=\"", "href='#", "url(#"};
    while (*text != '\0') {
        size_t nearest = strlen(text), length = 0;
        for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
            const char *at = strstr(text, before[i]);
            if (at == NULL || (size_t)(at - text) >= nearest) continue;
            nearest = (size_t)(at - text);
            length = strlen(before[i]);
        }
        fprintf(out, "%.*s", (int)(nearest + length), text);
        if (length > 0) fprintf(out, "%s-", name);
        text += nearest + length;
    }
    putc('\n', out);
}

void svg_copy(FILE *out, const char *path, const char *name, const char *label)
{
    struct source s;
    char *group = NULL; /* a <g ...> that nothing stands in yet */
    bool on = false;
    verb_open(&s, path);
    while (source_next(&s)) {
        const char *svg = strstr(s.text, "<svg");
        if (!on && svg == NULL) continue;
        if (!on) {
            fprintf(out, "<svg role=\"img\" aria-label=\"%s\"", label);
            write_line(out, svg + 4, name);
            on = true;
        } else if (strncmp(s.text, "<title", 6) == 0 || strncmp(s.text, "<desc", 5) == 0 || s.text[0] == '\0') {
            continue; /* a tooltip that says gnuplot */
        } else if (group != NULL && strcmp(s.text, "</g>") == 0) {
            free(group);
            group = NULL;
        } else {
            if (group != NULL) write_line(out, group, name);
            free(group);
            group = strncmp(s.text, "<g fill=", 8) == 0 && strstr(s.text, "</g>") == NULL ? strdup(s.text) : NULL;
            if (group == NULL) write_line(out, s.text, name);
        }
    }
    free(group);
    if (!on) source_fail(&s, "expected an SVG picture");
    source_close(&s);
}

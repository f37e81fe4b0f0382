/* page_proofs - see page.h: proofs/README.md as a section, and its rows about one implementation.
   SPDX-License-Identifier: MIT */
#include "directory.h"
#include "page.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 16384 };

void page_proofs(const struct evidence *e, FILE *out)
{
    char line[LINE];
    bool code = false, begun = false;
    FILE *in = fopen(path_in(e->directory, "proofs.md"), "r");
    if (in == NULL) return;
    while (fgets(line, sizeof line, in) != NULL) {
        code = code != (strncmp(line, "```", 3) == 0);
        if (!begun && strncmp(line, "# ", 2) == 0) {
            fputs("<h2 id=\"proofs\">Proofs</h2>\n", out);
            begun = true;
        } else {
            fprintf(out, "%s%s", line[0] == '#' && !code ? "#" : "", line);
        }
    }
    fclose(in);
    putc('\n', out);
}

/* The claim of a line of the table names the article's row k. */
static bool names(const char *line, int k)
{
    char id[8];
    snprintf(id, sizeof id, "A%d", k);
    const char *end = line[0] == '|' ? line + 1 + strcspn(line + 1, "|") : line;
    for (const char *at = line; (at = strstr(at, id)) != NULL && at < end; at++)
        if (at[-1] == ' ' && strchr(",: ", at[strlen(id)]) != NULL) return true;
    return false;
}

void page_proofs_of_article(const struct evidence *e, FILE *out)
{
    enum { FIRST = 1, LAST = 14 };
    char line[LINE];
    bool any = false;
    for (int k = FIRST; k <= LAST; k++) {
        FILE *in = fopen(path_in(e->directory, "proofs.md"), "r");
        while (in != NULL && fgets(line, sizeof line, in) != NULL) {
            if (!names(line, k)) continue;
            if (!any)
                fputs("<details><summary>What of it is proved, for rows of any length: theorems and their statements"
                      "</summary>\n\n| row | claim | statement | where | assumed besides |\n|---|---|---|---|---|\n",
                      out);
            any = true;
            fprintf(out, "| A%d %s", k, line);
        }
        if (in != NULL) fclose(in);
    }
    if (any) fputs("\n</details>\n\n", out);
}

void page_proofs_of(const struct evidence *e, const struct subject *s, FILE *out)
{
    char line[LINE], quoted[100];
    bool any = false;
    FILE *in = fopen(path_in(e->directory, "proofs.md"), "r");
    snprintf(quoted, sizeof quoted, "`%.90s`", s->name);
    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        if (line[0] != '|' || strstr(line, quoted) == NULL) continue;
        if (!any) fputs("<h2 id=\"proved\">What is proved of it</h2>\n\n", out);
        any = true;
        fprintf(out, "- %.*s\n", (int)strcspn(line + 2, "|"), line + 2);
    }
    if (in != NULL) fclose(in);
    if (any) fputs("\nStatement, tool and assumptions: [Proofs](index.html#proofs).\n\n", out);
}

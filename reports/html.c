/* html - see html.h.
   SPDX-License-Identifier: MIT */
#include "html.h"
#include "pipeline.h"
#include "scratch.h"
#include "share.h"
#include "verb.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

_Noreturn static void fail(const char *what, const char *why)
{
    fprintf(stderr, "maskproof report: %s: %s\n", what, why);
    exit(2);
}

/* Copy a text file; of an SVG only from its <svg on, with the alternative text as its name. */
static void copy(FILE *out, const char *path, const char *alt)
{
    struct source s;
    bool on = alt == NULL;
    verb_open(&s, path);
    while (source_next(&s)) {
        const char *svg = strstr(s.text, "<svg");
        if (!on && svg != NULL) {
            fprintf(out, "<svg role=\"img\" aria-label=\"%s\"%s\n", alt, svg + 4);
            on = true;
        } else if (on) {
            fprintf(out, "%s\n", s.text);
        }
    }
    source_close(&s);
    if (!on) fail(path, "expected an SVG picture");
}

/* The paragraph cmark-gfm made of "FIGURE name: alt text". */
static bool write_figure(FILE *out, const char *line, const char *directory)
{
    char name[40], alt[400], path[PATH_MAX];
    if (sscanf(line, "<p>FIGURE %39[a-z]: %399[^<]", name, alt) != 2) return false;
    snprintf(path, sizeof path, "%s/%s.svg", directory, name);
    fputs("<figure>\n", out);
    copy(out, path, alt);
    fputs("</figure>\n", out);
    return true;
}

void html_write(const char *directory)
{
    char markdown[PATH_MAX], page[PATH_MAX], part[PATH_MAX], style[PATH_MAX];
    snprintf(markdown, sizeof markdown, "%s/index.md", directory);
    snprintf(page, sizeof page, "%s/index.html", directory);
    snprintf(part, sizeof part, "%s/index.html.part", directory);
    share_path(style, sizeof style, "page.css");
    struct pipeline cmark = {
        .stage = {{.argv = ARGV("cmark-gfm", "--unsafe", "--table-prefer-style-attributes", "-e", "table")}},
        .input_path = markdown};
    if (!pipeline_run(&cmark)) fail("cmark-gfm", cmark.error);
    scratch_also(part);
    FILE *out = fopen(part, "w");
    if (out == NULL) fail(part, strerror(errno));
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<title>maskproof: several ways to mask a softmax, judged</title>\n<style>\n",
          out);
    copy(out, style, NULL);
    fputs("</style>\n</head>\n<body>\n<main>\n", out);
    char *rest = cmark.output;
    for (size_t length; *rest != '\0'; rest += length + (rest[length] == '\n')) {
        length = strcspn(rest, "\n");
        if (write_figure(out, rest, directory)) continue;
        bool opens = strncmp(rest, "<table", 6) == 0, closes = strncmp(rest, "</table>", 8) == 0;
        if (opens) fputs("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"table\">\n", out);
        fprintf(out, "%.*s\n", (int)length, rest);
        if (closes) fputs("</div>\n", out);
    }
    fputs("</main>\n</body>\n</html>\n", out);
    if (ferror(out) || fclose(out) != 0 || rename(part, page) != 0) fail(page, strerror(errno));
    pipeline_free(&cmark);
}

/* html - see html.h.
   SPDX-License-Identifier: MIT */
#include "html.h"
#include "directory.h"
#include "pipeline.h"
#include "scratch.h"
#include "share.h"
#include "svg.h"
#include "verb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Noreturn static void fail(const char *what, const char *why)
{
    fprintf(stderr, "maskproof report: %s: %s\n", what, why);
    exit(2);
}

void html_escape(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) switch (*text) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        default: putc(*text, out);
        }
}

static void copy_style(FILE *out)
{
    struct source s;
    char path[PATH_MAX];
    share_path(path, sizeof path, "page.css");
    verb_open(&s, path);
    while (source_next(&s)) fprintf(out, "%s\n", s.text);
    source_close(&s);
}

static const struct html_link head[] = {
    {"index.html", "Report"}, {"lesson.html", "Lesson"}, {"impls.html", "Implementations"}};

static void open_page(FILE *out, const struct html_page *page)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>",
          out);
    html_escape(out, page->title);
    fputs("</title>\n<style>\n", out);
    copy_style(out);
    fputs("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the text</a>\n"
          "<header><nav aria-label=\"site\"><a class=\"name\" href=\"index.html\">maskproof</a>",
          out);
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        bool here = page->current != NULL && strcmp(page->current, head[i].file) == 0;
        fprintf(out, " <a href=\"%s\"%s>%s</a>", head[i].file, here ? " aria-current=\"page\"" : "", head[i].text);
    }
    fputs("</nav></header>\n<main id=\"main\">\n", out);
}

static void write_link(FILE *out, const struct html_link *link, const char *rel, const char *before, const char *after)
{
    if (link->file == NULL) return;
    fprintf(out, "<a rel=\"%s\" href=\"%s\">%s", rel, link->file, before);
    html_escape(out, link->text);
    fprintf(out, "%s</a>\n", after);
}

static void close_page(FILE *out, const struct html_page *page)
{
    if (page->previous.file != NULL || page->next.file != NULL) {
        fputs("<nav class=\"steps\" aria-label=\"previous and next\">\n", out);
        write_link(out, &page->previous, "prev", "← ", "");
        write_link(out, &page->next, "next", "", " →");
        fputs("</nav>\n", out);
    }
    fputs("</main>\n</body>\n</html>\n", out);
}

/* The paragraph cmark-gfm made of "FIGURE name: caption". */
static bool write_figure(FILE *out, const char *line, const char *figures)
{
    char name[80], caption[800], file[90];
    if (sscanf(line, "<p>FIGURE %79[a-z0-9_-]: %799[^\n]", name, caption) != 2) return false;
    char *end = strstr(caption, "</p>");
    if (end != NULL) *end = '\0';
    snprintf(file, sizeof file, "%s.svg", name);
    fprintf(out,
            "<figure id=\"figure-%s\">\n<div class=\"plot\" tabindex=\"0\" role=\"region\" aria-label=\"figure %s\">\n",
            name, name);
    svg_copy(out, path_in(figures, file), name, caption);
    fprintf(out, "</div>\n<figcaption>%s</figcaption>\n</figure>\n", caption);
    return true;
}

static void write_body(FILE *out, const char *rest, const char *figures)
{
    size_t tables = 0;
    for (size_t length; *rest != '\0'; rest += length + (rest[length] == '\n')) {
        length = strcspn(rest, "\n");
        if (write_figure(out, rest, figures)) continue;
        bool opens = strncmp(rest, "<table", 6) == 0, closes = strncmp(rest, "</table>", 8) == 0;
        if (opens)
            fprintf(out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"table %zu\">\n", ++tables);
        bool code = strncmp(rest, "<pre>", 5) == 0; /* it scrolls, so the keyboard must reach it */
        if (code) fputs("<pre tabindex=\"0\">", out);
        fprintf(out, "%.*s\n", (int)length - 5 * code, rest + 5 * code);
        if (closes) fputs("</div>\n", out);
    }
}

void html_write(const char *directory, const char *figures, const struct html_page *page, const char *markdown)
{
    char part[PATH_MAX], path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, page->file);
    snprintf(part, sizeof part, "%s/.part", directory);
    struct pipeline cmark = {
        .stage = {{.argv = ARGV("cmark-gfm", "--unsafe", "--table-prefer-style-attributes", "-e", "table")}},
        .input = markdown};
    if (!pipeline_run(&cmark)) fail("cmark-gfm", cmark.error);
    scratch_also(part);
    FILE *out = fopen(part, "w");
    if (out == NULL) fail(part, strerror(errno));
    open_page(out, page);
    write_body(out, cmark.output, figures);
    close_page(out, page);
    if (ferror(out) || fclose(out) != 0 || rename(part, path) != 0) fail(path, strerror(errno));
    pipeline_free(&cmark);
}

/* site - see site.h.
   SPDX-License-Identifier: MIT */
#include "site.h"
#include "chess.h"
#include "directory.h"
#include "figures.h"
#include "html.h"
#include "lesson.h"
#include "page.h"
#include "reading.h"

#include <stdlib.h>
#include <string.h>

/* Markdown being written. */
struct draft {
    char *text;
    size_t size;
    FILE *out;
};

static FILE *draft_open(struct draft *d)
{
    d->out = open_memstream(&d->text, &d->size);
    if (d->out == NULL) abort();
    return d->out;
}

static void draft_publish(struct draft *d, const char *directory, const char *figures, const struct html_page *page)
{
    if (fclose(d->out) != 0) abort();
    html_write(directory, figures, page, d->text);
    free(d->text);
}

static struct html_link link_to(const struct subject *s, char room[100])
{
    snprintf(room, 100, "impl-%.80s.html", s->name);
    return (struct html_link){room, s->name};
}

static void write_impl(const struct evidence *e, const struct subject *const *order, size_t i, const char *directory,
                       const char *figures)
{
    char file[100], before[100], after[100];
    const struct subject *s = order[i];
    struct draft d;
    struct html_page page = {.title = s->name, .current = "impls.html"};
    page.file = link_to(s, file).file;
    if (i > 0) page.previous = link_to(order[i - 1], before);
    if (i + 1 < e->subjects.count) page.next = link_to(order[i + 1], after);
    bool ulp = figure_draw(figure_named("ulp"), e, s, figures, "svg", NULL);
    bool bound = s->op == SOFTMAX && figure_draw(figure_named("bound"), e, s, figures, "svg", NULL);
    page_impl(e, s, ulp, bound, draft_open(&d));
    draft_publish(&d, directory, figures, &page);
}

static void write_impls(const struct evidence *e, const char *directory, const char *figures)
{
    const struct subject *order[MAX_SUBJECTS];
    struct draft d;
    reading_order(&e->subjects, order);
    for (size_t i = 0; i < e->subjects.count; i++) write_impl(e, order, i, directory, figures);
    page_impls(e, draft_open(&d));
    draft_publish(&d, directory, figures,
                  &(struct html_page){.file = "impls.html", .title = "Implementations", .current = "impls.html"});
}

static void write_lesson(const char *directory, const char *figures)
{
    for (int chapter = 0; chapter <= LESSON_CHAPTERS; chapter++) {
        char *text = lesson_text(chapter);
        struct html_page page = {
            .file = lesson_file(chapter), .title = lesson_title(chapter), .current = "lesson.html"};
        if (chapter > 0) page.previous = (struct html_link){lesson_file(chapter - 1), lesson_title(chapter - 1)};
        if (chapter < LESSON_CHAPTERS)
            page.next = (struct html_link){lesson_file(chapter + 1), lesson_title(chapter + 1)};
        html_write(directory, figures, &page, text);
        free(text);
    }
}

/* Sections that are written elsewhere. */
static void write_more(const struct evidence *e, const char *figures, struct draft *d)
{
    page_proofs(e, draft_open(d));
    fputs("<h2 id=\"chess\">Chess: what networks leak</h2>\n\n", d->out);
    chess_markdown(figures, d->out);
    if (fclose(d->out) != 0) abort();
}

void site_write(const struct evidence *e, const struct evidence *against, const char *directory, const char *figures)
{
    struct draft d, more;
    for (const struct figure *f = all_figures; f->name != NULL; f++)
        if (!f->one_each && !figure_draw(f, e, NULL, figures, "svg", NULL)) {
            fprintf(stderr, "maskproof report: figure %s: there is nothing to draw\n", f->name);
            exit(2);
        }
    write_impls(e, directory, figures);
    write_lesson(directory, figures);
    if (against != NULL) {
        page_against(e, against, draft_open(&d));
        draft_publish(&d, directory, figures,
                      &(struct html_page){.file = "against.html", .title = "Two runs compared"});
    }
    write_more(e, figures, &more);
    page_index(e, more.text, draft_open(&d));
    free(more.text);
    if (against != NULL) fputs("\n[This run beside an earlier one](against.html).\n", d.out);
    draft_publish(&d, directory, figures,
                  &(struct html_page){.file = "index.html",
                                      .title = "maskproof: several ways to mask a softmax, judged",
                                      .current = "index.html"});
}

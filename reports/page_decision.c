/* page_decision - see page.h: which one should I use, and how large may logits be?
   SPDX-License-Identifier: MIT */
#include "decision.h"
#include "html.h"
#include "page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void write_choice(const struct evidence *e, const struct subject *s, int format, FILE *out)
{
    if (s == NULL) {
        fputs(" none |", out);
        return;
    }
    fprintf(out, " [%s](impl-%s.html), %.3g ulp", s->name, s->name, evidence_error(s, format));
    double speed = evidence_speed(e, s, format);
    if (!isnan(speed)) fprintf(out, ", %.3g x", speed);
    fputs(" |", out);
}

static void write_needs(const struct evidence *e, FILE *out)
{
    fputs("| what you need |", out);
    for (int f = 0; f < FORMATS; f++)
        if (e->format_judged[f]) fprintf(out, " %s |", formats[f].name);
    fputs("\n|---|", out);
    for (int f = 0; f < FORMATS; f++) fputs(e->format_judged[f] ? "---|" : "", out);
    putc('\n', out);
    for (const struct need *n = needs; n->what != NULL; n++) {
        fprintf(out, "| %s |", n->what);
        for (int f = 0; f < FORMATS; f++)
            if (e->format_judged[f]) write_choice(e, decision_choose(e, n, f), f, out);
        putc('\n', out);
    }
    putc('\n', out);
}

/* --- all of them, by how far they hold --- */

static void write_reach(const struct evidence *e, const struct subject *s, int format, FILE *out)
{
    double level = decision_breaks_at(e, s, format);
    if (isinf(level))
        fputs("<td class=\"ok\">all</td>", out);
    else
        fprintf(out, "<td class=\"bug\">below %g</td>", level);
}

static bool breaks(const struct evidence *e, const struct subject *s)
{
    for (int f = 0; f < FORMATS; f++)
        if (isfinite(decision_breaks_at(e, s, f))) return true;
    return false;
}

static void write_holds(const struct evidence *e, FILE *out)
{
    fputs("<table class=\"grid\">\n<caption>How large logits may be</caption>\n<thead><tr><th "
          "scope=\"col\">implementation</th>",
          out);
    for (int f = 0; f < FORMATS; f++) fprintf(out, "<th scope=\"col\">%s</th>", formats[f].name);
    fputs("<th scope=\"col\">formula</th></tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < e->subjects.count; i++) {
        const struct subject *s = &e->subjects.subject[i];
        if (s->op != SOFTMAX || !breaks(e, s)) continue;
        fprintf(out, "<tr><th scope=\"row\"><a href=\"impl-%s.html\">%s</a></th>", s->name, s->name);
        for (int f = 0; f < FORMATS; f++) write_reach(e, s, f, out);
        fputs("<td class=\"left\"><code>", out);
        html_escape(out, any_claim(s)->formula);
        fputs("</code></td></tr>\n", out);
    }
    fputs("</tbody>\n</table>\n\n", out);
}

void page_decision(const struct evidence *e, FILE *out)
{
    fputs("<h2 id=\"choose\">Which one should I use?</h2>\n\n"
          "In each format the fastest of those that are right in every format: that did nothing wrong in any suite, "
          "that hold for logits of every "
          "magnitude the format has, and that do what the row says; with the largest error seen in any row, and the "
          "time over that of a masked copy (mean over the shapes). Formats without a time were not timed: there the "
          "fastest in f32.\n\n",
          out);
    write_needs(e, out);
    fputs("In a framework, where one formula must do: `softmax(where(mask, x, -inf))`, then `where(mask, p, 0)` for "
          "the rows with nothing valid. It holds for every logit; the page of each other formula says where it "
          "ends.\n\n"
          "FIGURE tradeoff: Largest error in f32 against time over that of a masked copy, of every implementation that "
          "is right: the lowest is correctly rounded, the leftmost is fastest, and nothing lies in between without "
          "giving up one of the two.\n\n",
          out);
}

void page_reach(const struct evidence *e, FILE *out)
{
    fputs(
        "<h2 id=\"reach\">How large logits may be</h2>\n\n"
        "A finite fill is safe only while no valid logit comes near it; a shift by the maximum of all entries, only "
        "while no masked one lies far above. For each magnitude L, from 10 to the largest number of the format, three "
        "rows are judged: valid logits at -L beside a masked 0, a masked logit at L beside valid zeros, and valid "
        "logits at L.\n\n"
        "FIGURE reach: A line over the magnitudes at which an implementation returns something wrong: the fills break "
        "just above their constant, but in f16 one beyond 65504 is stored as -inf, and holds.\n\n",
        out);
    write_holds(e, out);
}

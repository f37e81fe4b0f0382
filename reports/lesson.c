/* lesson - see lesson.h.
   SPDX-License-Identifier: MIT */
#include "lesson.h"
#include "share.h"
#include "verb.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void open_chapter(struct source *s, int chapter)
{
    char path[PATH_MAX], name[40];
    snprintf(name, sizeof name, "lesson/%d.md", chapter);
    share_path(path, sizeof path, name);
    verb_open(s, path);
}

char *lesson_text(int chapter)
{
    struct source s;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) abort();
    open_chapter(&s, chapter);
    while (source_next(&s)) fprintf(out, "%s\n", s.text);
    source_close(&s);
    fclose(out);
    return text;
}

const char *lesson_title(int chapter)
{
    static char titles[LESSON_CHAPTERS + 1][120];
    struct source s;
    if (titles[chapter][0] != '\0') return titles[chapter];
    open_chapter(&s, chapter);
    if (!source_next(&s) || strncmp(s.text, "# ", 2) != 0) source_fail(&s, "expected a title, '# ...'");
    snprintf(titles[chapter], sizeof titles[chapter], "%s", s.text + 2);
    source_close(&s);
    return titles[chapter];
}

const char *lesson_file(int chapter)
{
    static char files[LESSON_CHAPTERS + 1][40];
    if (chapter == 0) return "lesson.html";
    snprintf(files[chapter], sizeof files[chapter], "lesson-%d.html", chapter);
    return files[chapter];
}

/* paper - see paper.h.
   SPDX-License-Identifier: MIT */
#include "paper.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_bold(const char *text)
{
    if (isatty(STDOUT_FILENO))
        printf("\033[1m%s\033[0m\n", text);
    else
        puts(text);
}

void paper_title(const char *text) { print_bold(text); }

void paper_head(const char *text)
{
    putchar('\n');
    print_bold(text);
}

/* The words of `text` from column `at` on, further lines from column `indent`; `end` closes a line that is broken. */
static void wrap(int at, int indent, const char *end, const char *text)
{
    int most = PAPER_COLUMNS - (int)strlen(end);
    bool first = true;
    while (*(text += strspn(text, " ")) != '\0') {
        int length = (int)strcspn(text, " ");
        if (!first && at + 1 + length > most) {
            printf("%s\n%*s", end, indent, "");
            at = indent;
            first = true;
        }
        at += printf("%s%.*s", first ? "" : " ", length, text);
        first = false;
        text += length;
    }
    putchar('\n');
}

static char *spell(const char *format, va_list args)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) abort();
    vfprintf(out, format, args);
    if (fclose(out) != 0) abort();
    return text;
}

void paper_text(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = spell(format, args);
    va_end(args);
    printf("  ");
    wrap(2, 2, "", text);
    free(text);
}

void paper_item(int width, const char *label, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = spell(format, args);
    va_end(args);
    int at = printf("  %-*s", width, label);
    if (at > width + 2) at += printf(" ");
    wrap(at, width + 2, "", text);
    free(text);
}

void paper_command(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = spell(format, args);
    va_end(args);
    printf("    ");
    wrap(4, 8, " \\", text);
    free(text);
}

/* clean - see clean.h.  The ranges: RFC 3629, section 4; XML 1.0, section 2.2.
   SPDX-License-Identifier: MIT */
#include "clean.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character at `text` that may stay, or 0. */
static size_t character(const unsigned char *text)
{
    static const struct {
        unsigned char first, last, low, high; /* of the first byte; of the second */
        size_t length;
    } forms[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
                 {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
                 {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    if (text[0] < 0x80) return text[0] >= 0x20 || strchr("\t\n\r", text[0]) != NULL;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        size_t i = 2;
        if (text[0] < forms[f].first || text[0] > forms[f].last) continue;
        if (text[1] < forms[f].low || text[1] > forms[f].high) return 0;
        while (i < forms[f].length && (text[i] & 0xc0) == 0x80) i++;
        bool noncharacter = forms[f].length == 3 && text[0] == 0xef && text[1] == 0xbf && text[2] >= 0xbe;
        return i == forms[f].length && !noncharacter ? i : 0;
    }
    return 0;
}

char *clean_text(const char *text)
{
    char *clean = malloc(3 * strlen(text) + 1), *end = clean;
    if (clean == NULL) abort();
    for (size_t length; *text != '\0'; text += length > 0 ? length : 1) {
        length = character((const unsigned char *)text);
        memcpy(end, length > 0 ? text : "\xef\xbf\xbd", length > 0 ? length : 3);
        end += length > 0 ? length : 3;
    }
    *end = '\0';
    return clean;
}

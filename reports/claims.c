/* claims - see claims.h.
   SPDX-License-Identifier: MIT */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

static bool parse_line(struct claim *c)
{
    char *field[11], *rest = c->text, error[200];
    for (int i = 0; i < 11; i++) {
        field[i] = rest;
        rest = strchr(rest, '\t');
        if ((rest == NULL) != (i == 10)) return false;
        if (rest != NULL) *rest++ = '\0';
    }
    c->impl = field[0];
    c->format = format_named(field[1]);
    c->max_ulp = strtod(field[2], NULL);
    c->profile = field[4];
    c->witness = strcmp(field[5], "-") == 0 ? NULL : field[5];
    c->formula = field[6];
    c->seen = field[7];
    while (c->op < OPS && strcmp(field[8], op_names[c->op]) != 0) c->op++;
    c->any_length = strcmp(field[9], "1") == 0;
    c->bound = strcmp(field[10], "-") == 0 ? NULL : field[10];
    c->policy = policy_default();
    return c->op < OPS && c->format != NULL && c->max_ulp >= 0.5 && bug_parse(field[3], &c->bugs) &&
           policy_apply(&c->policy, c->profile, error, sizeof error);
}

bool claims_parse(struct claims *claims, const char *text)
{
    *claims = (struct claims){0};
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (text[0] != '#') {
            claims->claim = realloc(claims->claim, (claims->count + 1) * sizeof *claims->claim);
            if (claims->claim == NULL) abort();
            struct claim *c = &claims->claim[claims->count++];
            *c = (struct claim){.text = strndup(text, length)};
            if (c->text == NULL || !parse_line(c)) return false;
        }
        text += length + (text[length] == '\n');
    }
    return claims->count > 0;
}

unsigned claim_allows(const struct claim *c, const char *suite)
{
    bool beyond = strcmp(suite, "long") == 0 && !c->any_length;
    return beyond ? (1u << BUGS) - 1 : c->bugs;
}

void claims_free(struct claims *claims)
{
    for (size_t i = 0; i < claims->count; i++) free(claims->claim[i].text);
    free(claims->claim);
    *claims = (struct claims){0};
}

/* matrix - see matrix.h: what is counted.
   SPDX-License-Identifier: MIT */
#include "matrix.h"

unsigned matrix_shows(const struct subject *s, size_t suite)
{
    unsigned bugs = 0;
    for (int f = 0; f < FORMATS; f++)
        if (s->claim[f] != NULL) bugs |= s->tally[suite][f].alone & s->claim[f]->bugs;
    return bugs;
}

unsigned matrix_shows_unclaimed(const struct subject *s, size_t suite)
{
    unsigned bugs = 0;
    for (int f = 0; f < FORMATS; f++)
        if (s->claim[f] != NULL) bugs |= s->tally[suite][f].alone & ~s->claim[f]->bugs;
    return bugs;
}

size_t matrix_count(const struct matrix *m, int op, size_t suite, int bug)
{
    size_t count = 0;
    for (size_t i = 0; i < m->subjects->count; i++) {
        const struct subject *s = &m->subjects->subject[i];
        unsigned bugs = 0;
        for (size_t j = 0; j < m->suite_count; j++)
            if (suite == MAX_SUITES || suite == j) bugs |= matrix_shows(s, j);
        count += s->op == op && (bugs >> bug & 1);
    }
    return count;
}

unsigned matrix_columns(const struct matrix *m, int op)
{
    unsigned bugs = 0;
    for (size_t i = 0; i < m->subjects->count; i++) {
        const struct subject *s = &m->subjects->subject[i];
        if (s->op != op) continue;
        struct naming n = matrix_naming(m, s);
        bugs |= n.claims | n.unclaimed;
    }
    return bugs;
}

static void add(struct naming *n, const struct tally *t, const struct claim *c, const char *suite)
{
    unsigned excused = claim_allows(c, suite) & ~c->bugs;
    n->judged += t->rows[PASS] + t->rows[FAIL];
    n->failing += c->bugs == 0 ? t->unexplained : t->rows[FAIL];
    if (t->rows[PASS] + t->rows[FAIL] > 0) n->claims |= c->bugs;
    if (c->bugs == 0) n->wrongly_named += t->unexplained;
    for (int b = 0; b < BUGS; b++) {
        if (excused >> b & 1) {
            n->failing -= c->bugs == 0 ? 0 : t->alone_rows[b];
        } else if (t->alone_rows[b] > 0) {
            n->alone[b] += t->alone_rows[b];
            n->unclaimed |= 1u << b & ~c->bugs;
        }
    }
}

struct naming matrix_naming(const struct matrix *m, const struct subject *s)
{
    struct naming n = {.first = -1};
    for (size_t i = 0; i < m->suite_count; i++)
        for (int f = 0; f < FORMATS; f++)
            if (s->claim[f] != NULL) add(&n, &s->tally[i][f], s->claim[f], m->suite[i]);
    for (int b = 0; b < BUGS; b++)
        if (n.alone[b] > (n.first < 0 ? 0 : n.alone[n.first])) n.first = b;
    return n;
}

struct score matrix_score(const struct matrix *m)
{
    struct score score = {0};
    for (size_t i = 0; i < m->subjects->count; i++) {
        struct naming n = matrix_naming(m, &m->subjects->subject[i]);
        score.right += n.judged > 0 && n.claims == 0;
        score.accused += n.wrongly_named > 0;
        score.bad += n.claims != 0 && n.failing > 0;
        score.named += n.claims != 0 && n.first >= 0 && (n.claims >> n.first & 1);
    }
    return score;
}

/* peers_compare - see peers.h.  The same version of a library on the same kind of processor must choose the same and
   show the same faults.  Another processor may take another code path, with other roundings: then ROUND, FLUSH, DRIFT
   and UNDERLOG may come and go, and what else differs is printed, but is no failure.  Errors in ulps are never
   compared. SPDX-License-Identifier: MIT */
#include "peers.h"

#include <stdbool.h>
#include <string.h>

static char **find(const struct peers *p, char *const *row)
{
    static const enum peer_column key[] = {PEER, LIBRARY, FORMULATION, PEER_OP, PEER_FORMAT};
    for (size_t r = 0; r < p->rows.rows; r++) {
        bool same = true;
        for (size_t k = 0; k < sizeof key / sizeof *key; k++)
            same = same && strcmp(p->rows.cell[r][key[k]], row[key[k]]) == 0;
        if (same) return p->rows.cell[r];
    }
    return NULL;
}

/* Whether every fault of `a` is one of `b`; "NAME rows suite id; ..." */
static bool within(const char *a, const char *b, bool other_processor)
{
    static const char *const of_rounding[] = {"ROUND", "FLUSH", "DRIFT", "UNDERLOG"};
    for (; *a != '\0' && *a != '-'; a += strcspn(a, ";"), a += strspn(a, "; ")) {
        char name[20], other[20];
        bool found = false;
        sscanf(a, "%19s", name);
        for (size_t i = 0; i < 4; i++) found = found || (other_processor && strcmp(name, of_rounding[i]) == 0);
        for (const char *at = b; !found && *at != '\0'; at += strcspn(at, ";"), at += strspn(at, "; "))
            found = sscanf(at, "%19s", other) == 1 && strcmp(name, other) == 0;
        if (!found) return false;
    }
    return true;
}

size_t peers_compare(const struct peers *stored, const struct peers *now)
{
    size_t different = 0, compared = 0;
    bool other = strcmp(stored->machine, now->machine) != 0;
    if (other) printf("\nanother processor (%s, was %s): roundings may differ\n", now->machine, stored->machine);
    for (size_t r = 0; r < now->rows.rows; r++) {
        char **is = now->rows.cell[r], **was = find(stored, is);
        if (was == NULL) continue;
        compared++;
        bool faults = within(is[FAULTS], was[FAULTS], other) && within(was[FAULTS], is[FAULTS], other);
        bool same = faults && strcmp(is[CHOSEN], was[CHOSEN]) == 0 && strcmp(is[ENDED], was[ENDED]) == 0;
        if (same) continue;
        different++;
        printf("%s %s %s %s differs\n  was --policy %s; faults: %s; %s\n  is  --policy %s; faults: %s; %s\n",
               is[LIBRARY], is[FORMULATION], is[PEER_OP], is[PEER_FORMAT], was[CHOSEN], was[FAULTS], was[ENDED],
               is[CHOSEN], is[FAULTS], is[ENDED]);
    }
    printf("%zu rows compared with those of %s, %zu differ\n", compared, stored->date, different);
    return other ? 0 : different;
}

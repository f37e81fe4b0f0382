/* fused_sparse - very sparse rows: the valid entries are gathered, and are a row of their own.
   SPDX-License-Identifier: MIT */

static void gathered_row(struct gathered *g)
{
    struct calm c = calm_row(g->count, g->x, g->mask, g->p, NULL, 0, 0, 0);
    const double total = folded_total(sum_folded(c.sum));
    if (pick_any(pick_beyond(c.farthest, v_all(CALM))) || !(total > 0))
        wide_row(g->count, g->x, g->mask, g->p);
    else
        scale_entries(g->count, g->p, g->p, factor_of(1 / total));
}

/* A row the valid entries of which have been found: see sparse.h. */
static __attribute__((noinline)) void sparse_row(struct gathered *g, size_t n, const float *x, float *p)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        __builtin_prefetch(p + i + AHEAD, 1);
        v_store(p + i, v_all(0));
    }
    if (i < n) v_store_part(p + i, v_all(0), n - i);
    gather_found(g, x);
    if (g->count > 0) gathered_row(g);
    scatter(g, p);
}

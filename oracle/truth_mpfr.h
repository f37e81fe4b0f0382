/* truth_mpfr - what the files of the MPFR engine share, and nobody else sees: one entry point per operation, and
   the groups of equal logits that a gradient is made of.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_TRUTH_MPFR_H
#define MASKPROOF_TRUTH_MPFR_H

#include "round.h"
#include "truth.h"

#define SPARE 32      /* bits kept beyond the working precision, so that 2^24 roundings or tail terms vanish in it */
#define NEGLIGIBLE 70 /* what is below 2^-70 smallest subnormals only leans, as round_ratio has it */
#define LN2 0.6931471805599454

/* A word and six decimals need precision + 20 bits; 20 more leave one row in some thousand undecided. */
static inline mpfr_prec_t first_bits(const struct format *f) { return f->precision + 40 <= 64 ? 64 : 128; }

/* Precision that holds every difference of two words exactly, and some sums of them. */
static inline mpfr_prec_t span_bits(const struct format *f) { return f->emax - format_grid(f) + 64; }

bool log_softmax_row_mpfr(const struct format *f, size_t n, const uint64_t *x, const unsigned char *mask,
                          struct answer *out);
bool vjp_row_mpfr(const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy, const unsigned char *mask,
                  struct answer *out);
void log_softmax_cleanup_mpfr(void);
void vjp_cleanup_mpfr(void);

/* --- the gradient ---
   Group a of a row: its k_a entries of one logit v_a, v_0 > v_1 > ...; Y_a is the sum of their dy.  For an entry i
   D_a = k_a dy_i - Y_a, so that g_i = e^(v_i - v_0) N_i / S^2 with N_i = sum_a D_a y_a, S = sum_a k_a y_a and
   y_a = e^(v_a - v_0).  Y_a and D_a are integers in units of the format's smallest subnormal. */
struct groups {
    const struct format *format;
    const uint64_t *x, *dy;
    struct sorted {
        int64_t order;
        size_t at;
    } * sorted; /* the finite valid entries, the largest logit first */
    struct group {
        size_t first, count; /* in `sorted` */
        double value;
    } * group;
    size_t entries, count, capacity;
    long reach;    /* the |D_a| of an entry sum to less than 2^reach units, however many there are */
    mpz_t top_sum; /* Y_0 */
};

/* Sort a row into groups (zero-initialised, top_sum an mpz; to be reused, and freed once). */
void groups_make(struct groups *g, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                 const unsigned char *mask);
void groups_free(struct groups *g);

/* The integer that a finite word is, in units of the smallest subnormal. */
void grid_units(mpz_t z, const struct format *f, uint64_t word);
/* Y_a */
void group_sum(mpz_t sum, const struct groups *g, size_t a);
/* a - b, exact where `d` has span_bits. */
void exact_difference(mpfr_t d, double a, double b);

/* The sign of g_i - D_0/k_0^2 for an entry of group 0 with that D_0 != 0, where every other group is far below.
   0: not with so many bits of working precision. */
int vjp_leaning(const struct groups *g, size_t i, mpz_srcptr d0, mpfr_prec_t bits);

#endif

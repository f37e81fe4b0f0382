/* proved - what proofs/rocq says of the error of a row, |result - exact| <= relative * exact + absolute for each entry,
   for each way of adding up that an implementation can name (`bound` in its record).
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PROVED_H
#define MASKPROOF_PROVED_H

#include "format.h"

#include <stddef.h>

/* All of a row that the bounds depend on.  Entries are those of the row, masked ones too; valid: of those, with a
   finite logit; range = max - min of them [nats]; drop: the same with the max of all entries; growths: how often one of
   them, from left to right, is above all before, the first not counted. */
struct row_shape {
    size_t entries, valid, growths;
    double range, drop;
};

/* The number of a theorem: relative in unit roundoffs u of the format, absolute as it is.  relative is infinite where
   the theorem says nothing of such a row. */
struct proved {
    double relative;
    long double absolute; /* half the smallest subnormal of f64 is no double */
};

/* The theorem in proofs/rocq, as "File.v theorem"; NULL: no such way of adding up. */
const char *proved_theorem(const char *bound);

/* What it says of a row in that format.  Its premises about the program's exp: right to one ulp, also where it is
   subnormal, and exact at 0.  Formats of 16 bits compute in f32 and round once more (rounded_to_16_bits). */
struct proved proved_of(const char *bound, const struct format *f, const struct row_shape *row);

/* The bound of Blanchard, Higham and Higham (IMA J. Numer. Anal. 41(4), 2021) for left to right, with the maximum
   subtracted, in u: it leaves out u^2, underflow, and is of the largest error beside the largest probability. */
double proved_by_others(const struct row_shape *row);

#endif

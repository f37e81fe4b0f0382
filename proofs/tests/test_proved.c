/* test_proved - the bounds that reports/proved.c computes are the numbers that Numbers.v proves, and `bounds` notices
   results above them.
   SPDX-License-Identifier: MIT */
#include "bent.h"
#include "proved.h"

#include <math.h>

static double relative(const char *bound, int format, struct row_shape row)
{
    return proved_of(bound, &formats[format], &row).relative * ldexp(1, -formats[format].precision);
}

/* The theorem's number is rounded up in its last digit, and may be that of a tree of another height. */
static void expect_number(double number, double theorem)
{
    cr_expect(number <= theorem && number > 0.98 * theorem, "%g, the theorem says %g", number, theorem);
}

Test(proved, numbers_are_those_of_the_theorems)
{
    const struct row_shape row = {1024, 1024, 7, 20, 20}, ascending = {1024, 1024, 1022, 20, 20};
    expect_number(relative("left_to_right", F64, row), 1.19e-13);
    expect_number(relative("left_to_right", F32, row), 6.37e-5);
    expect_number(relative("left_to_right", BF16, row), 3.98e-3);
    expect_number(relative("left_to_right", F16, row), 5.53e-4);
    expect_number(relative("online", F32, row), 6.5e-5);
    expect_number(relative("online", F32, ascending), 2.47e-4);
    /* 8 entries, whose sum has height 7 in pairs and from left to right */
    const struct row_shape few = {8, 8, 7, 20, 20};
    cr_expect(relative("in_pairs", F32, few) == relative("left_to_right", F32, few));
    cr_expect(relative("in_pairs", F32, row) < relative("left_to_right", F32, row) / 10);
    cr_expect(relative("rounded", F32, row) == 0x1p-24);
}

Test(proved, a_wide_row_is_no_worse_than_where_exp_ends)
{
    const struct row_shape wide = {4, 4, 0, 1e30, 1e30}, edge = {4, 4, 0, 104, 104};
    cr_expect(relative("left_to_right", F32, wide) == relative("left_to_right", F32, edge));
    cr_expect(isinf(relative("online", F32, wide)), "the theorem is of rows that are not so wide");
    cr_expect(isinf(relative("two_pass", F32, wide)));
    cr_expect(isinf(relative("renormalize", F32, wide)));
    const struct row_shape starved = {4, 2, 0, 1, 86}, masked_nan = {4, 2, 0, 1, NAN};
    cr_expect(isinf(relative("renormalize", F32, starved)), "e^-86/4 is no normal number");
    cr_expect(isfinite(relative("renormalize", F64, starved)));
    cr_expect(isinf(relative("renormalize", F32, masked_nan)));
    cr_expect(isinf(relative("nothing", F32, wide)) && proved_theorem("nothing") == NULL);
}

Test(proved, subnormal_results_may_be_off_by_what_underflows)
{
    const struct row_shape row = {4, 4, 0, 20, 20};
    cr_expect(proved_of("left_to_right", &formats[F32], &row).absolute == 5 * 0x1p-150L);
    cr_expect(proved_of("rounded", &formats[F16], &row).absolute == 0x1p-25L);
}

/* The last digit of a result is another: of all that is right, correctly_rounded has least room for that. */
Test(proved, bounds_notices_a_result_above_its_bound, .timeout = 300)
{
    char command[9000], real[4096];
    snprintf(real, sizeof real, "%s", getenv("MASKPROOF_BIN"));
    char *directory = bent_programs("cat", "\"$real\" \"$@\" | if [ \"$1\" = correctly_rounded ]; then"
                                           " sed 's/= 3\\(......\\)[0-9a-d]/= 3\\1f/'; else cat; fi");
    copy_program(real, directory, "bounds");
    struct output o = run_text("bounds", ARGS("--quick"), "");
    cr_expect(o.status == 1 && strstr(o.out, " !") != NULL, "%d\n%s%s", o.status, o.out, o.err);
    cr_expect(strstr(o.err, "rows above what is proved of them") != NULL, "%s", o.err);
    output_free(&o);
    setenv("MASKPROOF_BIN", real, 1);
    o = run_text("bounds", ARGS("--quick"), "");
    cr_expect(o.status == 0 && strstr(o.out, " !") == NULL, "%d\n%s%s", o.status, o.out, o.err);
    output_free(&o);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    cr_expect(system(command) == 0);
    free(directory);
}

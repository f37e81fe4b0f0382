/* policy - see policy.h.
   SPDX-License-Identifier: MIT */
#include "policy.h"

#include <stdio.h>
#include <string.h>

const char *const key_names[KEYS] = {"empty", "nan", "pinf", "all-ninf", "masked", "tiny", "zero-size"};

const char *const choice_names[CHOICES] = {
    [CHOICE_ZERO] = "zero",
    [CHOICE_NAN] = "nan",
    [CHOICE_LANE_NAN] = "lane-nan",
    [CHOICE_LIMIT] = "limit",
    [CHOICE_UNIFORM_ALL] = "uniform-all",
    [CHOICE_UNIFORM_VALID] = "uniform-valid",
    [CHOICE_UNMASKED] = "unmasked",
    [CHOICE_ERROR] = "error",
    [CHOICE_NAN_ROWS_ALL_NAN] = "nan-rows-all-nan",
    [CHOICE_KEPT] = "kept",
    [CHOICE_FTZ] = "ftz",
    [CHOICE_SUCCESS] = "success",
};

const enum choice key_choices[KEYS][6] = {
    [KEY_EMPTY] = {CHOICE_ZERO, CHOICE_NAN, CHOICE_UNIFORM_ALL, CHOICE_UNMASKED, CHOICE_ERROR, CHOICES},
    [KEY_NAN] = {CHOICE_NAN, CHOICE_LANE_NAN, CHOICE_ERROR, CHOICES},
    [KEY_PINF] = {CHOICE_NAN, CHOICE_LIMIT, CHOICE_LANE_NAN, CHOICES},
    [KEY_ALL_NINF] = {CHOICE_ZERO, CHOICE_NAN, CHOICE_UNIFORM_VALID, CHOICES},
    [KEY_MASKED] = {CHOICE_ZERO, CHOICE_NAN_ROWS_ALL_NAN, CHOICES},
    [KEY_TINY] = {CHOICE_KEPT, CHOICE_FTZ, CHOICES},
    [KEY_ZERO_SIZE] = {CHOICE_SUCCESS, CHOICE_ERROR, CHOICES},
};

static const struct {
    const char *name, *policy;
} profiles[] = {
    {"strict-zero", ""},
    {"nan", "empty=nan,all-ninf=nan,masked=nan-rows-all-nan"}, /* eager PyTorch masked_fill(-inf), SciPy */
};

struct policy policy_default(void)
{
    struct policy policy;
    for (int key = 0; key < KEYS; key++) policy.choice[key] = key_choices[key][0];
    return policy;
}

static bool apply_choice(struct policy *policy, const char *item, const char *equals, char *error, size_t error_size)
{
    char known[120] = "";
    int key = 0;
    while (key < KEYS &&
           (strncmp(item, key_names[key], (size_t)(equals - item)) != 0 || key_names[key][equals - item] != '\0'))
        key++;
    if (key == KEYS) {
        snprintf(error, error_size, "expected a class (empty, nan, pinf, all-ninf, masked, tiny), found '%.40s'", item);
        return false;
    }
    for (const enum choice *c = key_choices[key]; *c != CHOICES; c++) {
        if (strcmp(equals + 1, choice_names[*c]) == 0) {
            policy->choice[key] = *c;
            return true;
        }
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", known[0] ? ", " : "", choice_names[*c]);
    }
    snprintf(error, error_size, "expected %s=%s, found '%.40s'", key_names[key], known, item);
    return false;
}

bool policy_apply(struct policy *policy, const char *text, char *error, size_t error_size)
{
    char item[64];
    for (size_t length; *text != '\0'; text += length + (text[length] == ',')) {
        length = strcspn(text, ",");
        snprintf(item, sizeof item, "%.*s", (int)length, text);
        const char *equals = strchr(item, '=');
        if (equals != NULL) {
            if (!apply_choice(policy, item, equals, error, error_size)) return false;
            continue;
        }
        size_t p = 0, count = sizeof profiles / sizeof *profiles;
        while (p < count && strcmp(item, profiles[p].name) != 0) p++;
        if (p == count) {
            snprintf(error, error_size, "expected a profile (strict-zero, nan) or class=choice, found '%.40s'", item);
            return false;
        }
        *policy = policy_default();
        if (!policy_apply(policy, profiles[p].policy, error, error_size)) return false;
    }
    return true;
}

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

/* owner/name#N is an issue or pull request on GitHub.  A key that nobody has observed of a library keeps its default,
   and `seen` says so.  The mask of a library that has none is -inf put in the logits. */
const struct profile profiles[] = {
    {"strict-zero", "", "maskproof's default",
     "zeros for a row without distribution, as the article's footnote 1 asks and fused attention answers (ONNX "
     "Attention, FlashAttention, MLX); NaN for a valid NaN or +inf, as JAX documents"},
    {"nan", "empty=nan,all-ninf=nan,masked=nan-rows-all-nan", "softmax(where(mask, x, -inf)) as written",
     "0/0 reaches every entry of the row: eager frameworks without a mask argument, ggml, MLX softmax, tinygrad"},
    {"pytorch", "nan", "PyTorch eager, masked_fill(-inf)",
     "measured: 1.13 and 2.15.0 on a CPU; pytorch/pytorch#24816, #25110"},
    {"scipy", "nan,zero-size=error", "SciPy special.softmax", "measured: 1.10.1 and 1.17.1; n = 0 raises ValueError"},
    {"maia2", "nan,empty=error", "Maia2 _masked_softmax",
     "source: CSSLab/maia2 since commit ccfca1f; raises ValueError that names the rows without a legal move, else as "
     "pytorch"},
    {"pytorch-sdpa", "masked=nan-rows-all-nan", "PyTorch scaled_dot_product_attention",
     "measured: 2.15.0; source: _safe_softmax, 2.5 and later; pytorch/pytorch#131863, #133882; a NaN reaches the "
     "masked entries too"},
    {"onnx-attention", "masked=nan-rows-all-nan", "ONNX Attention",
     "specification, opset 23 and later; onnx/onnx#8068: zeros, \"not NaN\"; it is silent on a valid NaN or +inf, "
     "which here is as in ONNX's reference Softmax"},
    {"jax", "all-ninf=nan", "JAX nn.softmax(where=)",
     "measured: 0.10.2, which on a CPU also flushes subnormals; source: since a282d586; jax-ml/jax#21501 documents the "
     "NaN of +inf"},
    {"onnxruntime", "nan,tiny=ftz", "ONNX Runtime Softmax",
     "measured: 1.30 (web); results below about exp(-88) are 0 (MLAS); TensorFlow.js 4.22 wasm does the same; 1.32.0 "
     "on a CPU keeps them"},
    {"onednn", "nan,nan=lane-nan,pinf=lane-nan,tiny=ftz", "oneDNN softmax_accurate",
     "measured: 2.6.3 and 3.13.2, avx512_core, and OpenVINO 2026.4; NaN in the lane of a NaN or +inf and 0 beside it"},
    {0},
};

const struct unsaid no_profile[] = {
    {"Keras 3 Softmax layer", "rows of -inf alone are 0 if any entry is masked, else NaN: two answers in one class "
                              "(measured: 3.15.1; keras-team/keras#21149, #21850)"},
    {"XNNPACK f32 softmax",
     "-inf in every entry of a row that is empty or holds NaN or +inf (measured: 2022-02; no more in LiteRT 2.3.0)"},
    {"tt-metal ttnn.softmax", "zeros for a valid NaN or +inf, uniform rows for nothing valid "
                              "(tenstorrent/tt-metal#56056)"},
    {"TensorRT-LLM attention", "uniform over the masked entries when none is valid (NVIDIA/TensorRT-LLM#17477)"},
    {"FlashAttention 2 and 3", "zeros as strict-zero, but it returns no probabilities to hold to a profile"},
    {0},
};

struct policy policy_default(void)
{
    struct policy policy;
    for (int key = 0; key < KEYS; key++) policy.choice[key] = key_choices[key][0];
    return policy;
}

struct policy policy_of(const struct profile *profile)
{
    struct policy policy = policy_default();
    char error[300];
    policy_apply(&policy, profile->choices, error, sizeof error);
    return policy;
}

bool policy_equal(const struct policy *a, const struct policy *b)
{
    for (int key = 0; key < KEYS; key++)
        if (a->choice[key] != b->choice[key]) return false;
    return true;
}

const char *policy_name(const struct policy *policy)
{
    for (const struct profile *p = profiles; p->name != NULL; p++) {
        struct policy of = policy_of(p);
        if (policy_equal(policy, &of)) return p->name;
    }
    return NULL;
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

static bool unknown_profile(const char *item, char *error, size_t error_size)
{
    char known[200] = "";
    for (const struct profile *p = profiles; p->name != NULL; p++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", known[0] ? ", " : "", p->name);
    snprintf(error, error_size, "expected a profile (%s) or class=choice, found '%.40s'", known, item);
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
        const struct profile *p = profiles;
        while (p->name != NULL && strcmp(item, p->name) != 0) p++;
        if (p->name == NULL) return unknown_profile(item, error, error_size);
        *policy = policy_default();
        if (!policy_apply(policy, p->choices, error, error_size)) return false;
    }
    return true;
}

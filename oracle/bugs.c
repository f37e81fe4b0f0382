/* bugs - see bugs.h.  owner/name#N is an issue or pull request of that GitHub repository; numbers of the kind
   "measured" were taken with PyTorch 1.13 and oneDNN 2.6.3 on x86-64, in float32.
   SPDX-License-Identifier: MIT */
#include "bugs.h"

#include <string.h>

const struct bug_text bug_texts[] = {
    {.name = "LEAK",
     .what = "a masked entry keeps weight",
     .cause = "The masked logit is changed where it should be removed. Multiplied by the mask it becomes 0, and exp(0) "
              "is 1; lowered by too little, or filled with too small a number, it stays in the sum as well.",
     .effect = "Forbidden classes get probability. softmax(x * mask) gives away exactly N / (N + e^LSE), N being the "
               "number of masked entries and LSE the log-sum-exp of the valid logits. All valid entries shrink by "
               "one factor, so their order stays and nobody notices, until somebody samples, or until every valid "
               "logit is negative and a masked entry wins the argmax.",
     .signature = "a nonzero number on a masked entry, whose implied logit is no far-away constant (that is SENTINEL)",
     .seen = "CSSLab/maia2#9 (x * mask); ray-project/ray#24055 (logits set to 0); georg-wolflein/good-features#1; "
             "LeelaChessZero/lczero-training#64 (a fill of -1e-10 where -1e10 was meant); allenai/allennlp#893 "
             "(log(mask + 1e-45) is only -103)",
     .fix = "Select, do not multiply: softmax(where(mask, x, -inf)); or let only the valid entries into maximum and "
            "sum, and write +0 on the others.",
     .mask = "10110",
     .x = "1.2355 -0.1710 -0.6606 -0.2050 -1.4690"},
    {.name = "POISON",
     .what = "a NaN or infinity under the mask spreads",
     .cause = "The mask is used as arithmetic (x * mask, x + log(mask)): NaN * 0 is NaN, inf * 0 is NaN, and so are "
              "NaN + -inf and inf + -inf. Arithmetic cannot make a value disappear.",
     .effect = "One junk value in a slot that should not count turns the whole row into NaN: padding that was never "
               "written is enough.",
     .signature = "NaN in a row that holds a NaN or an infinity under the mask",
     .seen = "pytorch/pytorch#101967 (a boolean mask becomes an additive one); keras-team/keras#21850; "
             "deepmodeling/deepmd-kit#5715; NVIDIA/cudnn-frontend#624; the article's footnote 3, if its two terms are "
             "added rather than selected",
     .fix = "Choose between the logit and -inf (where, masked_fill) before anything is computed with the logit.",
     .mask = "101",
     .x = "1 nan 3"},
    {.name = "OVERFLOW",
     .what = "exp without subtracting the maximum first",
     .cause = "exp(x) is taken of the logits as they are. In float32 it is infinite above 88.7 and loses its digits "
              "below -87; in float16 it is infinite from 11.1 on.",
     .effect = "inf/inf is NaN, number/inf is 0, and 0/0 is NaN where all valid logits are far below zero; between "
               "that and the ordinary range, digits are lost in silence.",
     .signature = "wrong where exp of the valid logits, or their sum, leaves the normal range of the format",
     .seen = "NVIDIA/FasterTransformer#43; NVIDIA/DeepLearningExamples#169; dotnet/machinelearning#3648; "
             "Kyubyong/transformer#80; lc0's CUDA kernels before 9af2b062",
     .fix = "Subtract the largest valid logit first: the result is the same and no exponent is above 0.",
     .mask = "101",
     .x = "1000 1 1001"},
    {.name = "STARVE",
     .what = "a large masked logit starves the valid ones",
     .cause = "The softmax, or at least its maximum, is taken over all entries, and the mask is applied after. A "
              "masked logit far above pushes every valid exp below the smallest number.",
     .effect = "softmax, mask, renormalize is right on paper. In float32 it loses digits when a masked logit is 87 "
               "above the valid ones, and is 0/0 from about 104 on; in float16 from about 17.",
     .signature = "wrong where the softmax over all entries falls below the normal range on a valid entry",
     .seen =
         "google-deepmind/open_spiel#127 (\"probabilities contain NaN\"); suragnair/alpha-zero-general#23, #39 (the "
         "0 is caught and a uniform policy played); abisee/pointer-generator#88",
     .fix = "Take maximum and sum over the valid entries alone.",
     .mask = "110",
     .x = "-5 -6 85"},
    {.name = "EMPTY",
     .what = "a row without valid entry, or of -inf alone, is not as declared",
     .cause = "0/0 has no answer, so every formula gives its own: NaN, zeros, a uniform row, the softmax as if nothing "
              "were masked. A finite fill even changes its answer with the size of the logits it absorbs.",
     .effect = "A finished game, a fully padded query or a stalemate becomes NaN and spreads by the next matrix "
               "product; or becomes a uniform choice among forbidden classes.",
     .signature = "in a row of class empty or all-ninf, something else than the policy the target declares",
     .seen = "pytorch/pytorch#24816, #25110, #41508, #133882; onnx/onnx#8068; ml-explore/mlx#2608; "
             "NVIDIA/TensorRT-LLM#17477; d2l-ai/d2l-en#2423",
     .fix = "Decide what the row means, say so, and test for it before the division. Most fused kernels and the ONNX "
            "Attention specification agree on zeros.",
     .mask = "110/101",
     .x = "-inf -inf 3 1 2 3"},
    {.name = "BATCH",
     .what = "the rows of a batch are mixed",
     .cause =
         "A sum, a maximum or a guard runs over the whole batch: p.sum() without dim=-1, or \"if any row is empty\".",
     .effect = "The rows of a batch share one mass; or one bad row turns all its neighbours into NaN or zeros. With a "
               "batch of one it is right, so tests with one row pass.",
     .signature = "the rows together have the mass of one; or a row of finite numbers is NaN or 0 beside one that has "
                  "a reason to be",
     .seen = "allenai/deep_qa#152 (norm over the batch); OpenRLHF/OpenRLHF#1250 (no keepdim); CSSLab/maia2 commit "
             "4017653 (one position without a legal move zeroed all); the article's footnote 2",
     .fix = "Reduce along the last axis and keep it: sum(dim=-1, keepdim=True). Guard each row by itself.",
     .mask = "101/110",
     .x = "1 2 3 0 0 0"},
    {.name = "HIDDEN",
     .what = "a valid NaN or +inf is answered by ordinary numbers",
     .cause = "The NaN that a broken input makes is cleaned away: nan_to_num after the softmax, a maximum that "
              "ignores NaN, a comparison that NaN loses.",
     .effect = "A broken input looks like a confident or an empty answer, and the fault shows much later.",
     .signature = "no NaN in a row of class nan or pinf, and not the policy the target declares",
     .seen =
         "pytorch/pytorch#71502 (nan_to_num as a workaround); tenstorrent/tt-metal#56056 (all zeros for a valid NaN); "
         "openvinotoolkit/openvino#33456 (CPU and GPU differ)",
     .fix = "Guard the empty row by its own test, and let NaN through everywhere else.",
     .mask = "110/101",
     .x = "1 nan 2 1 2 3"},
    {.name = "ROUND",
     .what = "beyond the error that is claimed, for no other reason",
     .cause = "Every operation that stores its result in the format rounds once more; in a narrow format, or with a "
              "poor exp, that adds up. Sums from left to right add about n/2 roundings.",
     .effect = "Probabilities are off by more ulps than claimed. Tests with atol=1e-5 cannot see it: for n above 1e5 "
               "they pass even a row of zeros.",
     .signature = "all values finite, none of the other signatures, error above the limit",
     .seen = "ROCm/FlyDSL#1018 (an all-zero output passes its test); ROCm/rocMLIR#2431 (tuning accepts 5e-2)",
     .fix = "Compute in a wider format inside the row and round once at the end; claim what was measured.",
     .format = "f16",
     .mask = "101",
     .x = "0.1 0.2 0.3"},
    {.name = "SENTINEL",
     .what = "a finite fill beats a valid logit",
     .cause = "-1e4, -1e9 or finfo.min stands for -inf. It is a logit like any other: a valid one that is lower loses "
              "to it, and a masked one that is higher by as much climbs over it.",
     .effect = "Most rows are right and some give all their mass to masked entries. Which fill fails where depends on "
               "the format: in float16 -1e9 is -inf, and at 1e4 the spacing is 8 and small logits vanish.",
     .signature = "the weights say that the masked entries have one logit, or were lowered by one amount, of about "
                  "1000 or more",
     .seen = "flashinfer-ai/flashinfer#4267 (scores of -2.45e5 in a served model against a fill of -5e4); "
             "huggingface/transformers#542, #17306; ohdearquant/lattice#361; facebookresearch/fairseq#3575; "
             "bentrevett/pytorch-seq2seq#191",
     .fix = "Fill with -inf and guard the empty row; or select instead of filling.",
     .mask = "110",
     .x = "-1e30 -1e30 5"},
    {.name = "NANFILL",
     .what = "the target's own constant makes NaN",
     .cause = "0 * -inf, inf - inf: (1 - mask) * -inf is NaN on the entries to keep; -1e9 is -inf in float16; the sign "
              "of the fill is wrong; a running maximum that starts at -inf is subtracted from a block of -inf.",
     .effect = "Ordinary logits, ordinary mask, and a row of NaN: always, in that format.",
     .signature = "NaN in a row of finite logits of ordinary size",
     .seen = "lucidrains/memory-compressed-attention#2 (fill of +inf); tensorflow/tensorflow#59657 (-1e9 in half); "
             "ggml-org/llama.cpp#6438 and flashinfer-ai/flashinfer#4452 (a block without valid entries)",
     .fix = "Never multiply by the fill: where(mask, x, fill). Begin an online maximum with a guard for -inf.",
     .mask = "101",
     .x = "1 2 3"},
    {.name = "EPSILON",
     .what = "a +eps that was to avoid 0/0 takes mass",
     .cause = "p / (sum + 1e-13): harmless while the sum is near 1, but after masking it may be as small as eps.",
     .effect = "Probabilities come out too small by sum / (sum + eps). With 1e-13, measured: valid logits of -30 among "
               "masked zeros have a sum of 0.56, of -35 one of 0.009.",
     .signature = "all valid entries short by one factor, in a row where the valid share of the softmax over all "
                  "entries is small, or exp of the valid logits is",
     .seen = "allenai/allennlp#399, #437 (masked_softmax); Unity-Technologies/ml-agents#1123, #2769 (masked actions "
             "taken in long runs); Kyubyong/transformer#80",
     .fix = "Shift by the valid maximum: then the sum is at least 1 and needs no eps. Test for the empty row instead.",
     .mask = "110",
     .x = "-30 -31 0",
     .got = "0.41042 0.15099 0"},
    {.name = "UNNORMALIZED",
     .what = "mass is missing: masked after the softmax, and left so",
     .cause = "The masked entries are set to 0 after the softmax over all, and nobody divides again.",
     .effect = "The valid entries keep their order and sum to less than 1; a sampler that fills up the rest picks a "
               "forbidden class.",
     .signature = "all valid entries short by one factor: the share that the masked ones had",
     .seen = "huggingface/pytorch-image-models#2236; tensorflow/minigo#299 (2 % of the policy on illegal moves); "
             "ilivans/tf-rnn-attention#11",
     .fix = "Mask before the softmax; or divide by the sum that is left, if no masked logit is far above (STARVE).",
     .mask = "101",
     .x = "1 2 3",
     .got = "0.09003057 0 0.66524094"},
    {.name = "AXIS",
     .what = "softmax, or the mask, along the wrong axis",
     .cause = "dim=0 for dim=-1, a transposed score matrix, a mask broadcast along rows where columns were meant. In a "
              "square batch no shape is wrong.",
     .effect = "Columns sum to 1 and rows do not; queries are weighed against each other instead of keys.",
     .signature = "each column with a valid entry has mass 1, and the rows have not",
     .seen = "facebookresearch/detr#247; nerdai/llms-from-scratch-rs#30; hyunwoongko/transformer#40 and "
             "lsdefine/attention-is-all-you-need-keras#16 (the mask's axis)",
     .fix = "Name the axis, and test with a batch that is not square and not symmetric.",
     .mask = "11/11",
     .x = "1 2 3 4",
     .got = "0.1192029 0.1192029 0.8807971 0.8807971"},
    {.name = "POLARITY",
     .what = "the mask is inverted",
     .cause = "True means keep in one interface and ignore in the next: torch's MultiheadAttention ignores what is "
              "True; scaled_dot_product_attention, ONNX, Keras, JAX and MLX keep it.",
     .effect =
         "The row is the softmax of exactly the forbidden entries. With a mask that is half ones, sums and shapes "
         "look right.",
     .signature = "the row is the softmax of its masked entries; NaN where nothing is masked",
     .seen = "rasbt/LLMs-from-scratch#1061; NVIDIA/TransformerEngine#614 (two paths of one library disagree); "
             "lucidrains/x-transformers#164; pytorch/pytorch#120668",
     .fix = "Name the argument for what True does, and test one row with one valid entry.",
     .mask = "1001",
     .x = "5 1 2 6"},
    {.name = "ENCODING",
     .what = "the mask's bytes or numbers are mistaken",
     .cause = "A 0/1 mask goes where an additive one (0 and -inf) is expected, or bytes of 200 or 255 where 0/1 is, or "
              "the mask itself is taken for the logits.",
     .effect = "A valid entry gets e times more weight and nothing is masked.",
     .signature = "valid logits raised by 1 over the masked ones, or weights that depend on the mask alone",
     .seen = "huggingface/diffusers#14342; timeseriesAI/tsai#171; pytorch/pytorch#103963, #24180 (~ of a uint8 mask); "
             "guidance-ai/guidance#1266 (bytes of 200); Farama-Foundation/MicroRTS-Py#8 (the mask as logits)",
     .fix = "Convert at the border: refuse anything but true and false, or 0 and 1.",
     .mask = "101",
     .x = "1 2 3"},
    {.name = "TAIL",
     .what = "the last entries of a row, or the edge of a block, are lost",
     .cause = "A kernel works in steps of 8 or 16 and forgets what is left over, or lets the padding lanes in; a "
              "block-wise one meets a first block without valid entries.",
     .effect = "Right for n = 64 and wrong for n = 65. The last entries are 0, or take part twice, or junk behind the "
               "row takes part.",
     .signature = "zeros in the last n mod 8 entries; NaN where the row begins with masked entries",
     .seen = "tenstorrent/tt-metal#54833 (padding counted as valid); NVIDIA/cudnn-frontend#624 (rows never written); "
             "ggml-org/llama.cpp#3523; ikawrakow/ik_llama.cpp#2344 (a masked first block)",
     .fix = "Treat the rest of the row with the same code, masked lanes as -inf; test every length from 1 to 130.",
     .mask = "1*9",
     .x = "1 2 3 1 2 3 1 2 3"},
    {.name = "DRIFT",
     .what = "a long sum loses digits",
     .cause = "Small terms are added one by one to a large sum in the same format: from a certain size on they do not "
              "move it. A bf16 sum of ones stops at 256, one in float32 at 2^24.",
     .effect = "All probabilities are too large by one factor, and the more entries the worse.",
     .signature = "all entries wrong by one factor, among a hundred valid ones or more",
     .seen = "measured: PyTorch 1.13 gives 0.99513 for one logit 16.7 above 100000 others, where 0.99444 is right and "
             "a plain float32 sum gives 1; a float16 count stops at 2048",
     .fix = "Sum in a wider format, in pairs, or compensated.",
     .format = "bf16",
     .mask = "1*300",
     .x = "0*300",
     .got = "0.00390625*300"},
    {.name = "FLUSH",
     .what = "subnormal results are 0",
     .cause = "The processor is told to flush (-ffast-math does, for the whole process), or the exp of the library "
              "stops at the smallest normal number.",
     .effect =
         "Probabilities below 2^-126 in float32 (6e-5 in float16, where it hurts) become exactly 0: log gives -inf.",
     .signature = "all that fails is below the normal range, and is 0",
     .seen = "measured: ONNX Runtime 1.30 (web), oneDNN 2.6.3, XNNPACK 2022-02, TensorFlow.js 4.22 (wasm)",
     .fix = "Do not link with -ffast-math. If speed matters more, declare it: --policy tiny=ftz.",
     .mask = "111",
     .x = "0 -1 -90"},
    {.name = "UNDERLOG",
     .what = "log of a probability that has underflowed",
     .cause = "log(softmax(x)): the probability underflows to 0 where its logarithm is an ordinary number.",
     .effect = "-inf instead of -200, an infinite loss, and NaN in the gradient.",
     .signature = "-inf, or a number far off, where the right log-probability is finite and its exp is not normal",
     .seen = "the ONNX reference's op_log_softmax; pytorch/pytorch#31829 (entropy of such rows is NaN)",
     .fix = "x - max - log(sum(exp(x - max))) over the valid entries: no logarithm of a quotient.",
     .op = "log_softmax",
     .mask = "111",
     .x = "0 1 -200",
     .got = "-1.3132617 -0.31326169 -inf"},
    {.name = "POSLOG",
     .what = "a log-probability above 0",
     .cause = "The sum is 1 or nearly, and the approximate logarithm of it comes out below 0.",
     .effect = "A probability above 1. Losses become negative; code that asserts log p <= 0 stops.",
     .signature = "a value above 0 in a row of log_softmax",
     .seen = "measured: oneDNN 2.6.3 gives +1.43e-06 for the large entry of a one-hot row, where 0 is right",
     .fix = "Use log1p of the sum without its largest term, or cut the result off at 0.",
     .op = "log_softmax",
     .mask = "10",
     .x = "5 3",
     .got = "1.43e-06 -inf"},
    {.name = "NANGRAD",
     .what = "a gradient that is NaN, or not 0 under the mask",
     .cause = "The backward pass goes through the branch that the mask has thrown away: 0 * inf is NaN there; or the "
              "formula lets a rounding error of the sum reach masked entries.",
     .effect =
         "One step of training turns the weights to NaN though the forward pass was right; or masked inputs learn.",
     .signature = "NaN in the gradient of a row of finite numbers, or a nonzero gradient on a masked entry",
     .seen = "jax-ml/jax#17117, #17070; pytorch/pytorch#41508, #42323; measured: renormalizing leaves 2.6e-8 under the "
             "mask",
     .fix = "g = p * (dy - sum(p * dy)) over the valid entries, exactly 0 elsewhere; with where, select twice: before "
            "the function and after.",
     .op = "vjp",
     .mask = "101",
     .x = "1 2 3",
     .dy = "1 2 3",
     .got = "-0.209987 2.6e-8 0.209987"},
    {0},
};

const struct bug_text *bug_text(const char *name)
{
    for (const struct bug_text *t = bug_texts; t->name != NULL; t++)
        if (strcmp(t->name, name) == 0) return t;
    return NULL;
}

/* article - the vectors of "Masked Softmax Layers in PyTorch" (Cognetta, 2025) and of CSSLab/maia2 pull request 9.
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    CASE(g, "article-5", "10110", 1.2355, -0.1710, -0.6606, -0.2050, -1.4690);
    CASE(g, "article-unmasked", "11111", 1.2355, -0.1710, -0.6606, -0.2050, -1.4690);
    CASE(g, "pr9-row0-single", "00010", 0.8924, 0.8796, 0.4099, 0.8877, 0.2908);
    CASE(g, "pr9-row1", "11001", 0.3853, 0.9005, 0.4, 0.5488, 0.3874);
    CASE(g, "pr9-row2", "01011", 0.0757, 0.2595, 0.5019, 0.2247, 0.0422);
    CASE(g, "pr9-batch", "00010/11001/01011",    /* */
         0.8924, 0.8796, 0.4099, 0.8877, 0.2908, /* */
         0.3853, 0.9005, 0.4, 0.5488, 0.3874,    /* */
         0.0757, 0.2595, 0.5019, 0.2247, 0.0422);
}

SUITE(article, .hunts = "LEAK BATCH", .about = "the article's worked vector and the rows of Maia2 pull request 9",
      .make = make);

/* constrained - the article's question for language models: vocabularies of 50257 (GPT-2) and 151936 (Qwen2) tokens, of
   which a grammar or top-k allows a few (guidance-ai/guidance#1266).
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CONSTRAINED_H
#define MASKPROOF_CONSTRAINED_H

#include <stdio.h>

/* Write the section as Markdown: misplaced probability by formulation, on seeded rows made here, in about two seconds.
 */
void constrained_markdown(FILE *out);

#endif

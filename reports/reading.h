/* reading - the order in which the implementations are read: together they are a course.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_READING_H
#define MASKPROOF_READING_H

#include "subjects.h"

/* The subjects in that order, into `order` of MAX_SUBJECTS; one that the list does not name stands, by name, behind
   those it does, but for the two that are read last. */
void reading_order(const struct subjects *subjects, const struct subject *order[MAX_SUBJECTS]);

#endif

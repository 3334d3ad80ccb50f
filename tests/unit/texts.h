/*
 * tests/unit/texts.h - files of ours for a test, and what is said about them.
 */
#ifndef TESTS_UNIT_TEXTS_H
#define TESTS_UNIT_TEXTS_H

#include "src/record/complaints.h"

/* Write DIR/NAME, its folder is made if need be. */
void text_write(const char *dir, const char *name, const char *content);
/* The n-th complaint has this place and sentence. */
void complaint_is(const struct complaints *, uint32_t n, uint32_t line,
    uint32_t column, const char *sentence);
/* One complaint and no other, an error. */
void only_complaint_is(const struct complaints *, uint32_t line,
    uint32_t column, const char *sentence);
/* What complaints_print() prints; to free(). */
char *complaints_text(const struct complaints *);

#endif

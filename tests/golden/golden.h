/*
 * tests/golden/golden.h - what the files of the case runner share.
 */
#ifndef TESTS_GOLDEN_GOLDEN_H
#define TESTS_GOLDEN_GOLDEN_H

#include "src/cli/cases.h"

struct golden {
	struct cases on;
	unsigned int passed, failed;
};

/* golden.c */
bool golden_read(struct golden *, struct one_case *, const char *format,
    struct slice raw, struct slice file_name);
void golden_count(
    struct golden *, const struct one_case *, const char *what, bool holds);
/* golden_law.c: written, and read again */
void golden_output(struct golden *, const struct one_case *, const char *folder,
    const char *file, const char *target);
void golden_law(struct golden *, const struct one_case *);
/* golden_lost.c: what other formats lose is what is known of them at load */
void golden_lost(struct golden *, const struct one_case *);

#endif

/*
 * tests/golden/golden.h - what the files of the case runner share.
 */
#ifndef TESTS_GOLDEN_GOLDEN_H
#define TESTS_GOLDEN_GOLDEN_H

#include "src/cli/cases.h"

struct golden {
	struct cases on;
	unsigned int passed, failed;
	bool first_ends; /* the process, with TRIAL_CASES: a trial */
};

/* What a trial says on its line. */
enum trial {
	TRIAL_NOBODY, /* noticed it */
	TRIAL_CASES,
	TRIAL_LOADER,
	TRIAL_DIED, /* the process that tried it */
};

/* golden.c */
bool golden_read(struct golden *, struct one_case *, const char *format,
    struct slice raw, struct slice file_name);
void golden_count(
    struct golden *, const struct one_case *, const char *what, bool holds);
/* all cases of a format, or the one called so */
void golden_format(
    struct golden *, const char *cases, const char *format, const char *only);
/* golden_trial.c: what main returns */
int golden_trials(struct golden *);
/* golden_fields.c: each field of an interface page, tried in that case */
void golden_fields(struct golden *, const char *mappings, const char *table,
    const char *format, const char *stem);
/* golden_law.c: written, and read again */
void golden_output(struct golden *, const struct one_case *, const char *folder,
    const char *file, const char *target);
void golden_law(struct golden *, const struct one_case *);
/* golden_lost.c: what other formats lose is what is known of them at load */
void golden_lost(struct golden *, const struct one_case *);

#endif

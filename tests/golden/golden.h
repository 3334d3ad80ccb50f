/*
 * tests/golden/golden.h - what the files of the case runner share.
 */
#ifndef TESTS_GOLDEN_GOLDEN_H
#define TESTS_GOLDEN_GOLDEN_H

#include "src/daemon/pipeline.h"

#define GOLDEN_FILINGS 200
#define GOLDEN_NOW     "2024-11-20T10:30:00.00+08:00"

struct golden {
	struct pipeline *pipeline;
	struct arena *mem;
	unsigned int passed, failed;
};

struct golden_case {
	char name[512];
	const char *format;
	struct filing filing[GOLDEN_FILINGS];
	uint32_t nfilings;
};

/* golden.c */
bool golden_file(const char *path, struct buf *);
bool golden_read(struct golden *, struct golden_case *, const char *format,
    struct slice raw, struct slice file_name);
void golden_count(
    struct golden *, const struct golden_case *, const char *what, bool holds);
/* golden_look.c: against the files beside the case */
bool golden_findings(const struct golden_case *, struct slice want);
bool golden_values(
    struct golden *, const struct golden_case *, struct slice want);
/* golden_law.c: written, and read again */
void golden_output(struct golden *, const struct golden_case *,
    const char *folder, const char *file, const char *target);
void golden_law(struct golden *, const struct golden_case *);
/*
 * The filing's record as a message of plan. bare: for EDIFACT its own end, too;
 * quiet: why it cannot be written is not printed.
 */
bool golden_message(struct golden *, const struct filing *, const struct plan *,
    struct buf *body, struct trace *, bool bare, bool quiet);
/* golden_lost.c: what other formats lose is what is known of them at load */
void golden_lost(struct golden *, const struct golden_case *);

#endif

/*
 * cli/cases.h - a case: a message, and beside it what is expected of it.
 *
 *   NAME.in           the message
 *   NAME.name         the file name it came under; may be missing
 *   NAME.find         code, severity, line, column, segment, element, found:
 *                     all findings, tab separated below a heading; an empty
 *                     cell is not compared
 *   NAME.values       path TAB value TAB line: the whole record; a file that
 *                     begins "# some" need not say all
 *   NAME.TARGET.out   what is written for the first filing in that format
 *   NAME.out          the same in the standard form
 *
 * Shared by entrepot map test and the suite's own runner (tests/golden). No
 * rules are run, the time is always the same.
 */
#ifndef CLI_CASES_H
#define CLI_CASES_H

#include "src/daemon/pipeline.h"

#define CASE_FILINGS 200
#define CASE_FILE    (16u << 20) /* the largest file of a case */
#define CASE_NOW     "2024-11-20T10:30:00.00+08:00"

struct cases {
	struct pipeline *pipeline;
	struct arena *mem; /* of the case being run */
};

struct one_case {
	char name[512];
	const char *format; /* NULL: the message is looked at */
	struct filing filing[CASE_FILINGS];
	uint32_t nfilings;
};

/* A whole file; false: it is not there or too large. */
bool case_file(const char *path, struct buf *);
/* false: the sentence is in *err. */
bool case_read(struct cases *, struct one_case *, struct slice raw,
    struct slice file_name, struct err *);
/*
 * The filing's record as a message of plan. bare: for EDIFACT its own end, too.
 * false: refused, and said tells why (may be NULL).
 */
bool case_message(struct cases *, const struct filing *, const struct plan *,
    struct buf *body, struct trace *, bool bare, struct buf *said);
/* NULL is the standard form of the filing's document. */
const struct plan *case_target(
    const struct cases *, const struct filing *, const char *name);

/* case_look.c: is all as wanted? Lines with - and + in said, if not. */
bool case_findings(
    const struct one_case *, struct slice want, struct buf *said);
bool case_values(const struct one_case *, struct slice want, struct buf *said);
bool case_text(struct slice want, struct slice got, struct buf *said);
/* The same files as they would have to be. */
void case_findings_print(const struct one_case *, struct buf *);
void case_values_print(const struct one_case *, struct buf *);

#endif

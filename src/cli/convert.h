/*
 * cli/convert.h - the parts of `entrepot convert`: what was read, what is
 * written, what is said about both.
 */
#ifndef CLI_CONVERT_H
#define CLI_CONVERT_H

#include "src/daemon/pipeline.h"
#include "src/cli/progress.h"
#include "src/base/clock.h"

#define CONVERT_FILINGS 100000u /* of one file */

/* One message of the output, and where it stands in it. */
struct convert_part {
	const struct filing *filing;
	struct trace trace;
	size_t at; /* of the message's text in the output */
};

struct convert {
	const char *mappings, *from, *to, *file;
	bool want_trace, json;
	struct pipeline *pipeline;
	const struct plan *target;
	struct arena *mem; /* everything of the run */
	struct filing *filing;
	uint32_t nfilings;
	bool refused;
	char now[CLOCK_TEXT];
	struct buf out;
	struct clock clock;
	struct progress progress;
	struct convert_part *part;
	uint32_t nparts;
};

/* convert_write.c: all filings into out; false: refused with findings. */
bool convert_write(struct convert *);
/* convert_say.c: to standard error. */
void convert_findings(struct convert *);
void convert_trace(struct convert *);
/* convert_lost.c: values that went nowhere, behind what out has. */
void convert_lost(struct convert *, struct buf *out);

#endif

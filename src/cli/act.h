/*
 * cli/act.h - from "what is meant" to "it is done": counted first, done when
 * the caller is sure, told with numbers.
 */
#ifndef CLI_ACT_H
#define CLI_ACT_H

#include "src/cli/ask.h"
#include "src/cli/meant.h"
#include "spool/operate.h"

struct act {
	const char *verb; /* as it is told */
	const char *conf, *words;
	const char *sure; /* what --yes was given; NULL: not, "": alone */
	bool json;
	bool deliver, same; /* redo: the delivery, as it was */
	enum operate_verb what;
	struct meant meant;
	struct slice to; /* attach: the leg */
};

/* The common options; false: told. optind stands at the first word. */
bool act_options(int argc, char **argv, struct act *, const char *more);
/* Count, ask to be sure, do, tell: the exit status. */
int act_run(struct act *);

#endif

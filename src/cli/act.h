/*
 * cli/act.h - from "what is meant" to "it is done": counted first, done when
 * the caller is sure, told with numbers.
 */
#ifndef CLI_ACT_H
#define CLI_ACT_H

#include "src/cli/ask.h"
#include "src/cli/meant.h"
#include "src/cli/options.h"
#include "spool/operate.h"

struct act {
	const char *verb; /* as it is told */
	const char *conf, *words;
	const char *sure; /* what --yes was given; NULL: not, "": alone */
	bool json;
	bool deliver, same; /* redo: the delivery, as it was */
	enum operate_verb what;
	struct meant meant;
	const char *to; /* attach: the leg */
};

/* The options of every verb that acts. */
#define ACT_OPTIONS                                                            \
	OPT_JSON(struct act, json),                                            \
	    { .word = "yes",                                                   \
		    .value = "WORD",                                           \
		    .kind = OPT_MAYBE,                                         \
		    .at = offsetof(struct act, sure),                          \
		    .what = "do it; without: count" },                         \
	    { .word = "why",                                                   \
		    .value = "TEXT",                                           \
		    .kind = OPT_TEXT,                                          \
		    .at = offsetof(struct act, words),                         \
		    .what = "the reason, kept with it" },                      \
	    OPT_CONF(struct act, conf)

/* redo's besides. */
#define REDO_OPTIONS                                                           \
	{ .word = "deliver",                                                   \
		.at = offsetof(struct act, deliver),                           \
		.what = "with --same: a file is delivered again" },            \
	{                                                                      \
		.word = "same", .at = offsetof(struct act, same),              \
		.what = "as it was"                                            \
	}

/* Count, ask to be sure, do, tell: the exit status. */
int act_run(struct act *);

#endif

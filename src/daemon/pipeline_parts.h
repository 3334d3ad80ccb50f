/*
 * daemon/pipeline_parts.h - what the files of the pipeline share.
 */
#ifndef DAEMON_PIPELINE_PARTS_H
#define DAEMON_PIPELINE_PARTS_H

#include "src/daemon/pipeline.h"
#include "src/identify/identify.h"

#define PIPELINE_PLANS IDENTIFY_PLANS /* formats of a mappings folder */

struct pipeline {
	struct formats *formats;
	struct rules *rules;
	const struct plan *plan[PIPELINE_PLANS];   /* all but the envelopes */
	const struct line *filing[PIPELINE_PLANS]; /* by plan number, or NULL */
	unsigned int nplans;
	struct identify *identify;
	const struct plan *interchange; /* reads UNB; NULL: there is none */
	struct edifact_service service; /* then: what envelopes may hold */
	const struct group *transmission;
};

/* One arrival on its way through. */
struct passage {
	const struct pipeline *p;
	const struct arrival *a;
	const struct plan *const *may; /* what it may be, for people */
	unsigned int nmay;
	uint16_t *turn; /* the same by plan number, see identify.h; NULL: all */
	struct arena *mem, *filing_mem;
	struct text text;
	struct findings *said; /* by decoding and syntax, not yet passed on */
	const struct plan *plan;
	struct node *transmission;
	const struct edifact_interchange *interchange;
	const struct edifact_message *message;
	filing_fn *fn;
	void *arg;
	struct leg_plan leg[LEGS_ROOM]; /* of the filing at hand */
	unsigned int nlegs;
	uint32_t number;
	enum rc answer;      /* of fn, the last time */
	bool tree_in_filing; /* filing_mem holds the tree, too */
	struct err *err;
};

/* read_fn: adds what the syntax said, checks, places, calls the caller. */
enum rc filing_pass(void *passage, struct record *, struct findings *,
    uint32_t at, uint32_t span);
/* Nothing could be read: what was said, in one filing without record. */
enum rc filing_refused(struct passage *, uint32_t at, uint32_t span);
/*
 * Where the next tree is built. One that is a single filing, or small, lies
 * with the filing: what an interchange or a package of many costs is then the
 * same pages again, not fresh ones for each. The tree before is gone.
 */
struct arena *tree_memory(struct passage *, bool single);
/* Read one tree by the plan chosen. */
enum rc tree_pass(struct passage *, struct wnode *);

/* The next filing is not to be read: its number is used up. A read_skip_fn. */
bool filing_left_out(void *passage);
/* x->a->raw by its syntax; a package's entries one after the other. */
enum rc bytes_pass(struct passage *);
enum rc zip_pass(struct passage *);
/* pipeline_edifact.c, pipeline_tree.c */
enum rc edifact_pass(struct passage *);
enum rc xml_pass(struct passage *);
enum rc json_pass(struct passage *);
enum rc csv_pass(struct passage *);
enum rc arrival_decode(struct passage *, enum syntax_kind, struct slice label);
/* NO_FORMAT or NOT_ACCEPTED, as one filing. */
enum rc format_unknown(struct passage *, enum syntax_kind, struct slice found,
    uint32_t at, uint32_t span);

#endif

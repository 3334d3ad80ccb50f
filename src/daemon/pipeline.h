/*
 * daemon/pipeline.h - identify, read, check, write in one line, for the convert
 * role and for `entrepot convert` alike.
 *
 * Opened once with a mappings folder and read-only after that, so converters
 * share one (it is opened before they fork). Opening reads files; everything
 * else is a function of its arguments.
 */
#ifndef DAEMON_PIPELINE_H
#define DAEMON_PIPELINE_H

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/check/check.h"
#include "src/format/plan.h"
#include "src/plan/legs.h"
#include "src/record/complaints.h"
#include "src/record/finding.h"
#include "src/record/record.h"
#include "src/write/write.h"

struct pipeline;

/* RC_REFUSED: mistakes in the files, all of them in *complaints. */
enum rc pipeline_open(struct pipeline **, const char *mappings,
    struct complaints *, struct err *) MUST_USE;
void pipeline_free(struct pipeline *); /* accepts NULL */
const struct formats *pipeline_formats(const struct pipeline *);
const struct rules *pipeline_rules(const struct pipeline *);
/* A format that is not an envelope; NULL. */
const struct plan *pipeline_format(const struct pipeline *, const char *name);

/* What is written for this format on a day, YYYYMMDD: it, or its edition. */
const struct plan *pipeline_edition(
    const struct pipeline *, const struct plan *, uint32_t day);

struct arrival_route {
	const char *document, *partner, *format;
	bool test; /* takes test filings, too */
};
struct arrival_default {
	const char *path;
	struct slice text;
};

/* An interchange's address: 0004 or 0010, and its 0007; "": not asked. */
struct arrival_party {
	const char *id, *qualifier;
};

struct zip_entry;
struct conf_partner;

struct arrival {
	struct slice raw;          /* as received */
	struct slice file_name;    /* last part only; may be empty */
	const char *const *accept; /* names of formats */
	unsigned int naccept;      /* 0: all that there are */
	int base_year;             /* for two-digit years: the arrival's */
	/* Who takes what: the legs that rules may propose. None: no legs, and
	 * `require ... for` does not apply. */
	const struct arrival_route *route;
	unsigned int nroutes;
	bool controlled; /* a CONTRL answers its interchanges */
	/* To whom and from whom an interchange must be; id NULL: anybody. */
	struct arrival_party ours, theirs;
	/* What the filer leaves out is so; by element path. */
	const struct arrival_default *preset;
	unsigned int npresets;
	/* Whose attachments do not count as documents; NULL: nobody's. */
	const struct conf_partner *attaches;
	/* entries of the package that were left packed, in the pipeline's own
	 */
	const struct zip_entry *packed;
	bool unchecked; /* no rules: receipts, and plain conversion */
	/* Numbers of filings that are not read at all: they killed readers. */
	const uint32_t *skip;
	unsigned int nskip;
	uint32_t only; /* this one alone; 0: all */
	/*
	 * Which of them is being read, so that a death can be told from its
	 * neighbours; 0: none alone, it is at the arrival as a whole. NULL:
	 * nobody asks.
	 */
	volatile uint32_t *reading;
};

/* One filing of the arrival, or what stands where one should be. */
struct filing {
	uint32_t number;             /* from 1 */
	const struct plan *plan;     /* NULL: no format fits */
	struct record *record;       /* NULL: could not be read */
	struct findings *findings;   /* places are in the raw bytes */
	const struct text *text;     /* to place what writing finds; or NULL */
	const struct leg_plan *legs; /* their route: its place in the arrival */
	unsigned int nlegs;
	uint64_t at, span; /* its bytes in the arrival as received */
	/* what else was in its package and was left packed */
	const struct zip_entry *packed;
	/* EDIFACT: what it came in, as the first pass saw it; or NULL */
	const struct edifact_interchange *interchange;
	const struct edifact_message *message; /* NULL: not even that */
};

/* What it returns other than RC_OK ends the arrival and is returned. */
typedef enum rc filing_fn(void *arg, const struct filing *, struct err *);

/*
 * Calls fn for each filing, in the arrival's order; an arrival that is no
 * message of ours at all is one filing without plan, its findings tell why.
 * A filing with errors among its findings must not go further. mem: what lives
 * as long as the arrival; filing_mem: is rewound after each fn, and may be NULL
 * (then mem is used and everything stays). RC_REFUSED only for the caller's
 * own mistakes (no such format in accept).
 */
enum rc pipeline_arrival(const struct pipeline *, const struct arrival *,
    struct arena *mem, struct arena *filing_mem, filing_fn *, void *arg,
    struct err *) MUST_USE;

/*
 * write_message(), and the places of what it found: text is the filing's, or
 * NULL when the record came from elsewhere.
 */
enum rc pipeline_write(const struct write_in *, const struct text *,
    struct write_out *, struct arena *mem, struct findings *,
    struct err *) MUST_USE;

#endif

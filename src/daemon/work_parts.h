/*
 * daemon/work_parts.h - what the files of the work share.
 */
#ifndef DAEMON_WORK_PARTS_H
#define DAEMON_WORK_PARTS_H

#include "src/base/clock.h"
#include "src/daemon/work.h"
#include "src/wrap/wrap.h"

#define WORK_MEMORY                                                            \
	(256u << 20) /* an arena's ceiling; the child has its own              \
		      */
#define WORK_BODY_MAX (64u << 20)

#define WORK_NAME   1000u /* of a name in a claim, see claim.c */
#define WORK_ROUTES CONF_ROUTES

/* Names of an arrival's traces, by what they are made from. */
struct name_key {
	const void *what; /* a line, an element */
	uint32_t above, place;
};

struct names {
	struct name_known {
		struct name_key key;
		uint32_t number; /* 0: a free place */
	} * known;               /* open addressing, a power of two */
	uint32_t n, room;
	struct buf text; /* as the claim has them */
};

/* What replies ask of their format; the last one's is kept: most have one. */
#define PLACES_ZH 16 /* elements in Chinese that a format writes */
struct reply_places {
	const struct plan *plan;
	bool parts; /* it has a place for them */
	const struct codelist *status;
	const struct element *zh[PLACES_ZH];
	unsigned int nzh;
};

struct work {
	const struct mappings *mappings;
	const struct pipeline *pipeline; /* the order's */
	const struct conf *conf;
	struct arena *mem;    /* an order's */
	struct arena *filing; /* a filing's record; rewound by the pipeline */
	struct arena *out;    /* what is made of one filing */
	struct buf claims, legs, body, text, findings;
	struct buf control; /* see work_control.c */
	uint32_t control_at, control_parts;
	struct hash *hash;
	struct names names;
	const struct node *node_last; /* of the trace in hand ... */
	uint32_t node_name;           /* ... and its name's number */
	const struct line *line_last; /* the same of containers */
	uint32_t line_name;
	struct reply_places places;
};

/* --- work_trace.c --- */

/* Of names and values, so that a new element in the directory changes nothing.
 */
enum rc work_digest(struct work *, const struct node *, uint8_t out[DIGEST_LEN],
    uint32_t *keyed, struct err *) MUST_USE;
void names_start(struct names *); /* of the next arrival */
/* The trace of what was written from this record, packed. */
void work_trace(struct work *, const struct trace *, const struct record *,
    const struct text *, struct buf *out);

/* What an agency sees of it, without what changes each time it is filed. */
enum rc work_seen_digest(struct work *, const struct node *,
    uint8_t out[DIGEST_LEN], struct err *) MUST_USE;

/* --- work_leg.c --- */

/* Files that a document names. */
struct file_named {
	const struct node *node;
	const struct element *el;
	const struct value *id;
};
bool file_next(const struct record *, struct file_named *);
#define FILE_NAME_MAX 199

struct zip_entry;
enum file_is {
	FILE_OTHER,  /* of none of the filer's endings */
	FILE_UNSAFE, /* it cannot be a name in somebody's folder */
	FILE_PACKED, /* in the package that the document came in */
	FILE_BESIDE, /* it comes, or has come, by itself */
};
enum file_is file_kind(const struct conf_partner *filer,
    const struct zip_entry *packed, struct slice name);

struct work_files {
	const struct conf_partner *filer;
	enum file_is kind;
};
/* Their names, each once, a name a line. */
struct slice work_files(const struct work_files *, const struct record *,
    const struct zip_entry *packed, struct arena *);

struct leg_write {
	struct work *w;
	const struct filing *f;
	const struct leg_plan *plan;
	const struct conf_partner *filer;
	uint64_t id;
	struct slice lane, now;
	/* of the leg before it, for a leg that is planned again */
	const struct claim_key *known;
	uint32_t nknown;
};

/*
 * One leg as a claim, appended to *out: written, or without a body when it
 * waits. RC_REFUSED: the filing's findings tell why.
 */
enum rc work_leg(
    const struct leg_write *, struct buf *out, struct err *) MUST_USE;
/* Whoever takes documents, but for their own filer. */
unsigned int work_routes(const struct work *, const struct conf_partner *,
    struct arrival_route out[WORK_ROUTES]);
/* What the filer may leave out. */
unsigned int work_presets(
    const struct conf_partner *, struct arrival_default out[CONF_DEFAULTS]);
/* As much of a text as a claim's name may hold. */
struct slice work_name(struct slice);

/* --- work_replan.c --- */

enum rc work_replan(struct work *, const struct work_order *, struct buf *out,
    struct err *) MUST_USE;

/* --- work_read.c --- */

struct reading {
	struct work *w;
	const struct work_order *o;
	const struct conf_partner *partner;
	struct claim arrival;
	struct buf *out; /* claims behind the arrival's own */
	uint32_t skip[WORK_SKIPS];
	unsigned int nskip;
	uint32_t ids_used;
	uint32_t seen;
	struct slice missing; /* files that will not come, a name a line */
	struct arrival_route route[WORK_ROUTES];
	char now[CLOCK_TEXT];
};

/* For two-digit years: the arrival's. */
int work_year(const char *now);
/* What he may file, and what answers that which is submitted to him. */
unsigned int work_accept(const struct work *, const struct conf_partner *,
    const char **list, unsigned int max);

enum rc work_read(struct work *, const struct work_order *, struct buf *out,
    volatile uint32_t *at, struct err *) MUST_USE;

/* --- work_control.c --- */

void work_control_begin(struct work *);
/* A message, or that there is none, into the record of its interchange. */
void work_control(struct work *, const struct filing *);

/* --- work_wrap.c --- */

enum rc work_wrap(struct work *, const struct work_order *, struct buf *out,
    struct err *) MUST_USE;
/*
 * From us to the order's partner, now, under the order's number; by the
 * addresses that are configured, else ENTREPOT and receiver, the partner's
 * name.
 */
void wrap_head_fill(struct wrap_head *, const struct work *,
    const struct work_order *, const char *receiver);
/* A claim of kind BODY. */
void body_claim(struct buf *out, struct slice body, struct slice findings);

/* --- work_reply.c --- */

enum rc work_reply(struct work *, const struct work_order *, struct buf *out,
    struct err *) MUST_USE;
/* --- work_lift.c --- */

const struct reply_places *work_places(struct work *, const struct plan *);
/*
 * Where the format has no place for parts, the record's first part becomes the
 * whole of it, in the codes of the format.
 */
void work_lift(
    const struct reply_places *, const struct codelists *, struct record *);

/* --- work_language.c --- */

bool work_is_zh(const struct element *); /* of a sentence told in both */
/* Leave the sentences of one language in a receipt's record; true: changed. */
bool work_language(
    enum conf_language, const struct reply_places *, struct node *root);

/* --- findings --- */

/* finding_json lines, as many as fit a claim. */
struct slice work_findings(struct work *, const struct findings *);

#endif

/*
 * daemon/work_parts.h - what the files of the work share.
 */
#ifndef DAEMON_WORK_PARTS_H
#define DAEMON_WORK_PARTS_H

#include "src/daemon/work.h"

#define WORK_MEMORY                                                            \
	(256u << 20) /* an arena's ceiling; the child has its own              \
		      */
#define WORK_BODY_MAX (64u << 20)

/* Where a value of the record stands: its node's path and its own name. */
struct home {
	const struct value *value; /* NULL: a free place of the table */
	const struct element *el;
	struct slice prefix; /* "item[2].transport." */
	uint32_t place;      /* of a repeated element, from 1 */
};

struct homes {
	struct home *home; /* open addressing, a power of two */
	uint32_t n, room;
};

/* The wire path of each line of a plan, by its number. */
struct line_paths {
	const struct plan *plan;
	const struct slice *path;
};

#define WORK_PLANS 64 /* formats that are written, with paths made before */

struct work {
	const struct pipeline *pipeline;
	const struct conf *conf;
	struct arena *keep;   /* as long as the work itself */
	struct arena *mem;    /* an order's */
	struct arena *filing; /* a filing's record; rewound by the pipeline */
	struct arena *out;    /* what is made of one filing */
	struct buf claims, legs, body, text, findings;
	struct hash *hash;
	struct homes homes;
	struct line_paths paths[WORK_PLANS];
	unsigned int npaths;
};

/* --- work_trace.c --- */

/*
 * Walks the record once: its digest (names and values, so that a new element
 * in the directory changes nothing), and the homes of its values.
 */
enum rc work_digest(struct work *, const struct node *, uint8_t out[DIGEST_LEN],
    struct err *) MUST_USE;
/* Wire paths for the plans that the configuration writes. */
void work_paths(struct work *);
/*
 * "out_at out_len<TAB>wire path<TAB>element path<TAB>raw_at raw_len", one line
 * a leaf; a constant has no element and no place.
 */
void work_trace(struct work *, const struct plan *, const struct trace *,
    const struct text *, struct buf *out);

/* --- work_read.c --- */

enum rc work_read(struct work *, const struct work_order *, struct buf *out,
    volatile uint32_t *at, struct err *) MUST_USE;

/* --- work_write.c --- */

enum rc work_wrap(struct work *, const struct work_order *, struct buf *out,
    struct err *) MUST_USE;
enum rc work_reply(struct work *, const struct work_order *, struct buf *out,
    struct err *) MUST_USE;
/* finding_json lines, as many as fit a claim. */
struct slice work_findings(struct work *, const struct findings *);

#endif

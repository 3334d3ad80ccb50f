/*
 * spool/view.h - read-only questions to the spool: for the role query, and
 * for tools on a stopped one. Nothing here writes, waits for the writer, or
 * keeps a statement open between two pages: a page begins behind the last id
 * of the one before it.
 *
 * What a thing says of itself is a list of named fields, so that `show` and
 * `--json` need no list of their own; names are fixed and documented. Slices
 * live in the caller's arena. Ids are printed with id_print().
 */
#ifndef SPOOL_VIEW_H
#define SPOOL_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "spool/filter.h"
#include "spool/states.h"

struct view;

/* FOLDER is the spool's. RC_REFUSED: there is none, or of another version. */
enum rc view_open(struct view **, const char *folder, struct err *) MUST_USE;
void view_close(struct view *); /* accepts NULL */
/*
 * For a tool on a stopped spool: a daemon that starts waits while it looks.
 * *fd holds it until view_unlock(). RC_REFUSED: a daemon has the spool, or
 * there is none.
 */
enum rc view_lock(const char *folder, int *fd, struct err *) MUST_USE;
void view_unlock(int fd); /* -1: nothing is held */

/* --- one thing --- */

enum view_type { VIEW_TEXT, VIEW_NUMBER, VIEW_ID, VIEW_TIME, VIEW_FLAG };

struct view_field {
	const char *name; /* "file_name" */
	enum view_type type;
	struct slice text; /* VIEW_TEXT */
	int64_t n;         /* the others; VIEW_TIME: wall, ms */
};

struct view_time { /* a state that was reached, and when */
	enum state state;
	int64_t at_ms;
};

struct view_answer {
	const char *kind; /* receipt, expired, overdue, undeliverable */
	int64_t at_ms;    /* when it came to us */
	int64_t event_ms; /* when it happened there; 0: not told */
	struct slice status, level, outcome, en, zh, text;
	const char *effect; /* new, late, again, unknown, contradicts */
	int32_t rank;
	bool final;
	uint64_t arrival; /* it came in; 0: our own */
	uint32_t number;  /* in that arrival */
};

#define VIEW_FIELDS 40
#define VIEW_TIMES  12

struct view_thing {
	enum machine machine;
	uint64_t id;
	enum state state;
	struct slice partner; /* whose: filer, or agency for legs */
	struct view_field field[VIEW_FIELDS];
	unsigned int nfields;
	struct view_time time[VIEW_TIMES]; /* in order of time */
	unsigned int ntimes;
	struct view_answer *answer; /* legs: in order of coming */
	unsigned int nanswers;
	/* What a person asks next: the sentence in English and Chinese. */
	struct slice why_en, why_zh;
};

/* RC_REFUSED: nothing has this id. */
enum rc view_show(struct view *, uint64_t id, struct arena *,
    struct view_thing *, struct err *) MUST_USE;
/* Text of a field, empty when there is none; number, 0 when there is none. */
struct slice view_field_text(const struct view_thing *, const char *name);
int64_t view_field_number(const struct view_thing *, const char *name);

/* --- lists --- */

struct view_row {
	enum machine machine;
	uint64_t id;
	enum state state;
	struct slice partner; /* whose */
	struct slice other;   /* legs: the filer; filings: the document */
	struct slice name;    /* file name, or the filer's number */
	struct slice outcome; /* legs */
	struct slice why;     /* held, failed, tried */
	int64_t at_ms;        /* since when it is there */
	uint32_t count;       /* filings in it, legs in it, tries */
	bool test;
	uint64_t up; /* the thing it belongs to; 0: none */
	struct slice kind, number;
	int64_t t; /* spool time at which it came to be */
};

/*
 * Up to max things of one kind that pass the filter, behind id `after`, in
 * order of id. At most SELECT_LOOKED are looked at for one page: *next is
 * where the next one begins, also when this one is empty; 0: that was all.
 * Without a state in the filter only what waits is meant.
 */
enum rc view_select(struct view *, const struct filter *, enum machine,
    uint64_t after, unsigned int max, int64_t wall_ms, struct arena *,
    struct view_row *, unsigned int *n, uint64_t *next, struct err *) MUST_USE;
/* What belongs to a thing: an arrival's filings, a filing's legs and replies,
 * a delivery's legs. */
enum rc view_parts(struct view *, uint64_t id, uint64_t after, unsigned int max,
    struct arena *, struct view_row *, unsigned int *n, struct err *) MUST_USE;
/*
 * By any text people have: an id, a file name, the filer's number, a business
 * key, a platform or customs number, or what the directory marks to be
 * searched; a whole value, "BEGIN*" or "FROM..UPTO", of any key or as
 * "bill=999-1" of one. Newest first; *more when there are others. partner:
 * only what is his, or empty: all.
 */
enum rc view_track(struct view *, struct slice text, struct slice partner,
    unsigned int max, struct arena *, struct view_row *, unsigned int *n,
    bool *more, struct err *) MUST_USE;

/* --- bodies --- */

enum view_body { VIEW_BODY, VIEW_TRACE, VIEW_FINDINGS };

/*
 * An arrival as received; a filing's own bytes in it; what a leg or delivery
 * sends; a receipt's bytes. VIEW_TRACE: a leg's; VIEW_FINDINGS: a filing's,
 * or an arrival's about its envelope, as lines of JSON.
 */
enum rc view_cat(struct view *, uint64_t id, enum view_body, struct arena *,
    struct slice *, struct err *) MUST_USE;

/* --- the chain of events --- */

struct view_event {
	uint64_t seq;
	struct slice line; /* "SEQ TIME event key=value ..." */
	uint8_t hash[32];
};
enum rc view_events(struct view *, uint64_t after, unsigned int max,
    struct arena *, struct view_event *, unsigned int *n,
    struct err *) MUST_USE;
/* Walk the chain, and the bodies' heads for what is cut off at its end. */
enum rc view_verify(
    struct view *, uint64_t *events, uint8_t head[32], struct err *) MUST_USE;

/* --- how it goes --- */

#define VIEW_AGES 6
/* Upper bounds in ms, the last one open: 15m 1h 4h 1d 3d. */
extern const int64_t view_age_below[VIEW_AGES];

struct view_count {
	struct slice partner;
	enum state state;
	uint64_t n;
	uint64_t age[VIEW_AGES]; /* of them, by how long they are there */
	int64_t oldest_ms;       /* wall */
};

struct view_pause {
	struct slice partner, what, by, why; /* what: intake, delivery */
	int64_t since_ms;
};
/* Partners whose doors an operator closed. */
enum rc view_pauses(struct view *, struct arena *, struct view_pause *,
    unsigned int max, unsigned int *n, struct err *) MUST_USE;

/* What keeps a delivery that is ready from going out at this moment. */
struct view_hinder {
	struct view_pause pause; /* since_ms 0: none */
	uint32_t standing;       /* files in its partner's folder */
	bool same_name;          /* another one of its name is not gone */
	int64_t gate_t;          /* spool time of the partner's next probe */
	struct slice gate_why;   /* what the partner's last try met */
};
enum rc view_hinder(struct view *, const struct view_thing *, struct arena *,
    struct view_hinder *, struct err *) MUST_USE;

struct view_status {
	uint64_t free_bytes, total_bytes, free_inodes;
	uint64_t journal_bytes, body_bytes;
	uint64_t generation, events;
	struct slice mapping;
	int64_t spool_ms, wall_ms; /* at the last commit */
	uint64_t backlog;          /* arrivals and deliveries that wait */
	int64_t oldest_ms;         /* of them; 0: nothing waits */
	uint64_t held;             /* things for the operator */
};

/* Spool time now: that of the last commit, gone on with the wall since. */
int64_t view_time(struct view *, int64_t wall_ms);
enum rc view_status(
    struct view *, struct arena *, struct view_status *, struct err *) MUST_USE;
/*
 * What waits (state_waits), by partner and state: read from the counters that
 * were committed with each change, at a cost that does not grow with what
 * waits. Ages are told to five minutes of spool time.
 */
enum rc view_counts(struct view *, int64_t wall_ms, struct arena *,
    struct view_count *, unsigned int max, unsigned int *n,
    struct err *) MUST_USE;

#endif

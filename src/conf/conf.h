/*
 * conf/conf.h - entrepot.conf(5), parsed and checked, all mistakes in one run.
 *
 * The grammar is bison's; every directive stands once in directives.def with
 * its meaning for the manual's check. Immutable after conf_parse().
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/conf/hours.h"

struct complaints;

enum layout { LAYOUT_PLAIN, LAYOUT_IMPORT_CLIENT };
enum complete {
	COMPLETE_RENAME,
	COMPLETE_MARKER,
	COMPLETE_CLOSE,
	COMPLETE_QUIET
};
enum reply_kind {
	REPLY_TAKEN = 1,
	REPLY_FINDINGS = 2,
	REPLY_STATUS = 4,
	REPLY_CONTROL = 8, /* in a format of its own, control_format */
};

enum conf_language { LANGUAGE_BOTH, LANGUAGE_EN, LANGUAGE_ZH };

#define CONF_BUNDLES  8 /* of mappings */
#define CONF_NAMES    16
#define CONF_DEFAULTS 64
#define CONF_ROUTES   512 /* rows of submit of all agencies */

struct conf_default {            /* what a filer leaves out is so */
	const char *path, *text; /* "agent.uscc"; of the document's elements */
};

struct conf_submit { /* submit KIND as FORMAT ... : an agency takes these */
	const char *document;
	const char *format;
	uint32_t window; /* files standing at once; 0: no limit */
	uint32_t batch;  /* legs in one delivery, 1: each by itself */
	/* so long a delivery that is not full waits for more; 0: not at all */
	uint32_t batch_within_ms;
	bool gapless; /* its control numbers: 1, 2, 3 in this order */
	bool zip;     /* bodies travel in a zip of the same stem */
	bool bare;    /* without the files that they name */
	bool test;    /* takes test filings too */
};

/* An address in an interchange: 0004 or 0010 with its 0007; id NULL: not said,
 * qualifier "": none. */
struct conf_address {
	const char *id, *qualifier;
};

struct conf_partner {
	const char *name; /* [a-z0-9-]{1,32} */
	const char *en, *zh;
	bool filer, agency, subscriber, peer;
	uint32_t line; /* in the file, for messages */
	/* the channel */
	const char *folder; /* absolute */
	enum layout layout;
	enum complete complete;
	const char *marker; /* ".ok" */
	uint32_t quiet_ms;
	const char *in, *out; /* names below folder: "in", "out", "OutBox" */
	/* Beside them, NULL: none. To a filer we are the client: what was taken
	 * moves to sent, what can never be taken to refused. An agency's client
	 * does so with what it got from us, and we look. */
	const char *sent, *refused;
	const char *owner; /* whose files are taken; NULL: the folder's */
	const struct hours *hours; /* outside it nothing is delivered; NULL */
	uint32_t list_at; /* minute of the day + 1 of the daily list; 0: none */
	/* in interchanges from and to it; see conf_ours() */
	struct conf_address ours, theirs;
	/* filer */
	const char *accept[CONF_NAMES];
	unsigned int naccept;
	unsigned int replies; /* enum reply_kind bits */
	const char *reply_format;
	const char *control_format; /* NULL: no control replies */
	/* one file an answer, decisions in this format; NULL: status replies
	 * tell what has come together */
	const char *decision_format;
	uint32_t reply_window;       /* replies standing at once; 0: no limit */
	enum conf_language language; /* of the replies' sentences */
	uint32_t together_ms; /* an arrival's statuses wait for each other */
	int reply_encoding;   /* enum encoding, -1: as the request */
	struct conf_default preset[CONF_DEFAULTS];
	unsigned int npresets;
	bool hold_all;  /* one bad message holds the whole arrival */
	uint64_t limit; /* largest arrival, bytes */
	/* files with these endings are no documents: documents name them, and
	 * wait so long for those that they name */
	const char *attachment[CONF_NAMES];
	unsigned int nattachments;
	uint32_t attachments_within_ms;
	/* every arrival is passed on unchanged, under its own name, to this
	 * partner's out/; NULL: arrivals are read */
	const char *forward;
	/* agency */
	struct conf_submit submit[CONF_NAMES];
	unsigned int nsubmit;
	uint32_t technical_within_ms, decision_within_ms; /* 0: none */
	bool technical_by_hours, decision_by_hours;       /* its clock: hours */
	uint32_t retry_every_ms, retry_upto_ms;
	bool retry_doubling;
	uint64_t retry_for_ms;
};

/* What a user of the tools may do; DESIGN 4. */
enum right {
	RIGHT_VIEW = 1,      /* look */
	RIGHT_OPERATE = 2,   /* hold, release, cancel, pause ... */
	RIGHT_CONFIGURE = 4, /* reload */
	RIGHT_AUDIT = 8,     /* read and prove the chain */
	RIGHTS = 15
};

#define CONF_ALLOWS 32

struct conf_allow {
	unsigned int rights;
	bool group; /* the name is a group's */
	const char *name;
};

struct conf {
	const char *file;
	const char *spool; /* absolute folder */
	uint64_t reserve;  /* bytes kept free */
	uint32_t keep_days;
	const char *mappings[CONF_BUNDLES]; /* folders, one at least */
	unsigned int nmappings;
	const char *control; /* socket; default SPOOL/control */
	uint32_t node;       /* 0..511; the door's ids are made by node + 512 */
	const struct conf_allow *allow; /* beside root and our own user */
	unsigned int nallow;
	struct conf_address ours; /* towards all who have no other */
	const char *user;         /* NULL: roles keep the caller's ids */
	const struct conf_partner *partner;
	unsigned int npartners;
	const struct hours *hours; /* the calendars */
	unsigned int nhours;
};

/* RC_REFUSED: *complaints says why, each with file:line:column. */
enum rc conf_parse(struct conf **, const char *file_name, struct slice text,
    struct complaints *, struct err *) MUST_USE;
enum rc conf_read(struct conf **, const char *file_name, struct complaints *,
    struct err *) MUST_USE;
struct buf;
/*
 * The text of the file and of the calendars that it names, as conf_parse()
 * takes it where nothing can be opened. The file may be a pipe, a calendar not.
 */
enum rc conf_pack(const char *file_name, struct buf *, struct err *) MUST_USE;
/*
 * The directive that differs and cannot change while the spool runs; NULL: all
 * that differs holds after a reload.
 */
const char *conf_unchangeable(
    const struct conf *now, const struct conf *before);
void conf_free(struct conf *);
const struct conf_partner *conf_partner(const struct conf *, struct slice);
/* The row of the routes that takes it, or NULL. */
const struct conf_submit *conf_route(const struct conf *, struct slice agency,
    struct slice document, struct slice format, bool test);
/* Our address towards this partner, NULL: towards nobody known. */
struct conf_address conf_ours(const struct conf *, const struct conf_partner *);
/* How many files may stand with it at once: the least that is said; 0: any. */
uint32_t conf_window(const struct conf_partner *);
/* Is a file of this name one of the filer's attachments? */
bool conf_is_attachment(const struct conf_partner *, struct slice name);
/* Do the formats named exist, is each document kind sent somewhere? */
struct formats;
enum rc conf_check_formats(const struct conf *, const struct formats *,
    const char *folder, struct complaints *) MUST_USE;

#endif

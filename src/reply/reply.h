/*
 * reply/reply.h - what the filer is told, as a record of document receipt.
 *
 * Pure. The spool knows facts (struct reply_fact), this turns them into the
 * text form of a receipt record (record_print form); convert writes that
 * record in the filer's reply format. Texts are in English and Chinese; which
 * a format carries is the format's. The record, as receipt.dir declares it:
 *
 *   number kind arrival_id file_name time
 *   request  encoding interchange sender sender_qual receiver receiver_qual
 *            syntax
 *   part[n]  one for each fact
 *     about.number about.platform_number about.entry_number
 *     filing_id agency level outcome time text
 *     status            the state: "taken", "refused", "sent", "released"
 *     status_en status_zh
 *     fault             the agency's own code, as sent
 *     finding[n]        fault severity element place found wanted line column
 *                       segment detail[1].element detail[1].component item
 *                       text text_zh
 */
#ifndef REPLY_REPLY_H
#define REPLY_REPLY_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/slice.h"

struct reply_fact {          /* one filing, or one answer to one leg of it */
	struct slice filing; /* its id as printed */
	struct slice label;  /* the filer's number */
	struct slice kind;   /* document */
	struct slice state;  /* "taken", "refused", "repeat", "sent" ... */
	struct slice agency; /* of the leg, or empty */
	struct slice platform_number, customs_number; /* learned, or empty */
	struct slice status;                          /* the agency's code */
	struct slice level, outcome;
	struct slice en, zh;   /* sentence for people */
	struct slice text;     /* the agency's own words */
	int64_t event_ms;      /* when it happened there; 0 unknown */
	struct slice findings; /* finding_json lines */
};

#define REPLY_FINDINGS_SHOWN 999 /* of one filing; receipt.dir: finding*999 */

struct reply_head {
	const char *kind;     /* "control", "taken", "findings", "status" */
	struct slice number;  /* of the reply: its delivery's id as printed */
	struct slice arrival; /* its id as printed */
	struct slice file_name;
	struct slice encoding;    /* of the file that is answered, claim.h */
	struct slice interchange; /* its envelope, claim.h */
	int64_t now_ms;
};

void reply_begin(struct buf *, const struct reply_head *);
void reply_add(struct buf *, const struct reply_fact *);
void reply_end(struct buf *);
/*
 * "STEM.NNN.KIND" after the filer's own file name, at most 255 bytes. What
 * could be a path, a hidden or an unprintable name becomes "_".
 */
void reply_name(struct slice file_name, uint32_t n, const char *kind, char *out,
    size_t size);
/*
 * As the import client names what it puts into InBox: "Successed_STEM_STAMP"
 * and the suffix for taken, "Failed_" for findings, "Receipt_" for status;
 * 21 digits of stamp, the last four are n's.
 */
void reply_name_client(struct slice file_name, uint32_t n, const char *kind,
    const char *suffix, int64_t wall_ms, char *out, size_t size);
/* The kind that a name of either sort was made with; NULL: it tells none. */
const char *reply_kind(struct slice name);

#endif

/*
 * wire/claim.h - what convert says about the bytes it was given.
 *
 * A result's descriptor holds claims one behind the other, each with its
 * type and length. They are claims: spool re-checks every one against the
 * order, the route table and the partner (DESIGN 4). The encoder and the
 * decoder stand beside each other; the decoder refuses anything left over.
 */
#ifndef WIRE_CLAIM_H
#define WIRE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/base/slice.h"

enum order_kind {
	ORDER_READ, /* input: the arrival's bytes; claims: all kinds below */
	/* input: struct wrap_part list; claims: one BODY, and a FILE for each
	 * file that goes along, in their order */
	ORDER_WRAP,
	ORDER_REPLY, /* input: a reply record as text; claim: one BODY */
	/* input: struct replan_in; claims: ARRIVAL, for the names of the trace,
	 * and the one LEG, written or waiting on */
	ORDER_REPLAN,
};

enum claim_kind {
	CLAIM_ARRIVAL,
	CLAIM_FILING,
	CLAIM_LEG,
	CLAIM_RECEIPT,
	CLAIM_BODY,
	CLAIM_FILE,
	CLAIM_KINDS
};

#define CLAIM_HEAD     5 /* kind, and the length of what follows */
#define CLAIM_KEYS     16
#define CLAIM_KEY      446    /* bytes of one's text; a longer one is none */
#define CLAIM_SEARCH   16384  /* bytes: what a filing is looked for by */
#define CLAIM_SEP      '\x1e' /* between two of them */
#define CLAIM_IS       '\x1d' /* between a name and its value */
#define CLAIM_TEXT_MAX (1u << 20) /* findings, texts, each */

/* A key value: "filer" "510120240615000001"; compound: parts by 0x1f. */
struct claim_key {
	struct slice name, text;
};

/* First, once: the envelope's verdict and what was recognised. */
struct claim_arrival {
	bool refused;          /* nothing in it may be used */
	struct slice format;   /* envelope or format, "un-interchange" */
	struct slice encoding; /* of the request, for the replies */
	/* its reference, sender, sender's qualifier, receiver, receiver's
	 * qualifier and syntax version, each behind a tab; empty: there is none
	 */
	struct slice interchange;
	struct slice findings; /* of the envelope: finding_json lines */
	/* What its syntax comes to, for a reply of kind control: lines of a
	 * receipt record, one an interchange, "\f" in a line between two. */
	struct slice control;
	uint32_t filings; /* FILING claims that follow */
	uint32_t receipts;
	struct slice names; /* of its legs' traces, wire/trace_pack.h */
};

struct claim_filing {
	uint32_t number;      /* 1.. in the arrival, in order */
	uint64_t id;          /* from the order's block */
	struct slice format;  /* it was read by */
	struct slice kind;    /* document: "declaration" */
	struct slice key;     /* business key; empty: none */
	struct slice version; /* amendment number or empty */
	struct slice label;   /* what people call it: the filer's number */
	uint8_t content[32];  /* SHA-256 of its names and values */
	bool test;
	bool refused; /* an error: no legs */
	/* of what was filed under this key before: "change" or "cancel"; empty:
	 * a filing of its own, or the same again after a return */
	struct slice amends;
	uint32_t keyed;   /* values that stand in the filer's own bytes */
	uint64_t at, len; /* its range in the arrival's bytes */
	uint32_t errors, warnings, hints;
	struct slice findings; /* finding_json lines */
	/* track: "container<is>MSKU1234567<sep>...", and how many more values
	 * there were than it takes */
	struct slice search;
	uint32_t unsearched;
	/* files that it names and that must come beside it, a name a line;
	 * those that the order says will not come are its errors */
	struct slice lacks;
};

struct claim_leg {
	uint32_t filing; /* its number */
	uint64_t id;
	struct slice name;      /* of the leg: one of its kind in a filing */
	struct slice agency;    /* partner name: must be a row of the routes */
	struct slice format;    /* of that row */
	struct slice edition;   /* of the format, that wrote it */
	struct slice file_name; /* by the format's pattern, or empty */
	struct slice lane;      /* business key the order is kept by */
	struct claim_key key_of[CLAIM_KEYS]; /* as written: the answers' keys */
	uint32_t nkeys;
	struct slice body;
	struct slice trace; /* wire/trace_pack.h */
	uint32_t segments;
	bool waits;             /* for another leg's answer: no body yet */
	struct slice waits_for; /* names of those legs, ", " between them */
	uint64_t wait_ms;       /* how long at most; 0: as long as it takes */
	bool wait_ends;         /* then it is given up, else it waits on */
	bool gates;     /* the filing is released only when this leg says so */
	bool tells;     /* its message says that it changes or cancels */
	bool together;  /* with others, or waiting: a filing of several legs */
	uint32_t items; /* values of the record that were written */
	uint8_t content[32]; /* SHA-256 of what this agency may see */
	/* names of keys that a later submission carries and this record lacks:
	 * "platform"; where the leg before learned one, the leg is planned
	 * again with it */
	struct slice wants;
	/* files it names that go with its message, a name a line: they stand
	 * in the package that the arrival is, or come beside it */
	struct slice attach, beside;
};

struct claim_receipt {
	uint32_t number;
	struct slice format;
	struct claim_key key_of[CLAIM_KEYS]; /* empty texts are left out */
	uint32_t nkeys;
	struct slice issued;  /* the number that the answer itself bears */
	struct slice status;  /* the code as sent: "L" */
	struct slice code;    /* ours: "accepted-into-customs"; or empty */
	struct slice list;    /* the code list that it is of */
	struct slice answers; /* formats it may answer, ',' between them */
	struct slice level;   /* transport, format, technical, decision */
	struct slice outcome; /* accepted, refused, released ... or empty */
	int32_t rank;
	bool final;
	int64_t event_ms;        /* 0: not told */
	struct slice en, zh;     /* the code's labels */
	struct slice text;       /* the agency's own words */
	struct slice findings;   /* of reading it: finding_json lines */
	struct slice complaints; /* what the agency found: finding_json lines */
	uint64_t at, len;
	bool unreadable; /* kept, alarm */
};

struct claim_body {
	struct slice body;
	struct slice findings;
};

/* A file that goes along with a delivery's one message. */
struct claim_file {
	struct slice name;
	uint64_t at; /* in a package: its bytes stand there in the BODY */
	bool fresh;  /* unpacked just now: its bytes are here */
	struct slice body;
};

struct claim {
	enum claim_kind kind;
	union {
		struct claim_arrival arrival;
		struct claim_filing filing;
		struct claim_leg leg;
		struct claim_receipt receipt;
		struct claim_body body;
		struct claim_file file;
	} u;
};

void claim_put(struct buf *, const struct claim *);
/*
 * The next claim of *rest; slices point into it. RC_REFUSED: the bytes are
 * not claims (the child lied or broke): nothing of the result is used.
 */
enum rc claim_next(struct slice *rest, struct claim *, struct err *) MUST_USE;

/* ORDER_WRAP input: bodies in their order in the delivery. */
enum wrap_kind {
	WRAP_MESSAGE,
	WRAP_FILES, /* body: a package; name: a name a line, those go along */
	WRAP_FILE,  /* one that goes along; its bytes stay where they are */
	WRAP_KINDS
};

struct wrap_part {
	enum wrap_kind kind;
	struct slice name; /* entry name without folder */
	uint32_t segments;
	uint64_t len; /* FILE: how many bytes, and their CRC-32 */
	uint32_t crc;
	struct slice body;
};
void wrap_put(struct buf *, const struct wrap_part *);
enum rc wrap_next(
    struct slice *rest, struct wrap_part *, struct err *) MUST_USE;

/*
 * ORDER_REPLAN input: a leg is planned (again) from the kept original, with
 * what its filing's legs have answered by now.
 */
#define REPLAN_LEGS 32

struct replan_fact { /* what one leg of the filing says */
	struct slice name, outcome, level, status, number, text;
	struct claim_key key_of[CLAIM_KEYS]; /* written and learned */
	uint32_t nkeys;
};

struct replan_in {
	uint32_t filing; /* its number in the arrival */
	struct slice file_name;
	struct slice leg, agency, format; /* as its row has them */
	/* Its agency knows nothing of the filing yet: what it gets is an
	 * original, though its filer changes what others know. */
	bool first;
	/* what an earlier submission of this leg learned */
	struct claim_key key_of[CLAIM_KEYS];
	uint32_t nkeys;
	struct replan_fact fact[REPLAN_LEGS];
	uint32_t nfacts;
	struct slice original; /* the arrival's bytes */
};
void replan_put(struct buf *, const struct replan_in *);
/* The whole of the bytes. RC_REFUSED: they are not one. */
enum rc replan_read(struct slice, struct replan_in *, struct err *) MUST_USE;

#endif

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
	ORDER_READ,  /* input: the arrival's bytes; claims: all kinds below */
	ORDER_WRAP,  /* input: struct wrap_in list; claim: one BODY */
	ORDER_REPLY, /* input: a reply record as text; claim: one BODY */
};

enum claim_kind {
	CLAIM_ARRIVAL,
	CLAIM_FILING,
	CLAIM_LEG,
	CLAIM_RECEIPT,
	CLAIM_BODY,
	CLAIM_KINDS
};

#define CLAIM_HEAD     5 /* kind, and the length of what follows */
#define CLAIM_KEYS     16
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
	 * qualifier, each behind a tab; empty: there is none */
	struct slice interchange;
	struct slice findings; /* of the envelope: finding_json lines */
	uint32_t filings;      /* FILING claims that follow */
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
	bool refused;     /* an error: no legs */
	uint64_t at, len; /* its range in the arrival's bytes */
	uint32_t errors, warnings, hints;
	struct slice findings;               /* finding_json lines */
	struct claim_key key_of[CLAIM_KEYS]; /* track: bill, container ... */
	uint32_t nkeys;
};

struct claim_leg {
	uint32_t filing; /* its number */
	uint64_t id;
	struct slice agency; /* partner name: must be a row of the routes */
	struct slice format;
	struct slice file_name; /* by the format's pattern, or empty */
	struct slice lane;      /* business key the order is kept by */
	struct claim_key key_of[CLAIM_KEYS]; /* as written: the answers' keys */
	uint32_t nkeys;
	struct slice body;
	struct slice trace; /* wire/trace_pack.h */
	uint32_t segments;
};

struct claim_receipt {
	uint32_t number;
	struct slice format;
	struct claim_key key_of[CLAIM_KEYS]; /* empty texts are left out */
	uint32_t nkeys;
	struct slice status;  /* the code as sent: "L" */
	struct slice code;    /* ours: "accepted-into-customs"; or empty */
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

struct claim {
	enum claim_kind kind;
	union {
		struct claim_arrival arrival;
		struct claim_filing filing;
		struct claim_leg leg;
		struct claim_receipt receipt;
		struct claim_body body;
	} u;
};

void claim_put(struct buf *, const struct claim *);
/*
 * The next claim of *rest; slices point into it. RC_REFUSED: the bytes are
 * not claims (the child lied or broke): nothing of the result is used.
 */
enum rc claim_next(struct slice *rest, struct claim *, struct err *) MUST_USE;

/* ORDER_WRAP input: bodies in their order in the delivery. */
struct wrap_part {
	struct slice name; /* entry name without folder */
	uint32_t segments;
	struct slice body;
};
void wrap_put(struct buf *, const struct wrap_part *);
enum rc wrap_next(
    struct slice *rest, struct wrap_part *, struct err *) MUST_USE;

#endif

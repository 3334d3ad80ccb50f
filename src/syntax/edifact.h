/*
 * syntax/edifact.h - ISO 9735 syntax 1 to 4, batch: bytes to segments and back.
 *
 * Knows service characters, segments, UNB/UNG/UNH/UNT/UNE/UNZ and their
 * counts; names of messages and elements come from tables. Ceilings: segment
 * 64 KiB, 500 elements, 100 components, one message 8 MiB.
 */
#ifndef SYNTAX_EDIFACT_H
#define SYNTAX_EDIFACT_H

#include "src/syntax/wire.h"

struct edifact_chars {
	char component, element, decimal, release, repetition, end;
	bool given; /* by UNA */
};

struct edifact_message {
	uint32_t at, span; /* UNH..UNT in the decoded text */
	struct slice reference, type, version, release, agency, association;
	uint32_t segments; /* counted, UNH and UNT among them */
	uint32_t unh_span; /* of UNH alone */
	uint32_t findings; /* envelope errors of this message alone */
	struct edifact_message *next;
};

/* What the first pass over an interchange says. */
struct edifact_interchange {
	struct edifact_chars chars;
	bool has_unb;
	uint32_t unb_at, unb_span;
	struct slice syntax_id, syntax_version, reference;
	struct slice sender, sender_qual, receiver, receiver_qual;
	uint32_t sender_at, receiver_at; /* decoded offsets; 0: not there */
	struct edifact_message *message; /* in order */
	uint32_t nmessages;
	bool refused;     /* the envelope is bad: nothing of it may be used */
	uint32_t next_at; /* decoded offset behind UNZ; more may follow */
};

/* Codes of UN/EDIFACT service element 0085 that we give. */
enum edifact_fault {
	FAULT_VERSION = 2,       /* syntax version not supported: its table */
	FAULT_RECIPIENT = 7,     /* recipient not actual recipient */
	FAULT_VALUE = 12,        /* invalid value */
	FAULT_MISSING = 13,      /* missing */
	FAULT_POSITION = 15,     /* not supported in this position */
	FAULT_CONSTITUENTS = 16, /* too many constituents */
	FAULT_AGREEMENT = 17,    /* no agreement for this message */
	FAULT_OTHER = 18,        /* unspecified error */
	FAULT_SENDER = 23,       /* unknown interchange sender */
	FAULT_CHARACTERS = 21,   /* invalid characters */
	FAULT_SERVICE = 22,      /* invalid service characters */
	FAULT_TWICE = 26,        /* duplicate detected */
	FAULT_REFERENCE = 28,    /* references do not match */
	FAULT_COUNT = 29,        /* control count does not match */
	FAULT_MIXED = 30,        /* groups and messages mixed */
	FAULT_EMPTY = 32,        /* lower level empty */
	FAULT_OUTSIDE = 33,      /* invalid occurrence outside message */
	FAULT_REPEATED = 35,     /* too many repetitions */
	FAULT_GROUPS = 36,       /* too many group repetitions */
	FAULT_CHARACTER_TYPE = 37,
	FAULT_LONG = 39,
	FAULT_SHORT = 40,
	FAULT_TRAILING = 45, /* trailing separator */
};
/* What a finding of this kind is called where nothing more is known; 0: it is
 * no mistake of the syntax. */
uint8_t edifact_fault(enum finding_kind);

bool edifact_probe(struct slice head); /* UNA, UNB or UNH in front? */
/*
 * The service characters that UNA at this decoded offset gives, or the
 * defaults; false: it is not six usable characters.
 */
bool edifact_chars_read(
    struct slice utf8, uint32_t at, struct edifact_chars *out);
/* Tables "service:3" and "service:4": what UNB, UNG, UNH, UNT, UNE and UNZ may
 * hold. */
struct edifact_service {
	const struct wire_table *three, *four;
};
/*
 * First pass from decoded offset at: the interchange that starts there.
 * Envelope mistakes (UNT count and reference, UNZ count and reference, a
 * missing trailer, a segment over its ceiling, a dangling release character)
 * are findings with segment positions; so is whatever breaks the table of a
 * service segment, by the version that UNB names (service NULL: not asked). In
 * UNH and UNT it is the message's, in the others it refuses the interchange.
 * RC_REFUSED only when nothing can be told apart; *out is filled as far as it
 * went.
 */
enum rc edifact_scan(struct edifact_interchange *out, const struct text *,
    uint32_t at, const struct edifact_service *service, struct arena *,
    struct findings *, struct err *) MUST_USE;
/*
 * May a CONTRL name this message: does UNH have all that UCM copies? If not,
 * its mistake can only be told of the whole interchange.
 */
bool edifact_nameable(const struct edifact_message *);
/*
 * One message as a tree, nested by its table. Segments that the table does
 * not have at their place, repeats over its maximum, missing mandatory
 * segments and elements, and leaves that break their format are findings.
 * table NULL: flat. The UNB alone: at/span of UNB and table service:3. The
 * root's name is one byte, the decimal mark that UNA gives ("." by default).
 * NULL: over 8 MiB or the nodes' ceiling (finding LIMIT), or mem is full.
 */
struct wnode *edifact_tree(const struct text *, uint32_t at, uint32_t span,
    const struct edifact_chars *, const struct wire_table *,
    const struct tags *, struct arena *, struct findings *);

struct edifact_style {
	struct edifact_chars chars; /* zero: the defaults */
	bool newline;               /* LF behind each segment */
};
/* begin/leaf/end write segments; trailing empty parts are left out. */
struct wire_out *edifact_out(
    struct buf *, const struct edifact_style *, struct arena *);
uint32_t edifact_out_segments(const struct wire_out *); /* written so far */
/* Characters released as needed, for envelopes. */
void edifact_escape(struct buf *, struct slice, const struct edifact_chars *);

#endif

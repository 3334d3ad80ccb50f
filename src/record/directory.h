/*
 * record/directory.h - the data-element directory: what things are, once.
 *
 * Loaded from mappings/directory (*.dir, entrepot-directory(5)) and shared
 * read-only by everything after that. Groups hold elements and groups; each
 * entry has a dense slot number inside its group, so a record node is a plain
 * array. Nothing here changes after directory_load().
 */
#ifndef RECORD_DIRECTORY_H
#define RECORD_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/record/codes.h"

struct complaints; /* src/record/complaints.h: mistakes with file:line:col */

enum element_type {
	EL_GROUP, /* has struct element.group */
	EL_AN,    /* one line of text, min..max characters */
	EL_A,     /* letters */
	EL_N,     /* digits kept as they are */
	EL_TEXT,  /* text with lines */
	EL_INT,
	EL_DEC,    /* max digits in all, decimals of them behind the mark */
	EL_DATE,   /* canonical YYYY-MM-DD */
	EL_MOMENT, /* canonical YYYY-MM-DD[Thh:mm[:ss[.sss]][zone]] */
	EL_FLAG,   /* canonical "yes" or "no" */
	EL_CODE,   /* canonical: our code of the list */
	EL_BYTES,  /* an attachment: the value is its id */
	EL_REF,    /* value is the sequence of a node of group "ref" */
	EL_ABOUT,  /* receipts: the document the receipt speaks of */
};

struct element {
	const char *name;
	const char *en, *zh;       /* labels; never NULL, may be "" */
	const struct group *owner; /* the group it stands in */
	const struct group
	    *group; /* EL_GROUP: its layout; EL_REF: the target */
	const struct codelist *list; /* EL_CODE */
	uint16_t slot;               /* index into node.slot[] of the owner */
	enum element_type type;
	uint32_t min, max;  /* characters, or digits; max 0: no limit */
	uint32_t decimals;  /* EL_DEC */
	uint32_t most;      /* 1, or n of name*n */
	bool repeats;       /* written name*n */
	bool open;          /* code LIST open */
	bool secret;        /* "private": only for legs allowed to see it */
	bool placed;        /* "placed": a member counts by its place */
	const char *unit;   /* UN/ECE rec. 20, or NULL */
	const char *was;    /* earlier names, blank separated, or NULL */
	const char *source; /* "wco D063" and the like, or NULL */
	const char *file;   /* where it is said; NULL: of the program itself */
	uint32_t line;
};

struct group {
	const char *name;
	const char *en, *zh;
	const struct element *element; /* nslots of them, in file order */
	uint16_t nslots;
	bool document;
	const struct element *dated; /* documents: dates code rows; or NULL */
	const struct key *key;       /* documents: what identifies one */
	uint16_t nkeys;
	const struct key *search; /* documents: what people look for it by */
	uint16_t nsearch;
};

/* key NAME = PATH + PATH: values that together identify a document. */
#define KEY_PARTS 6
#define KEY_DEPTH 6
struct key {
	const char *name; /* "filer", "platform", "customs" */
	struct {
		const struct element *step[KEY_DEPTH];
		uint8_t n;
	} part[KEY_PARTS];
	uint8_t nparts;
	bool carried; /* what an answer taught stands in the next submission */
};

struct directory;

/*
 * Load every *.dir of the folder; code lists are looked up by name. Mistakes
 * of the whole folder go to *complaints, RC_REFUSED when there is one.
 */
enum rc directory_load(struct directory **, const char *folder,
    const struct codelists *, struct complaints *, struct err *) MUST_USE;
void directory_free(struct directory *);
const struct group *directory_document(const struct directory *, struct slice);
/* "receipt" with its about slot typed as the given document. */
const struct group *directory_receipt(
    const struct directory *, const struct group *about);
/* By name or an earlier name ("was") inside a group; NULL. */
const struct element *group_element(const struct group *, struct slice);
/* The n-th document, NULL past the last. */
const struct group *directory_nth(const struct directory *, unsigned int n);

#endif

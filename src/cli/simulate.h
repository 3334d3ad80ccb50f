/*
 * cli/simulate.h - an agency's import client, played on its own folder.
 *
 * The simulator is a peer of the gateway, not a part of it: it shares no
 * reader and no writer with it, finds what it needs by scanning text, fills
 * templates, and answers the same document as often as it comes. What it
 * takes is one of our own configurations, for the agency's folder.
 */
#ifndef CLI_SIMULATE_H
#define CLI_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/record/complaints.h"

/* --- the script, see entrepot-simulate(8) --- */

enum sim_act {
	SIM_STORED,  /* DecImportResponse, ResponseCode 0 */
	SIM_REFUSED, /* DecImportResponse, ResponseCode 1 */
	SIM_RESULT,  /* DEC_RESULT with a channel code */
	SIM_CLIENT,  /* the client itself failed: FailBox, no key inside */
};

#define SIM_CODE 16

struct sim_step {
	enum sim_act act;
	char code[SIM_CODE];
	struct slice text; /* empty: the template's own words */
	int64_t after_ms;  /* behind the step before it */
	const char *when;  /* not before there is this file; NULL */
	unsigned int times;
	bool half;
	struct sim_step *next;
};

struct sim_rule {
	unsigned int from, to; /* documents as they come, from 1; 0: all */
	struct slice seq;      /* or the one with this ClientSeqNo */
	bool out_of_order;
	struct sim_step *step, *last;
	unsigned int nsteps;
	struct sim_rule *next;
};

struct sim_script {
	struct sim_rule *first, *last;
	unsigned int batch; /* answers in one zip; 0: each in its own file */
};

/* All mistakes in one run; RC_REFUSED when there is one. */
enum rc sim_script_parse(struct sim_script *, struct arena *,
    const char *file_name, struct slice text, struct complaints *,
    struct err *) MUST_USE;
/* The rule for the n-th document; NULL: never answered. */
const struct sim_rule *sim_script_rule(
    const struct sim_script *, unsigned int nth, struct slice seq);

/* --- one document that was delivered, in one of these tongues --- */

#define SIM_NUMBER 64

struct sim_doc {
	const struct sim_tongue *tongue;
	char stem[200]; /* of the file, without its ending */
	char client_seq[SIM_NUMBER], seq[SIM_NUMBER], entry[SIM_NUMBER];
	char office[8];
	/* EDIFACT: UNB S002, S003 and 0020, UNH 0062 and S009 */
	char sender[SIM_NUMBER], receiver[SIM_NUMBER], interchange[SIM_NUMBER];
	char message[SIM_NUMBER], type[SIM_NUMBER];
	bool exports;
	int64_t received_ms; /* wall clock */
};

typedef void sim_entry_fn(void *arg, struct slice name, struct slice body);

enum sim_text { SIM_STORED_T, SIM_REFUSED_T, SIM_RESULT_T, SIM_TEXTS };

/* How an agency is spoken to, and how it answers; see simulate_tongue.c. */
struct sim_tongue {
	const char *name;
	bool (*speaks)(struct slice body);
	/* once for each document in the body */
	void (*each)(
	    struct slice name, struct slice body, sim_entry_fn *, void *arg);
	void (*read)(struct sim_doc *, struct slice body);
	void (*put)(struct buf *, struct slice); /* a mark's text, escaped */
	const char *file[SIM_TEXTS], *notes;     /* templates */
	const char *form[SIM_TEXTS];             /* of the answers' names */
};

extern const struct sim_tongue sim_tongues[];
extern const size_t sim_ntongues;
/* NULL: none of them. */
const struct sim_tongue *sim_tongue_of(struct slice body);

/* Text between <NAME> and </NAME>, wherever; empty: not there. */
struct slice sim_scan(struct slice xml, const char *name);
void sim_copy(char *out, size_t size, struct slice s);
/* The parts of simulate_edifact.c. */
bool sim_edifact_is(struct slice body);
bool sim_edifact_is_d21a(struct slice body);
void sim_edifact_each(
    struct slice name, struct slice body, sim_entry_fn *, void *arg);
void sim_edifact_read(struct sim_doc *, struct slice body);
void sim_edifact_put(struct buf *, struct slice);
unsigned int sim_edifact_count(const struct buf *); /* segments since UNH */
/* Fill *doc; the platform's number is drawn here when it has none yet. */
void sim_doc_read(struct sim_doc *, const struct sim_tongue *,
    struct slice stem, struct slice body, uint64_t *drawn, int64_t now_ms);

/* --- templates --- */

#define SIM_TONGUES 4

struct sim_templates {
	struct slice text[SIM_TONGUES][SIM_TEXTS];
	/* the script's code, the agency's own, its words; TABs between them */
	struct slice notes[SIM_TONGUES];
	struct slice client; /* of the client that could not sign */
};

enum rc sim_templates_load(struct sim_templates *, struct arena *,
    const char *folder, struct err *) MUST_USE;
/*
 * The answer's bytes and its file name (stamp: a count that makes it unique).
 */
void sim_answer(const struct sim_templates *, const struct sim_doc *,
    const struct sim_step *, int64_t event_ms, uint64_t stamp, struct buf *body,
    char name[256]);

/* --- packages; the simulator's own, see simulate_zip.c --- */

bool sim_is_zip(struct slice);
enum rc sim_zip_read(
    struct slice, sim_entry_fn *, void *arg, struct err *) MUST_USE;

struct sim_zip;
struct sim_zip *sim_zip_new(struct buf *out);
void sim_zip_add(struct sim_zip *, const char *name, struct slice body);
enum rc sim_zip_end(struct sim_zip *, struct err *) MUST_USE; /* frees */

#endif

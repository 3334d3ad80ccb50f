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

/* --- one document that was delivered --- */

#define SIM_NUMBER 40

struct sim_doc {
	char stem[200]; /* of the file, without its ending */
	char client_seq[SIM_NUMBER], seq[SIM_NUMBER], entry[SIM_NUMBER];
	char office[8];
	int64_t received_ms; /* wall clock */
};

/* Text between <NAME> and </NAME>, wherever; empty: not there. */
struct slice sim_scan(struct slice xml, const char *name);
/* Fill *doc; the platform's number is drawn here when it has none yet. */
void sim_doc_read(struct sim_doc *, struct slice stem, struct slice xml,
    uint64_t *drawn, int64_t now_ms);

/* --- templates --- */

struct sim_templates {
	struct slice stored, refused, result, client;
	struct slice notes; /* channel TAB words, one a line */
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

typedef void sim_entry_fn(void *arg, struct slice name, struct slice body);
bool sim_is_zip(struct slice);
enum rc sim_zip_read(
    struct slice, sim_entry_fn *, void *arg, struct err *) MUST_USE;

struct sim_zip;
struct sim_zip *sim_zip_new(struct buf *out);
void sim_zip_add(struct sim_zip *, const char *name, struct slice body);
enum rc sim_zip_end(struct sim_zip *, struct err *) MUST_USE; /* frees */

#endif

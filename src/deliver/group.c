/*
 * deliver/group.c - a message with files beside it, STEM.NAME, as one delivery:
 * staged in pieces, published before the message, gone when all are gone, taken
 * back together. Trusts the spool's orders, and nothing that stands in the
 * folder. Called by the role that delivers and by gate.c.
 */
#include "src/deliver/gate.h"
#include "src/base/id.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
stage_name(const struct job *j, uint32_t file, char out[GATE_STAGE_NAME])
{
	char id[ID_TEXT];

	(void)id_print(j->delivery, id);
	if (file == 0)
		(void)snprintf(out, GATE_STAGE_NAME, "%s", id);
	else
		(void)snprintf(out, GATE_STAGE_NAME, "%s.%u", id, file);
}

/* The next one's name, unless it is known. */
static enum rc
beside_add(struct job *j, uint32_t file, struct slice name, struct err *err)
{
	struct beside *b;

	if (file <= j->nbeside)
		return RC_OK;
	if (file != j->nbeside + 1 || file > GATE_BESIDE || name.len > 255)
		return err_set(err, RC_REFUSED,
		    "file %u beside a message of %u, name of %zu bytes", file,
		    j->nbeside, name.len);
	b = realloc(j->beside, (size_t)file * sizeof(*b));
	if (b == NULL)
		return err_set(err, RC_LATER, "no memory for a delivery");
	j->beside = b;
	memset(&b[file - 1], 0, sizeof(*b));
	(void)snprintf(
	    b[file - 1].name, sizeof(b->name), "%.*s", SLICE_ARG(name));
	j->nbeside = file;
	return RC_OK;
}

enum rc
gate_piece(struct gate *g, struct job *j, uint32_t file, struct slice name,
    int fd, uint64_t at, uint64_t len, struct err *err)
{
	char id[GATE_STAGE_NAME];
	bool *begun;
	enum rc rc;

	j->pieces++;
	if (j->rc != RC_OK) /* what came before it failed */
		return RC_OK;
	rc = file == 0 ? RC_OK : beside_add(j, file, name, err);
	if (rc == RC_OK && fd >= 0) {
		begun = file == 0 ? &j->begun : &j->beside[file - 1].begun;
		stage_name(j, file, id);
		rc = folder_stage_piece(
		    g->folder, id, !*begun, fd, at, len, err);
		*begun = true;
	}
	if (rc == RC_BROKEN)
		return rc;
	j->rc = rc;
	if (rc != RC_OK)
		(void)snprintf(j->why, sizeof(j->why), "%s", err->text);
	return RC_OK;
}

/* The first sentence is the one to tell. */
static void
unstage(struct gate *g, struct job *j)
{
	char id[GATE_STAGE_NAME];
	struct err ignored;

	for (uint32_t i = 0; i <= j->nbeside; i++) {
		stage_name(j, i, id);
		if (folder_unstage(g->folder, id, &ignored) != RC_OK)
			continue; /* swept at the next start */
	}
}

/* All names are looked at while the delivery can still be held. */
static enum rc
group_check(struct gate *g, struct job *j, struct err *err)
{
	char id[GATE_STAGE_NAME];
	enum rc rc = folder_free(g->folder, j->name, err);

	for (uint32_t i = 1; i <= j->nbeside && rc == RC_OK; i++) {
		stage_name(j, i, id);
		rc = folder_beside_check(
		    g->folder, id, j->beside[i - 1].name, err);
	}
	return rc;
}

enum rc
gate_stage_group(struct gate *g, struct job *j, uint32_t pieces,
    struct slice name, struct err *err)
{
	char id[GATE_STAGE_NAME];
	enum rc rc = j->rc;

	gate_job_name(g, j, name);
	if (rc != RC_OK)
		(void)err_set(err, rc, "%s", j->why);
	else if (j->pieces != pieces || !j->begun)
		rc = err_set(err, RC_LATER, "%u of its %u pieces came",
		    j->pieces, pieces);
	if (rc == RC_OK)
		rc = group_check(g, j, err);
	for (uint32_t i = 0; i <= j->nbeside && rc == RC_OK; i++) {
		stage_name(j, i, id);
		rc = folder_stage_end(g->folder, id, err);
	}
	if (rc == RC_OK)
		rc = folder_settle(g->folder, err);
	if (rc == RC_BROKEN)
		return rc;
	if (rc != RC_OK)
		unstage(g, j);
	job_staged(j, rc, err);
	return RC_OK;
}

/* One that is not staged any more went out before something stopped us. */
enum rc
group_publish(struct gate *g, struct job *j, bool *taken, struct err *err)
{
	char id[GATE_STAGE_NAME];
	bool there;
	enum rc rc = RC_OK;

	for (uint32_t i = 1; i <= j->nbeside && rc == RC_OK; i++) {
		stage_name(j, i, id);
		rc = folder_staged(g->folder, id, &there, err);
		if (rc == RC_OK && there)
			rc = folder_publish_beside(
			    g->folder, id, j->beside[i - 1].name, taken, err);
	}
	return rc == RC_OK && j->nbeside > 0 ? folder_settle(g->folder, err)
					     : rc;
}

enum rc
group_picked(struct gate *g, const struct job *j, bool *picked, struct err *err)
{
	enum rc rc = RC_OK;

	*picked = true;
	for (uint32_t i = 0; i < j->nbeside && rc == RC_OK && *picked; i++)
		rc = folder_picked(g->folder, j->beside[i].name, picked, err);
	return rc;
}

/* Under the name of one that is staged still, another file may stand. */
enum rc
group_back(struct gate *g, struct job *j, struct err *err)
{
	char id[GATE_STAGE_NAME];
	bool removed = false, there;
	struct err ignored;

	for (uint32_t i = 1; i <= j->nbeside; i++) {
		stage_name(j, i, id);
		if (folder_staged(g->folder, id, &there, &ignored) != RC_OK ||
		    there)
			continue;
		(void)!folder_withdraw(
		    g->folder, j->beside[i - 1].name, &removed, &ignored);
	}
	return removed ? folder_settle(g->folder, err) : RC_OK;
}

/* The message first: nobody shall find it without a file that went before. */
static enum rc
group_withdraw(
    struct gate *g, const struct job *j, bool *removed, struct err *err)
{
	enum rc rc = folder_withdraw(g->folder, j->name, removed, err);

	for (uint32_t i = 0; i < j->nbeside && rc == RC_OK; i++)
		rc =
		    folder_withdraw(g->folder, j->beside[i].name, removed, err);
	return rc;
}

/* On disk before the spool is told: then nobody owns what a power cut returns.
 */
enum rc
gate_withdraw(struct gate *g, struct job *j, struct err *err)
{
	bool removed = false;
	struct err broken;
	enum rc rc;

	if (j->state != JOB_PUBLISHED || j->nbeside == 0)
		return RC_OK;
	rc = group_withdraw(g, j, &removed, err);
	if (removed && folder_settle(g->folder, &broken) != RC_OK) {
		*err = broken;
		return RC_BROKEN;
	}
	j->look = g->dirty = true;
	return rc;
}

/*
 * deliver/gate.c - publishing in a partner's folder, one job after the other;
 * trusts the spool's orders, and nothing that stands in the folder. Called by
 * the role that delivers.
 */
#include "src/deliver/gate.h"
#include "src/base/id.h"
#include "src/base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_TAKEN_WAIT 5000 /* ms until a taken name is tried again */

void
gate_init(struct gate *g, const struct conf_partner *p)
{
	*g = (struct gate){ .partner = p,
		.watch = -1,
		.watch_refused = -1,
		.dirty = true,
		.refused = true };
}

void
gate_clear(struct gate *g)
{
	while (g->jobs != NULL)
		gate_job_end(g, g->jobs);
	folder_close(g->folder);
	g->folder = NULL;
}

static bool
stands_in(const struct gate *g)
{
	for (const struct job *j = g->jobs; j != NULL; j = j->next)
		if (j->state != JOB_END && j->state != JOB_COLLECT &&
		    j->state != JOB_GONE)
			return true;
	return false;
}

void
gate_check(struct gate *g)
{
	if (g->folder == NULL || !folder_unused(g->folder) || !stands_in(g))
		return;
	if (!g->told_other)
		log_event(LOG_ALARM, "deliver.other_folder",
		    "partner=%s folder=\"%s\"", g->partner->name,
		    g->partner->folder);
	g->told_other = true;
	folder_close(g->folder);
	g->folder = NULL;
}

void
gate_there(struct gate *g)
{
	if (g->folder == NULL || folder_is_there(g->folder))
		return;
	log_event(LOG_ALARM, "deliver.moved", "partner=%s folder=\"%s/%s\"",
	    g->partner->name, g->partner->folder, g->partner->out);
	folder_close(g->folder);
	g->folder = NULL;
}

bool
gate_other(const struct gate *g)
{
	struct folder_id now = folder_named(g->partner, FOLDER_GIVES);

	return now.ino != 0 &&
	       (now.ino != g->first.ino || now.dev != g->first.dev);
}

enum rc
gate_open(struct gate *g, int inotify_fd, struct err *err)
{
	enum rc rc;

	gate_there(g);
	if (g->folder != NULL)
		return RC_OK;
	rc = folder_open(&g->folder, g->partner, FOLDER_GIVES, err);
	if (rc == RC_OK) {
		gate_check(g);
		if (g->folder == NULL)
			return err_set(err, RC_LATER,
			    "folder '%s' is not the one that was delivered to",
			    g->partner->folder);
		g->told_other = false;
		g->watch = folder_watch(g->folder, inotify_fd);
		g->watch_refused = folder_watch_refused(g->folder, inotify_fd);
		g->dirty = true;
		return RC_OK;
	}
	return rc == RC_BROKEN ? rc : RC_LATER;
}

struct job *
gate_job(struct gate *g, uint64_t delivery)
{
	struct job *j = g->jobs;

	while (j != NULL && j->delivery != delivery)
		j = j->next;
	return j;
}

struct job *
gate_job_new(struct gate *g, uint64_t delivery, struct slice name)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->delivery = delivery;
	/* a longer one is refused when it is published */
	(void)snprintf(j->name, sizeof(j->name), "%.*s", SLICE_ARG(name));
	j->state = JOB_STAGED;
	j->next = g->jobs;
	g->jobs = j;
	g->njobs++;
	return j;
}

struct job *
gate_job_collect(struct gate *g, uint64_t delivery)
{
	struct job *j = gate_job_new(g, delivery, SLICE_LIT(""));

	if (j != NULL)
		j->state = JOB_COLLECT;
	return j;
}

void
gate_job_end(struct gate *g, struct job *j)
{
	struct job **at = &g->jobs;

	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
	g->njobs--;
	free(j->beside);
	free(j);
}

static void
job_outcome(struct job *j, enum rc rc, const struct err *err)
{
	j->rc = rc;
	j->why[0] = '\0';
	if (rc != RC_OK)
		(void)snprintf(j->why, sizeof(j->why), "%s", err->text);
}

void
job_staged(struct job *j, enum rc rc, const struct err *err)
{
	job_outcome(j, rc, err);
	j->state = rc == RC_OK ? JOB_STAGED : JOB_END;
	j->tell_staged = true;
}

/*
 * A name that is taken is told now, before anything is staged: from here the
 * delivery can still be held. Later it can only wait for the name.
 */
static enum rc
name_check(struct gate *g, const struct job *j, struct err *err)
{
	bool free_name;
	enum rc rc = folder_picked(g->folder, j->name, &free_name, err);

	if (rc == RC_OK && !free_name)
		return err_set(err, RC_REFUSED,
		    "another file stands under the name '%s'", j->name);
	return rc;
}

enum rc
gate_stage(struct gate *g, struct job *j, struct slice body, struct err *err)
{
	char id[ID_TEXT];
	enum rc rc = name_check(g, j, err);

	if (rc == RC_OK)
		rc = folder_stage(
		    g->folder, id_print(j->delivery, id), body, err);
	if (rc == RC_BROKEN)
		return rc;
	job_staged(j, rc, err);
	return RC_OK;
}

static void
name_waits(const struct gate *g, struct job *j, const struct err *err)
{
	char id[ID_TEXT], quoted[1024];

	if (j->told_waiting)
		return;
	j->told_waiting = true;
	log_event(LOG_ALARM, "deliver.waits",
	    "delivery=%s partner=%s why=\"%s\"", id_print(j->delivery, id),
	    g->partner->name,
	    log_quote(slice_of(err->text), quoted, sizeof(quoted)));
}

/* It stands there whole: whatever the rename met, it did not happen. */
static bool
still_staged(struct gate *g, const char *id)
{
	struct err ignored;
	bool there = false;

	return folder_staged(g->folder, id, &there, &ignored) == RC_OK && there;
}

/*
 * out/ is gone, full or closed to us: the spool knows when to try again, and
 * the folder is opened anew then, in case it is another one.
 */
static void
publish_failed(struct gate *g, struct job *j, const struct err *err)
{
	struct err why;

	group_back(g, j);
	(void)err_set(
	    &why, RC_LATER, "publishing '%s': %s", j->name, err->text);
	job_outcome(j, RC_LATER, &why);
	j->state = JOB_END;
	j->tell_published = true;
	folder_close(g->folder);
	g->folder = NULL;
}

/*
 * Once the spool says that it is staged, its absence beside out/ has one
 * meaning: it was renamed into out/, and then something stopped us.
 */
enum rc
gate_publish(struct gate *g, struct job *j, int64_t mono_ms, struct err *err)
{
	char id[ID_TEXT];
	bool there, taken = false;
	enum rc rc;

	gate_there(g);
	if (g->folder == NULL) {
		(void)err_set(err, RC_LATER, "the folder was moved away");
		publish_failed(g, j, err);
		return RC_OK;
	}
	(void)id_print(j->delivery, id);
	rc = folder_staged(g->folder, id, &there, err);
	if (rc == RC_OK && there && g->partner->sent != NULL)
		j->number = folder_number(g->folder, id);
	if (rc == RC_OK && there)
		rc = group_publish(g, j, &taken, err);
	if (rc == RC_OK && there)
		rc = folder_publish(g->folder, id, j->name, &taken, err);
	if (rc == RC_BROKEN)
		return rc;
	if (rc != RC_OK && !taken && still_staged(g, id)) {
		publish_failed(g, j, err);
		return RC_OK;
	}
	if (rc != RC_OK) {
		name_waits(g, j, err);
		j->not_before = mono_ms + NAME_TAKEN_WAIT;
		return RC_OK;
	}
	job_outcome(j, RC_OK, err);
	j->state = JOB_PUBLISHED;
	j->tell_published = true;
	g->dirty = true; /* perhaps it is picked up already */
	return RC_OK;
}

/*
 * A client moves a file from the one box to the other at once; one that does
 * it in steps is looked after for a while, and not through our restart.
 */
static void
sent_look(struct gate *g, struct job *j, int64_t mono_ms)
{
	j->tell_sent = folder_sent(g->folder, j->name, j->number);
	if (j->tell_sent || mono_ms >= j->not_before)
		j->state = JOB_END;
}

enum rc
gate_look(struct gate *g, int64_t mono_ms, struct err *err)
{
	enum rc rc = RC_OK;

	if (g->dirty || mono_ms >= g->look_at)
		gate_there(g);
	if (g->folder == NULL || (!g->dirty && mono_ms < g->look_at))
		return RC_OK;
	if (!g->dirty)
		g->refused = true; /* a word may be lost there, too */
	g->dirty = false;
	g->look_at = mono_ms + GATE_LOOK;
	for (struct job *j = g->jobs; j != NULL && rc != RC_BROKEN;
	     j = j->next) {
		bool picked;

		if (j->state == JOB_GONE)
			sent_look(g, j, mono_ms);
		if (j->state != JOB_PUBLISHED)
			continue;
		rc = folder_picked(g->folder, j->name, &picked, err);
		if (rc == RC_OK && picked)
			rc = group_picked(g, j, &picked, err);
		if (rc == RC_OK && picked) {
			j->state = j->number == 0 || g->njobs > GATE_GONE
				       ? JOB_END
				       : JOB_GONE;
			j->not_before = mono_ms + GATE_SENT;
			j->tell_picked = true;
			if (j->state == JOB_GONE)
				sent_look(g, j, mono_ms);
		}
	}
	return rc == RC_BROKEN ? rc : RC_OK;
}

enum rc
gate_refused(struct gate *g, folder_refused_fn *fn, void *arg, struct err *err)
{
	enum rc rc;

	if (g->folder == NULL || !g->refused)
		return RC_OK;
	rc = folder_refused(g->folder, fn, arg, err);
	g->refused = rc != RC_OK;
	return rc;
}

static bool
is_of_a_job(struct gate *g, const char *name)
{
	struct slice rest = slice_of(name), own = slice_cut(&rest, '.');
	const struct job *j;
	uint64_t id, file = 0;

	if (!id_parse(own, &id) || (j = gate_job(g, id)) == NULL)
		return false;
	return own.len == strlen(name) ||
	       (slice_u64(rest, &file) && file > 0 && file <= j->nbeside);
}

enum rc
gate_sweep(struct gate *g, struct err *err)
{
	char **names;
	size_t n;
	enum rc rc;

	if (g->folder == NULL)
		return RC_OK;
	rc = folder_stages(g->folder, &names, &n, err);
	if (rc != RC_OK)
		return rc == RC_BROKEN ? rc : RC_OK;
	for (size_t i = 0; i < n && rc != RC_BROKEN; i++)
		if (!is_of_a_job(g, names[i]))
			rc = folder_unstage(g->folder, names[i], err);
	free(names);
	return rc == RC_BROKEN ? rc : RC_OK;
}

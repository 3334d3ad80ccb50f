/*
 * deliver/gate.c - publishing in a partner's folder, what is due together in
 * one go; trusts the spool's orders, and nothing that stands in the folder.
 * Called by the role that delivers.
 */
#include "src/deliver/gate.h"
#include "src/base/id.h"
#include "src/base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_TAKEN_WAIT 5000 /* ms until a taken name is tried again */
#define GROUP_BYTES     ((size_t)16 << 20) /* staged in one go, at most */

void
gate_init(struct gate *g, const struct conf_partner *p)
{
	*g = (struct gate){ .partner = p,
		.watch = -1,
		.watch_refused = -1,
		.watch_sent = -1,
		.inotify = -1,
		.dirty = true,
		.look_all = true,
		.refused = true };
	g->end = &g->jobs;
}

void
gate_clear(struct gate *g)
{
	while (g->jobs != NULL)
		gate_job_end(g, g->jobs);
	while (g->gone != NULL)
		gate_job_end(g, g->gone);
	folder_close(g->folder);
	folder_close(g->aside);
	g->folder = g->aside = NULL;
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
	/* kept open: our walls may not let us open it once more */
	g->aside = g->folder;
	g->folder = NULL;
}

void
gate_there(struct gate *g)
{
	struct folder **f = g->folder != NULL ? &g->folder : &g->aside;

	if (g->there)
		return;
	g->there = *f == NULL || folder_is_there(*f);
	if (g->there)
		return;
	log_event(LOG_ALARM, "deliver.moved", "partner=%s folder=\"%s/%s\"",
	    g->partner->name, g->partner->folder, g->partner->out);
	folder_close(*f);
	*f = NULL;
	/* whatever has the name next, this one too, is another one to us */
	g->first = (struct folder_id){ 0, 0, 0 };
}

void
gate_turn(struct gate *g)
{
	g->there = false;
}

bool
gate_other(const struct gate *g)
{
	struct folder_id now = folder_named(g->partner, FOLDER_GIVES);

	return now.ino != 0 && !folder_id_same(now, g->first);
}

enum rc
gate_open(struct gate *g, int inotify_fd, struct err *err)
{
	enum rc rc = RC_OK;

	gate_there(g);
	if (g->folder != NULL)
		return RC_OK;
	if (g->aside == NULL)
		rc = folder_open(&g->folder, g->partner, FOLDER_GIVES, err);
	else
		g->folder = g->aside;
	g->aside = NULL;
	if (rc == RC_OK) {
		gate_check(g);
		if (g->folder == NULL)
			return err_set(err, RC_LATER,
			    "folder '%s' is not the one that was delivered "
			    "to: no .entrepot/.ours is in it",
			    g->partner->folder);
		g->told_other = false;
		g->watch = folder_watch(g->folder, inotify_fd);
		g->watch_refused = folder_watch_refused(g->folder, inotify_fd);
		g->watch_sent = folder_watch_sent(g->folder, inotify_fd);
		g->inotify = inotify_fd;
		g->dirty = g->look_all = g->refused = true;
		g->refused_at = 0;
		return RC_OK;
	}
	return rc == RC_BROKEN ? rc : RC_LATER;
}

void
gate_job_order(struct job *j, struct msg *m, struct slice body)
{
	j->order = msg_hold(m);
	j->body = body;
	j->state = JOB_ORDERED;
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

struct group {
	struct job *job[FOLDER_GROUP];
	struct folder_give file[FOLDER_GROUP];
	char id[FOLDER_GROUP][ID_TEXT];
	size_t n, bytes;
};

static void
group_add(struct group *p, struct job *j)
{
	p->job[p->n] = j;
	p->file[p->n] = (struct folder_give){ .name = j->name,
		.id = id_print(j->delivery, p->id[p->n]),
		.body = j->body };
	p->bytes += j->body.len;
	p->n++;
}

static bool
group_full(const struct group *p)
{
	return p->n == FOLDER_GROUP || p->bytes >= GROUP_BYTES;
}

static void
staging_ends(struct job *j, enum rc rc, const struct err *err)
{
	msg_free(j->order);
	j->order = NULL;
	j->body = (struct slice){ 0 };
	job_staged(j, rc, err);
}

/*
 * A name that is taken is told now, before anything is staged: from here the
 * delivery can still be held. Later it can only wait for the name. Those of
 * which nothing is to be staged have their answer already.
 */
static enum rc
orders_gather(struct gate *g, struct group *p, struct err *err)
{
	for (struct job *j = g->jobs; j != NULL && !group_full(p);
	     j = j->next) {
		enum rc rc;

		if (j->state != JOB_ORDERED)
			continue;
		rc = g->folder == NULL
			 ? err_set(err, RC_LATER, "its folder is not there")
			 : folder_free(g->folder, j->name, err);
		if (rc == RC_BROKEN)
			return rc;
		if (rc == RC_OK)
			group_add(p, j);
		else
			staging_ends(j, rc, err);
	}
	return RC_OK;
}

enum rc
gate_stage(struct gate *g, bool *worked, struct err *err)
{
	struct group p = { .n = 0 };
	enum rc rc = orders_gather(g, &p, err);

	if (rc != RC_OK || p.n == 0)
		return rc;
	rc = folder_stage(g->folder, p.file, p.n, err);
	for (size_t i = 0; i < p.n && rc == RC_OK; i++)
		staging_ends(p.job[i], p.file[i].rc, &p.file[i].why);
	*worked = true;
	return rc;
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

/* RC_BROKEN: the process stops. */
static enum rc
publish_failed(
    struct gate *g, struct job *j, const struct err *said, struct err *err)
{
	struct err why;
	enum rc rc = g->folder == NULL ? RC_OK : group_back(g, j, err);

	if (rc != RC_OK)
		return rc;
	(void)err_set(
	    &why, RC_LATER, "publishing '%s': %s", j->name, said->text);
	job_outcome(j, RC_LATER, &why);
	j->state = JOB_END;
	j->tell_published = true;
	return RC_OK;
}

/*
 * out/ is gone, full or closed to us: the spool knows when to try again. The
 * folder stays open; whether it is another one by then is asked each time.
 */
static enum rc
publish_ends(struct gate *g, struct job *j, const struct folder_give *f,
    int64_t mono_ms, struct err *err)
{
	enum rc rc = RC_OK;

	if (f->rc == RC_OK) {
		job_outcome(j, RC_OK, &f->why);
		j->state = JOB_PUBLISHED;
		j->tell_published = true;
		/* perhaps it is picked up already */
		j->look = g->dirty = true;
	} else if (!f->taken_name && still_staged(g, f->id)) {
		rc = publish_failed(g, j, &f->why, err);
	} else {
		name_waits(g, j, &f->why);
		j->not_before = mono_ms + NAME_TAKEN_WAIT;
	}
	return rc;
}

static bool
publish_is_due(const struct job *j, int64_t mono_ms)
{
	return j->state == JOB_PUBLISH && j->not_before <= mono_ms;
}

/*
 * What goes before a message that is not out itself yet; its number, by which
 * it is known again where its client puts it.
 */
static void
beside_publish(struct gate *g, struct job *j, struct folder_give *f)
{
	uint64_t number = 0;
	bool there;

	if (j->nbeside == 0 && g->partner->sent == NULL)
		return;
	if (g->partner->sent != NULL)
		number = folder_number(g->folder, f->id);
	there = number != 0;
	if (there)
		j->number = number;
	else
		f->rc = folder_staged(g->folder, f->id, &there, &f->why);
	if (f->rc == RC_OK && there)
		f->rc = group_publish(g, j, &f->taken_name, &f->why);
}

/* Messages whose files beside them, if any, are out; *err: RC_BROKEN. */
static enum rc
publish_gather(
    struct gate *g, struct group *p, int64_t mono_ms, struct err *err)
{
	enum rc rc = RC_OK;

	for (struct job *j = g->jobs;
	     j != NULL && !group_full(p) && rc == RC_OK; j = j->next) {
		struct folder_give *f = &p->file[p->n];

		if (!publish_is_due(j, mono_ms))
			continue;
		group_add(p, j);
		beside_publish(g, j, f);
		if (f->rc == RC_BROKEN) {
			*err = f->why;
			return RC_BROKEN;
		}
		if (f->rc == RC_OK)
			continue;
		p->n--;
		rc = publish_ends(g, j, f, mono_ms, err);
	}
	return rc;
}

/* Its name means another one now: all that was to go there is told. */
static enum rc
moved_away(struct gate *g, int64_t mono_ms, struct err *err)
{
	enum rc rc = RC_OK;
	struct err why;

	(void)err_set(&why, RC_LATER, "the folder was moved away");
	for (struct job *j = g->jobs; j != NULL && rc == RC_OK; j = j->next)
		if (publish_is_due(j, mono_ms))
			rc = publish_failed(g, j, &why, err);
	return rc;
}

static bool
publish_any(const struct gate *g, int64_t mono_ms)
{
	const struct job *j = g->jobs;

	while (j != NULL && !publish_is_due(j, mono_ms))
		j = j->next;
	return j != NULL;
}

/*
 * Once the spool says that it is staged, its absence beside out/ has one
 * meaning: it was renamed into out/, and then something stopped us.
 */
enum rc
gate_publish(struct gate *g, int64_t mono_ms, bool *worked, struct err *err)
{
	struct group p = { .n = 0 };
	enum rc rc;

	if (g->folder == NULL || !publish_any(g, mono_ms))
		return RC_OK;
	*worked = true;
	gate_there(g);
	if (g->folder == NULL)
		return moved_away(g, mono_ms, err);
	rc = publish_gather(g, &p, mono_ms, err);
	if (rc == RC_OK && p.n > 0)
		rc = folder_publish(g->folder, p.file, p.n, err);
	for (size_t i = 0; i < p.n && rc == RC_OK; i++)
		rc = publish_ends(g, p.job[i], &p.file[i], mono_ms, err);
	return rc;
}

/*
 * A client moves a file from the one box to the other at once; one that does
 * it in steps is looked after for a while. What went before our start is known
 * by its bytes: the spool says whether they are its.
 */
static void
sent_look(struct gate *g, struct job *j, int64_t mono_ms)
{
	j->tell_sent =
	    j->number != 0
		? folder_sent(g->folder, j->name, j->number)
		: folder_sent_sum(g->folder, j->name, j->size, &j->sha256);
	if (j->tell_sent || mono_ms >= j->not_before)
		j->state = JOB_END;
}

static void
picked_up(struct gate *g, struct job *j, int64_t mono_ms)
{
	bool known =
	    j->number != 0 || (j->size > 0 && g->partner->sent != NULL);

	j->state = known && g->njobs <= GATE_GONE ? JOB_GONE : JOB_END;
	j->not_before = mono_ms + GATE_SENT;
	j->tell_picked = true;
	if (j->state == JOB_GONE)
		sent_look(g, j, mono_ms);
}

static enum rc
job_look(struct gate *g, struct job *j, int64_t mono_ms, struct err *err)
{
	bool picked;
	enum rc rc;

	j->look = false;
	if (j->state == JOB_GONE)
		sent_look(g, j, mono_ms);
	if (j->state != JOB_PUBLISHED)
		return RC_OK;
	rc = folder_picked(g->folder, j->name, &picked, err);
	/* it stands there from before our start */
	if (rc == RC_OK && !picked && j->number == 0 &&
	    g->partner->sent != NULL)
		j->number = folder_number_out(g->folder, j->name);
	if (rc == RC_OK && picked)
		rc = group_picked(g, j, &picked, err);
	if (rc == RC_OK && picked)
		picked_up(g, j, mono_ms);
	return rc;
}

/*
 * Names that were told, and now and then all of them: neither a word nor its
 * absence is trusted.
 */
enum rc
gate_look(struct gate *g, int64_t mono_ms, struct err *err)
{
	bool timely = mono_ms >= g->look_at;
	enum rc rc = RC_OK;

	if (g->dirty || timely)
		gate_there(g);
	if (g->folder == NULL || (!g->dirty && !timely))
		return RC_OK;
	if (timely)
		g->refused = true; /* a word may be lost there, too */
	if (g->watch_sent < 0 && g->partner->sent != NULL) {
		g->watch_sent = folder_watch_sent(g->folder, g->inotify);
		timely |= g->watch_sent >= 0;
	}
	if (timely || g->look_all) {
		gate_gone_back(g);
		g->look_at = mono_ms + GATE_LOOK;
	}
	for (struct job *j = g->jobs; j != NULL && rc != RC_BROKEN; j = j->next)
		if (j->look || timely || g->look_all)
			rc = job_look(g, j, mono_ms, err);
	g->dirty = g->look_all = false;
	return rc == RC_BROKEN ? rc : RC_OK;
}

/*
 * A word that comes while a walk is on its way begins another one, and where
 * they are many the next walk comes after a rest: it is no small part of a core
 * that goes on looking at a million of them.
 */
enum rc
gate_refused(struct gate *g, int64_t mono_ms, bool *worked,
    folder_refused_fn *fn, void *arg, struct err *err)
{
	bool midway;
	enum rc rc;

	if (g->folder == NULL)
		return RC_OK;
	if (!folder_refused_midway(g->folder)) {
		if (!g->refused || mono_ms < g->refused_at)
			return RC_OK;
		g->refused = false;
		g->slices = 0;
	}
	rc = folder_refused(g->folder, fn, arg, err);
	midway = folder_refused_midway(g->folder);
	*worked |= rc == RC_OK && midway;
	g->slices += midway;
	g->refused |= rc != RC_OK && !midway;
	if (!midway && g->refused_at < mono_ms + (int64_t)g->slices * GATE_REST)
		g->refused_at = mono_ms + (int64_t)g->slices * GATE_REST;
	return rc;
}

void
gate_refused_read(struct gate *g, int64_t mono_ms, uint64_t bytes)
{
	if (g->refused_at < mono_ms)
		g->refused_at = mono_ms;
	g->refused_at += (int64_t)(bytes / GATE_READ);
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

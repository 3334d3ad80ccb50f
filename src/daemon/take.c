/*
 * daemon/take.c - the steps of one file on its way in: after the spool has its
 * row, move it aside; when that was the file that was read, accept; unlink.
 * Trusts the spool. Called by role_intake.c.
 */
#include "src/daemon/take.h"
#include "src/wire/msg.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct take *
take_new(struct intake *in, struct door *d, uint64_t id, struct slice name,
    const struct fsx_mark *mark, enum take_state state)
{
	struct take *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->door = d;
	t->id = id;
	t->mark = *mark;
	t->state = state;
	assert(name.len <= COMPLETE_NAME_MAX);
	memcpy(t->name, name.p, name.len);
	t->next = in->takes;
	in->takes = t;
	t->half = state == TAKE_HALF;
	in->ntakes++;
	in->halves += t->half;
	in->bytes += t->half ? 0 : mark->size;
	d->taking++;
	d->halves += t->half;
	return t;
}

void
take_end(struct intake *in, struct take *t)
{
	struct take **at = &in->takes;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	in->ntakes--;
	in->halves -= t->half;
	in->bytes -= t->half ? 0 : t->mark.size;
	t->door->taking--;
	t->door->halves -= t->half;
	if (t->door->again) {
		t->door->again = false;
		t->door->dirty = true;
	}
	free(t);
}

struct take *
take_find(struct intake *in, uint64_t id)
{
	struct take *t = in->takes;

	while (t != NULL && t->id != id)
		t = t->next;
	return t;
}

void
take_log(const struct take *t, enum log_level level, const char *event,
    const char *why)
{
	char id[ID_TEXT], quoted[1024];

	log_event(level, event, "arrival=%s partner=%s name=\"%s\"%s%s%s",
	    id_print(t->id, id), t->door->partner->name,
	    log_quote(slice_of(t->name), quoted, sizeof(quoted)),
	    why == NULL ? "" : " why=\"", why == NULL ? "" : why,
	    why == NULL ? "" : "\"");
}

/* --- one step of one take; RC_LATER: again after a while --- */

/* The file that a crash left somewhere between the folder and us. */
static enum rc
half_step(struct take *t, const char *id, struct err *err)
{
	enum folder_aside_is is;
	enum rc rc;

	if (t->door->folder == NULL)
		return err_set(err, RC_LATER, "its folder is not there");
	if (t->accepted) {
		t->state = TAKE_FORGET;
		return RC_OK;
	}
	rc = folder_is_aside(t->door->folder, id, &t->mark, &is, err);
	if (rc == RC_OK && is != ASIDE_SAME)
		rc = folder_put_back(t->door->folder, id, t->name, err);
	if (rc == RC_OK)
		t->state = is == ASIDE_SAME ? TAKE_ACCEPT : TAKE_UNTAKE;
	return rc;
}

static void
aside_done(struct take *t, const struct folder_take *f, int64_t now)
{
	if (f->rc == RC_OK) {
		t->state = f->same ? TAKE_ACCEPT : TAKE_UNTAKE;
		if (!f->same)
			take_log(t, LOG_NOTE, "intake.changed", NULL);
	} else if (f->rc == RC_REFUSED) {
		/* its folder does not let us: it stays where it is */
		take_log(t, LOG_ALARM, "intake.stuck", f->why.text);
		t->state = TAKE_UNTAKE;
	} else {
		t->not_before = now + LATER_MS;
	}
}

static bool
aside_is_due(const struct take *t, const struct door *d, int64_t now)
{
	return t->state == TAKE_ASIDE && t->not_before <= now && t->door == d;
}

/* All of one door whose rows are on disk, with one sync of its folders. */
static enum rc
asides_step(struct role *r, struct door *d, bool *worked, struct err *err)
{
	struct intake *in = r->self;
	int64_t now = clock_mono(r->clock);
	struct folder_take file[DOOR_TAKES];
	struct take *of[DOOR_TAKES];
	char id[DOOR_TAKES][ID_TEXT];
	size_t n = 0;
	enum rc rc;

	for (struct take *t = in->takes; t != NULL && n < DOOR_TAKES;
	     t = t->next) {
		if (!aside_is_due(t, d, now))
			continue;
		file[n] = (struct folder_take){ .id = id_print(t->id, id[n]),
			.name = t->name,
			.mark = t->mark };
		of[n++] = t;
	}
	if (n == 0)
		return RC_OK;
	rc = folder_aside(d->folder, file, n, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		aside_done(of[i], &file[i], now);
	*worked = true;
	return rc;
}

static enum rc
untake_step(struct role *r, struct take *t, struct err *err)
{
	enum rc rc = wire_send(r->wire, ROLE_SPOOL, MSG_UNTAKE,
	    &(struct msg_UNTAKE){ .arrival = t->id }, -1, err);

	if (rc == RC_OK) {
		t->door->dirty = true;
		take_end(r->self, t);
	}
	return rc;
}

static enum rc
accept_step(struct role *r, struct take *t, struct err *err)
{
	enum rc rc = wire_send(r->wire, ROLE_SPOOL, MSG_ACCEPT,
	    &(struct msg_ACCEPT){ .arrival = t->id }, -1, err);

	if (rc == RC_OK)
		t->state = TAKE_ACCEPTING;
	return rc;
}

static enum rc
forget_step(struct role *r, struct take *t, const char *id, struct err *err)
{
	enum rc rc = folder_forget(t->door->folder, id, t->name, err);

	if (rc == RC_OK)
		take_end(r->self, t);
	return rc;
}

bool
take_is_due(const struct take *t)
{
	return t->state != TAKE_ASKED && t->state != TAKE_ACCEPTING;
}

static enum rc
take_step(struct role *r, struct take *t, struct err *err)
{
	char id[ID_TEXT];

	(void)id_print(t->id, id);
	switch (t->state) {
	case TAKE_HALF:
		return half_step(t, id, err);
	case TAKE_ACCEPT:
		return accept_step(r, t, err);
	case TAKE_FORGET:
		return forget_step(r, t, id, err);
	case TAKE_UNTAKE:
		return untake_step(r, t, err);
	case TAKE_ASIDE: /* with the others of its door */
	case TAKE_ASKED:
	case TAKE_ACCEPTING:
		break;
	}
	return RC_OK;
}

enum rc
takes_step(struct role *r, bool *worked, struct err *err)
{
	struct intake *in = r->self;
	int64_t now = clock_mono(r->clock);
	struct take *next;
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < in->doors && rc == RC_OK; i++)
		if (in->door[i].taking > 0)
			rc = asides_step(r, &in->door[i], worked, err);
	if (rc != RC_OK)
		return rc;
	for (struct take *t = in->takes; t != NULL; t = next) {
		next = t->next;
		if (!take_is_due(t) || t->state == TAKE_ASIDE ||
		    t->not_before > now)
			continue;
		rc = take_step(r, t, err);
		if (rc == RC_BROKEN)
			return rc;
		if (rc == RC_OK) {
			*worked = true;
			continue;
		}
		if (rc == RC_REFUSED) /* a person must look; we go on asking */
			take_log(t, LOG_ALARM, "intake.stuck", err->text);
		t->not_before = now + LATER_MS;
	}
	return RC_OK;
}

bool
take_is_under_way(struct intake *in, struct door *d, const char *name)
{
	for (const struct take *t = in->takes; t != NULL; t = t->next)
		if (t->door == d && strcmp(t->name, name) == 0) {
			d->again = true;
			return true;
		}
	return false;
}

/*
 * deliver/jobs.c - the deliveries of one partner that are on their way or
 * outside, found by number and by name: a folder's events name one, and
 * thousands may stand there. Trusts events no further than to look. Called
 * through deliver/gate.h.
 */
#include "src/deliver/gate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct job **
id_bucket(struct gate *g, uint64_t delivery)
{
	/* ids made together differ in few of their bits */
	uint64_t x = delivery * UINT64_C(0x9e3779b97f4a7c15);

	return &g->by_id[(x >> 32) % GATE_BUCKETS];
}

static struct job **
name_bucket(struct gate *g, const char *name)
{
	return &g->by_name[slice_hash(slice_of(name)) % GATE_BUCKETS];
}

/* At the end of a list whose last place is *end. */
static void
list_add(struct job ***end, struct job *j)
{
	j->next = NULL;
	j->at = *end;
	**end = j;
	*end = &j->next;
}

static void
list_cut(struct gate *g, struct job *j)
{
	*j->at = j->next;
	if (j->next != NULL)
		j->next->at = j->at;
	else if (g->end == &j->next)
		g->end = j->at;
}

static void
name_cut(struct gate *g, struct job *j)
{
	struct job **at = name_bucket(g, j->name);

	while (*at != j)
		at = &(*at)->same_name;
	*at = j->same_name;
}

static void
name_add(struct gate *g, struct job *j, struct slice name)
{
	struct job **at;

	(void)snprintf(j->name, sizeof(j->name), "%.*s", SLICE_ARG(name));
	at = name_bucket(g, j->name);
	j->same_name = *at;
	*at = j;
}

struct job *
gate_job(struct gate *g, uint64_t delivery)
{
	struct job *j = *id_bucket(g, delivery);

	while (j != NULL && j->delivery != delivery)
		j = j->same_id;
	return j;
}

struct job *
gate_job_new(struct gate *g, uint64_t delivery, struct slice name)
{
	struct job *j = calloc(1, sizeof(*j));
	struct job **at = id_bucket(g, delivery);

	if (j == NULL)
		return NULL;
	j->delivery = delivery;
	j->state = JOB_STAGED;
	list_add(&g->end, j);
	j->same_id = *at;
	*at = j;
	name_add(g, j, name);
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
gate_job_name(struct gate *g, struct job *j, struct slice name)
{
	name_cut(g, j);
	name_add(g, j, name);
}

void
gate_job_end(struct gate *g, struct job *j)
{
	struct job **at = id_bucket(g, j->delivery);

	while (*at != j)
		at = &(*at)->same_id;
	*at = j->same_id;
	name_cut(g, j);
	list_cut(g, j);
	g->njobs--;
	free(j->beside);
	msg_free(j->order);
	free(j);
}

void
gate_job_gone(struct gate *g, struct job *j)
{
	list_cut(g, j);
	j->next = g->gone;
	j->at = &g->gone;
	if (j->next != NULL)
		j->next->at = &j->next;
	g->gone = j;
}

static void
gone_back(struct gate *g, struct job *j)
{
	list_cut(g, j);
	list_add(&g->end, j);
}

void
gate_gone_back(struct gate *g)
{
	while (g->gone != NULL)
		gone_back(g, g->gone);
}

/* A file beside a message has no bucket: all that have some are looked at. */
static void
beside_look(struct gate *g)
{
	for (struct job *j = g->jobs; j != NULL; j = j->next)
		j->look |= j->nbeside > 0;
}

static void
name_look(struct gate *g, const char *name)
{
	bool found = false;

	for (struct job *j = *name_bucket(g, name); j != NULL;
	     j = j->same_name) {
		if (strcmp(j->name, name) != 0)
			continue;
		found = j->look = true;
		if (j->state == JOB_GONE)
			gone_back(g, j);
	}
	if (!found)
		beside_look(g);
	g->dirty = true;
}

void
gate_event(struct gate *g, int watch, const char *name)
{
	if (watch < 0 || watch == g->watch_refused)
		g->refused = true;
	if (watch < 0 || (watch == g->watch && name[0] == '\0'))
		g->dirty = g->look_all = true;
	else if (watch == g->watch || watch == g->watch_sent)
		name_look(g, name);
	/* it was moved or removed: the next one of its name has another */
	if (watch == g->watch_sent && name[0] == '\0') {
		g->watch_sent = -1;
		g->dirty = true;
	}
}

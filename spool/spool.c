/*
 * spool/spool.c - opening, spool time, what the steps share; trusts the caller
 * to be one process. Called by the role spool, tools on a stopped spool, and
 * tests.
 */
#include "spool/inner.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "src/base/events.h"
#include "src/base/log.h"
#include "spool/leg.h"
#include "spool/lock.h"
#include "spool/scheduler.h"

#define STEP_MEMORY  (256u << 20)
#define SPACE_EVERY  1000 /* ms between two looks at the disk */
#define INODES_SPARE 256

int64_t
spool_time(const struct spool *s)
{
	return s->spool_base + clock_mono(s->clock) - s->mono_base;
}

int64_t
spool_wall(const struct spool *s)
{
	return clock_wall(s->clock);
}

struct idgen *
spool_ids(struct spool *s)
{
	return &s->ids;
}

void
spool_counters(const struct spool *s, struct spool_counters *c)
{
	*c = s->c;
	c->syncs += s->seg.syncs + 2 * s->j.checkpoints;
	c->body_bytes = s->seg.bytes;
}

uint64_t
spool_generation_last(const struct spool *s)
{
	return s->generation;
}

/* Each version has one row for ever. */
static void
mapping_keep(struct spool *s, struct slice version)
{
	if (journal_number(&s->j, SQL_MAPPING_FIND, 0, "t", version) == 0)
		journal_run(&s->j, SQL_MAPPING_ADD, "t", version);
}

int64_t
spool_mapping(const struct spool *s, struct slice version)
{
	unsigned int i = bundles_find(&s->bundles, version);

	return i < BUNDLES_MAX ? s->bundle[i] : 0;
}

/* A route that was missing may be there now: whoever waited for one goes. */
static enum rc
routes_changed(struct spool *s, struct err *err)
{
	struct batch *b = s->own;
	struct step st;
	enum rc rc = RC_OK;

	if (step_begin(b, &st)) {
		for (unsigned int i = 0; i < s->conf->npartners && rc == RC_OK;
		     i++)
			if (s->conf->partner[i].agency)
				rc = legs_bind_waiting(b,
				    slice_of(s->conf->partner[i].name), 0,
				    &st.why);
		step_end(b, &st, rc);
	}
	rc = batch_commit(b, err);
	if (rc == RC_OK && st.rc != RC_OK) {
		*err = st.why;
		rc = st.rc;
	}
	if (rc == RC_OK || rc == RC_BROKEN)
		return rc;
	log_rc("commit.later", rc, err);
	return RC_OK; /* the configuration holds; the next event takes them */
}

enum rc
spool_generation(struct spool *s, const struct conf *conf, uint64_t generation,
    struct slice mapping, struct err *err)
{
	struct batch *b = s->own;
	struct step st = { .rc = RC_OK };
	struct bundles bundles;

	if (!bundles_parse(&bundles, mapping))
		return err_set(err, RC_REFUSED, "'%.*s' is no list of bundles",
		    SLICE_ARG(mapping));

	if (generation != s->generation && step_begin(b, &st)) {
		journal_run(&s->j, SQL_GENERATION_ADD, "iti",
		    (int64_t)generation, mapping, spool_wall(s));
		event_add(s, "generation.loaded gen=%llu mapping=\"%.*s\"",
		    (unsigned long long)generation, SLICE_ARG(mapping));
		for (unsigned int i = 0; i < bundles.n; i++)
			mapping_keep(s, slice_of(bundles.one[i].version));
		step_end(b, &st, RC_OK);
	}
	if (batch_commit(b, err) != RC_OK || st.rc != RC_OK)
		return st.rc != RC_OK ? st.rc : RC_BROKEN;
	for (unsigned int i = 0; i < bundles.n; i++)
		s->bundle[i] = journal_number(&s->j, SQL_MAPPING_FIND, 0, "t",
		    slice_of(bundles.one[i].version));
	journal_clear(&s->j);
	s->bundles = bundles;
	s->bundle_now = bundles_at(&bundles, spool_wall(s));
	scheduler_reconf(s, conf);
	s->conf = conf;
	s->generation = generation;
	return routes_changed(s, err);
}

enum rc
spool_open(struct spool **out, const char *folder, const struct conf *conf,
    struct clock *clock, struct err *err)
{
	struct spool *s = calloc(1, sizeof(*s));
	enum rc rc = RC_OK;

	if (s == NULL)
		return err_set(err, RC_LATER, "no memory for the spool");
	s->conf = conf;
	s->clock = clock;
	s->lockfd = s->seg.fd = s->seg.dirfd = -1;
	s->folder = strdup(folder);
	s->mem = arena_new(STEP_MEMORY);
	s->own = batch_begin(s);
	tally_init(&s->tally, &s->sweep);
	seek_init(&s->seek);
	idgen_init(&s->ids, clock, conf->node);
	s->dirfd = fsx_opendir(folder, err);
	if (s->dirfd < 0)
		rc = err_prefix(err, RC_REFUSED, "spool '%s'", folder);
	else if (s->folder == NULL || s->mem == NULL || s->own == NULL)
		rc = err_set(err, RC_LATER, "no memory for the spool");
	if (rc == RC_OK)
		s->lockfd = lock_take(s->dirfd, &rc, err);
	if (rc == RC_OK)
		rc = journal_open(&s->j, folder, true, err);
	if (rc == RC_OK)
		rc = tally_attach(&s->tally, &s->j, err);
	if (rc == RC_OK)
		rc = segments_open(&s->seg, s->dirfd, true, err);
	if (rc == RC_OK)
		rc = spool_recover(s, err);
	if (rc == RC_OK)
		rc = scheduler_new(s, err);
	if (rc != RC_OK) {
		spool_close(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void
spool_close(struct spool *s)
{
	struct err err;

	if (s == NULL)
		return;
	batch_free(s->own);
	scheduler_free(s);
	if (s->j.db != NULL && !s->broken && s->j.writer)
		if (journal_tidy(&s->j, true, &err) != RC_OK)
			log_rc("journal.tidy", RC_LATER, &err);
	segments_close(&s->seg);
	if (s->j.db != NULL)
		journal_close(&s->j);
	tally_clear(&s->tally);
	seek_clear(&s->seek);
	lock_leave(s->lockfd);
	if (s->dirfd >= 0)
		close(s->dirfd);
	arena_free(s->mem);
	free(s->folder);
	free(s);
}

/* Only what comes in asks; work in hand goes on when the disk is short. */
enum rc
space_check(struct spool *s, struct err *err)
{
	struct statvfs v;
	int64_t now = clock_mono(s->clock);

	if (s->space_at != 0 && now - s->space_at < SPACE_EVERY &&
	    !s->space_short)
		return RC_OK;
	s->space_at = now;
	s->space_short = false;
	if (fstatvfs(s->dirfd, &v) != 0)
		return err_errno(err, RC_LATER, "spool '%s'", s->folder);
	if ((uint64_t)v.f_bavail * v.f_frsize < s->conf->reserve)
		s->space_short = true;
	if (s->space_short)
		return err_set(err, RC_LATER,
		    "spool has %llu MiB free, the reserve is %llu MiB",
		    (unsigned long long)v.f_bavail * v.f_frsize >> 20,
		    (unsigned long long)s->conf->reserve >> 20);
	if (v.f_files != 0 && v.f_favail < INODES_SPARE) {
		s->space_short = true;
		return err_set(err, RC_LATER,
		    "spool has %llu inodes free, wants %d",
		    (unsigned long long)v.f_favail, INODES_SPARE);
	}
	return RC_OK;
}

enum rc
edge_check(enum state from, enum state to, struct err *err)
{
	if (state_may_move(from, to))
		return RC_OK;
	return err_set(err, RC_BROKEN, "%s may not go from '%s' to '%s'",
	    machine_name(state_machine(to)), state_name(from), state_name(to));
}

void
event_add(struct spool *s, const char *format, ...)
{
	char line[AUDIT_LINE_MAX];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = (int)sizeof(line) - 1;
	if (!event_chained(line))
		n += snprintf(line + n, sizeof(line) - (size_t)n,
		    (size_t)n + 12 < sizeof(line) ? " unlisted=1" : "");
	for (int i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?'; /* names are data: no line is forged */
	audit_add(
	    &s->audit, &s->j, spool_wall(s), (struct slice){ line, (size_t)n });
	s->c.events++;
}

void
spool_reading(struct spool *s, bool on)
{
	journal_read(&s->j, on);
}

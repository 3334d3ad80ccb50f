/*
 * spool/segments.c - appending bodies, making them durable, and the tail
 * after a crash; trusts its own folder no more than its digests say. Called
 * by the batch (spool.c) and recovery. Reading is in segments_read.c.
 */
#include "spool/segments.h"
#include "spool/segments_head.h"
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "src/base/fsx.h"
#include "src/base/log.h"

#define WAIT_MAX (256u << 20)
#define MADE_MAX (1u << 20)

void
segment_name(uint32_t number, char out[SEG_NAME])
{
	snprintf(out, SEG_NAME, "%06u.seg", number);
}

void
body_file_name(uint64_t ref, char out[SEG_NAME])
{
	snprintf(out, SEG_NAME, "%016llx.body",
	    (unsigned long long)(ref & ~REF_FILE));
}

enum rc
segments_open(struct segments *g, int spoolfd, bool writer, struct err *err)
{
	*g = (struct segments){ .fd = -1, .writer = writer };
	buf_init(&g->wait, WAIT_MAX);
	buf_init(&g->made, MADE_MAX);
	g->dirfd = fsx_subdir(spoolfd, "bodies", 0700, err);
	return g->dirfd < 0 ? RC_BROKEN : RC_OK;
}

void
segments_close(struct segments *g)
{
	if (g->fd >= 0)
		close(g->fd);
	for (unsigned int i = 0; i < g->nopen; i++)
		close(g->open[i].fd);
	if (g->dirfd >= 0)
		close(g->dirfd);
	buf_clear(&g->wait);
	buf_clear(&g->made);
	*g = (struct segments){ .fd = -1, .dirfd = -1 };
}

uint64_t
segments_tail(const struct segments *g)
{
	return (uint64_t)g->number << REF_SHIFT | g->end;
}

uint32_t
segments_number(const struct segments *g)
{
	return g->number;
}

/* Begin a new segment; its name is durable before anything is in it. */
static enum rc
segment_begin(struct segments *g, uint32_t number, struct err *err)
{
	char name[SEG_NAME];
	int fd;
	enum rc rc;

	segment_name(number, name);
	fd = fsx_create(g->dirfd, name, 0600, err);
	if (fd < 0)
		return RC_LATER;
	rc = fsx_syncdir(g->dirfd, err);
	g->syncs++;
	if (rc != RC_OK) {
		close(fd);
		return rc;
	}
	if (g->fd >= 0)
		close(g->fd);
	g->fd = fd;
	g->number = number;
	g->end = 0;
	return RC_OK;
}

struct tail {
	uint64_t orphans, event;
};

static bool
orphan_count(void *arg, uint64_t ref, const struct body_head *h, uint64_t next)
{
	struct tail *t = arg;

	(void)ref;
	(void)next;
	t->orphans++;
	if (h->event > t->event)
		t->event = h->event;
	return true;
}

/* The highest number that stands in the folder, at least `known`. */
static enum rc
segment_last(
    struct segments *g, uint32_t known, uint32_t *last, struct err *err)
{
	char name[SEG_NAME];
	struct fsx_mark mark;
	bool there = true;
	enum rc rc = RC_OK;

	*last = known;
	while (there) {
		segment_name(*last + 1, name);
		rc = fsx_mark_name(g->dirfd, name, &mark, &there, err);
		if (rc != RC_OK && there)
			return rc;
		if (there)
			++*last;
	}
	return RC_OK;
}

static void
segment_use(struct segments *g, uint32_t number, int fd, uint64_t end)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = fd;
	g->number = number;
	g->end = end;
}

/*
 * Bodies that a commit names are missing: no crash does that. Their things
 * are held when they are read, those of the whole ones go on; nothing is
 * written over their places, as the segment counts as full.
 */
static void
segment_lost(struct segments *g, uint32_t number, int fd)
{
	log_event(LOG_ALARM, "segment.short",
	    "number=%u why=\"it ends before what the journal names\"", number);
	segment_use(g, number, fd, SEG_MAX);
}

/* Look at one segment from a place on; cut off what is torn at its end. */
static enum rc
segment_mend(struct segments *g, uint32_t number, uint64_t from, struct tail *t,
    struct err *err)
{
	char name[SEG_NAME];
	struct fsx_mark mark;
	uint64_t end = from;
	enum rc rc;
	int fd;

	segment_name(number, name);
	fd = fsx_open_rw(g->dirfd, name, err);
	if (fd < 0 && is_shortage(errno)) /* it may be whole */
		return err_prefix(err, RC_LATER, "segment");
	rc = fd < 0 ? RC_OK : fsx_mark_fd(fd, &mark, err);
	if (rc == RC_OK && (fd < 0 || mark.size < from)) {
		segment_lost(g, number, fd);
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = segments_walk(g, number, from, orphan_count, t, &end, err);
	if (rc == RC_OK && end < mark.size) {
		rc = fsx_cut(fd, end, err);
		if (rc == RC_OK)
			rc = fsx_sync(fd, err);
		g->syncs++;
	}
	if (rc != RC_OK)
		close(fd);
	else
		segment_use(g, number, fd, end);
	return rc;
}

enum rc
segments_recover(struct segments *g, uint64_t tail, uint64_t *orphans,
    uint64_t *event, struct err *err)
{
	uint32_t known = segments_of(tail);
	struct tail t = { 0 };
	uint32_t last;
	enum rc rc = segment_last(g, known, &last, err);

	if (rc == RC_OK && known > 0)
		rc = segment_mend(g, known, tail & REF_OFFSET, &t, err);
	for (uint32_t n = known + 1; rc == RC_OK && n <= last; n++)
		rc = segment_mend(g, n, 0, &t, err);
	*orphans = t.orphans;
	*event = t.event;
	return rc;
}

#define FILES_MAX 1000000 /* bodies that are files of their own */

static enum rc
body_file(struct segments *g, const uint8_t head[SEG_HEAD], struct slice body,
    uint64_t ref, struct err *err)
{
	char name[SEG_NAME];
	enum rc rc;
	int fd;

	body_file_name(ref, name);
	fd = fsx_create(g->dirfd, name, 0600, err);
	if (fd < 0)
		return RC_LATER;
	rc = fsx_write(fd, head, SEG_HEAD, err);
	if (rc == RC_OK)
		rc = fsx_write(fd, body.p, body.len, err);
	if (rc == RC_OK)
		rc = fsx_sync(fd, err);
	if (rc == RC_OK)
		rc = fsx_syncdir(g->dirfd, err);
	g->syncs += 2;
	close(fd);
	return rc;
}

/* What waits goes to disk first, so that a reference never moves. */
static enum rc
segment_room(struct segments *g, size_t need, struct err *err)
{
	enum rc rc;

	if (g->number != 0 && g->end + g->wait.len + need <= SEG_MAX)
		return RC_OK;
	rc = segments_flush(g, err);
	return rc != RC_OK ? rc : segment_begin(g, g->number + 1, err);
}

enum rc
segments_add(struct segments *g, const struct body_head *h, struct slice body,
    uint64_t file_id, uint64_t *ref, struct err *err)
{
	static const char zeros[SEG_ALIGN];
	uint8_t head[SEG_HEAD];
	size_t pad = (SEG_ALIGN - body.len % SEG_ALIGN) % SEG_ALIGN;
	enum rc rc;

	if (body.len > BODY_MAX)
		return err_set(err, RC_REFUSED,
		    "body is %zu bytes, limit is %u", body.len, BODY_MAX);
	rc = body_head_put(h, head, err);
	if (rc != RC_OK)
		return rc;
	g->bytes += body.len;
	if (body.len > BODY_FILE) {
		*ref = REF_FILE | file_id;
		buf_add(&g->made, ref, sizeof(*ref));
		return body_file(g, head, body, *ref, err);
	}
	rc = segment_room(g, SEG_HEAD + body.len + pad, err);
	if (rc != RC_OK)
		return rc;
	*ref = (uint64_t)g->number << REF_SHIFT | (g->end + g->wait.len);
	buf_add(&g->wait, head, SEG_HEAD);
	buf_slice(&g->wait, body);
	buf_add(&g->wait, zeros, pad);
	if (buf_failed(&g->wait))
		return err_set(err, RC_LATER, "no memory for a body");
	return RC_OK;
}

struct segments_mark
segments_mark(const struct segments *g)
{
	return (struct segments_mark){ g->end + g->wait.len, g->made.len };
}

/* What is left of one all the same is found at the next start. */
static void
made_cut(struct segments *g, size_t mark)
{
	struct err ignored;

	g->made.failed = false;
	while (g->made.len > mark) {
		char name[SEG_NAME];
		uint64_t ref;

		buf_cut(&g->made, g->made.len - sizeof(ref));
		memcpy(&ref, g->made.p + g->made.len, sizeof(ref));
		body_file_name(ref, name);
		(void)!fsx_unlink(g->dirfd, name, &ignored);
	}
}

/* A step's bodies that were flushed already stay, named by nobody. */
void
segments_cut(struct segments *g, struct segments_mark mark)
{
	g->wait.failed = false;
	if (mark.end >= g->end && mark.end - g->end <= g->wait.len)
		buf_cut(&g->wait, mark.end - g->end);
	made_cut(g, mark.made);
}

enum rc
segments_flush(struct segments *g, struct err *err)
{
	enum rc rc;

	if (g->wait.len == 0)
		return RC_OK;
	rc = fsx_pwrite(g->fd, g->wait.p, g->wait.len, g->end, err);
	if (rc != RC_OK) {
		struct err ignored;

		/* A full disk: what was written of it must not stay. */
		if (fsx_cut(g->fd, g->end, &ignored) != RC_OK)
			return RC_BROKEN;
		return rc;
	}
	rc = fsx_sync(g->fd, err);
	g->syncs++;
	if (rc != RC_OK)
		return RC_BROKEN;
	g->end += g->wait.len;
	buf_reset(&g->wait);
	return RC_OK;
}

void
segments_kept(struct segments *g)
{
	buf_reset(&g->made);
}

void
segments_forget(struct segments *g, bool sure)
{
	buf_reset(&g->wait);
	if (sure)
		made_cut(g, 0);
	buf_reset(&g->made);
}

/* Gone already is as good. */
static enum rc
name_drop(struct segments *g, const char *name, struct err *err)
{
	enum rc rc = fsx_unlink(g->dirfd, name, err);

	if (rc == RC_REFUSED && errno == ENOENT)
		return RC_OK;
	if (rc == RC_OK)
		rc = fsx_syncdir(g->dirfd, err);
	g->syncs++;
	return rc;
}

enum rc
segments_drop(struct segments *g, uint32_t number, struct err *err)
{
	char name[SEG_NAME];

	if (number == g->number)
		return err_set(err, RC_BROKEN, "segment %u is in use", number);
	for (unsigned int i = 0; i < g->nopen; i++)
		if (g->open[i].number == number) {
			close(g->open[i].fd);
			g->open[i] = g->open[--g->nopen];
		}
	segment_name(number, name);
	return name_drop(g, name, err);
}

enum rc
segments_drop_file(struct segments *g, uint64_t ref, struct err *err)
{
	char name[SEG_NAME];

	body_file_name(ref, name);
	return name_drop(g, name, err);
}

enum rc
segments_files(struct segments *g, uint64_t **out, size_t *n, struct err *err)
{
	char **names, *end, made[SEG_NAME];
	size_t all;
	bool more;
	enum rc rc = fsx_list(g->dirfd, FILES_MAX, &names, &all, &more, err);

	if (rc != RC_OK)
		return rc;
	*out = calloc(all + 1, sizeof(**out));
	if (*out == NULL)
		rc = err_set(err, RC_LATER, "no memory for bodies");
	*n = 0;
	for (size_t i = 0; i < all && rc == RC_OK; i++) {
		uint64_t ref = REF_FILE | strtoull(names[i], &end, 16);

		body_file_name(ref, made);
		if (strcmp(names[i], made) == 0)
			(*out)[(*n)++] = ref;
	}
	free(names);
	return rc;
}

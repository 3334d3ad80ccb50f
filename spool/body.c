/*
 * spool/body.c - reading bodies. A hundred legs lie in one body: its digest is
 * made once, not a hundred times, and a damaged one is refused before any of it
 * leaves. The last ones are remembered, those just written with them: they are
 * read within moments, from memory. New ones are added here. Called by the
 * steps, the scheduler and tell.c.
 */
#include "spool/body.h"

#define SCRATCH (256u << 20)

/* References grow by the length of a body: neighbours have places apart. */
static unsigned int
checked_at(uint64_t ref)
{
	return (ref * UINT64_C(0x9e3779b97f4a7c15) >> 32) % BODIES_CHECKED;
}

static bool
was_checked(const struct spool *s, uint64_t ref, uint64_t *len)
{
	unsigned int i = checked_at(ref);

	*len = s->checked[i].len;
	return s->checked[i].ref == ref;
}

static void
checked_set(struct spool *s, uint64_t ref, uint64_t len)
{
	unsigned int i = checked_at(ref);

	s->checked[i].ref = ref;
	s->checked[i].len = len;
}

enum rc
body_whole(struct spool *s, uint64_t ref, struct arena *mem, struct slice *out,
    struct err *err)
{
	uint64_t len;
	enum rc rc;

	if (was_checked(s, ref, &len))
		return segments_part(&s->seg, ref, 0, len, mem, out, err);
	rc = segments_body(&s->seg, ref, mem, out, err);
	if (rc == RC_OK)
		checked_set(s, ref, out->len);
	return rc;
}

static enum rc
part_check(uint64_t whole, uint64_t at, uint64_t len, struct err *err)
{
	if (at <= whole && len <= whole - at)
		return RC_OK;
	return err_set(err, RC_REFUSED, "body ends before its part");
}

enum rc
body_part(struct spool *s, uint64_t ref, uint64_t at, uint64_t len,
    struct arena *mem, struct slice *out, struct err *err)
{
	struct slice whole;
	struct arena *tmp;
	uint64_t all;
	enum rc rc;

	if (was_checked(s, ref, &all)) {
		rc = part_check(all, at, len, err);
		return rc != RC_OK ? rc
				   : segments_part(
					 &s->seg, ref, at, len, mem, out, err);
	}
	tmp = arena_new(SCRATCH);
	if (tmp == NULL)
		return err_set(err, RC_LATER, "no memory for a body");
	rc = body_whole(s, ref, tmp, &whole, err);
	if (rc == RC_OK)
		rc = part_check(whole.len, at, len, err);
	if (rc == RC_OK) {
		*out = arena_dup(mem, slice_sub(whole, at, len));
		if (arena_failed(mem))
			rc = err_set(err, RC_LATER, "no memory for a body");
	}
	arena_free(tmp);
	return rc;
}

enum rc
body_check(struct spool *s, uint64_t ref, struct err *err)
{
	struct body_head h;
	uint64_t len;
	uint32_t crc;
	enum rc rc;

	if (was_checked(s, ref, &len))
		return RC_OK;
	rc = segments_check(&s->seg, ref, &h, &crc, err);
	if (rc == RC_OK)
		checked_set(s, ref, h.len);
	return rc;
}

enum rc
body_add(struct spool *s, const struct body_head *h, struct slice body,
    uint64_t *ref, struct err *err)
{
	enum rc rc = segments_add(&s->seg, h, body, id_new(&s->ids), ref, err);

	if (rc == RC_OK)
		checked_set(
		    s, *ref, body.len); /* its bytes are those of the digest */
	if (rc == RC_OK && segments_of(*ref) == 0)
		journal_run(&s->j, SQL_BODYFILE_ADD, "ii", (int64_t)*ref,
		    spool_time(s));
	return rc;
}

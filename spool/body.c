/*
 * spool/body.c - reading parts of bodies. A hundred legs lie in one body: its
 * digest is made once, not a hundred times, and a damaged one is refused
 * before any of it leaves. New ones are added here. Called by the steps, the
 * scheduler and tell.c.
 */
#include "spool/body.h"

#define SCRATCH (256u << 20)

static bool
was_checked(const struct spool *s, uint64_t ref)
{
	for (unsigned int i = 0; i < BODIES_CHECKED; i++)
		if (s->checked[i] == ref)
			return true;
	return false;
}

enum rc
body_part(struct spool *s, uint64_t ref, uint64_t at, uint64_t len,
    struct arena *mem, struct slice *out, struct err *err)
{
	struct slice whole;
	struct arena *tmp;
	enum rc rc;

	if (was_checked(s, ref))
		return segments_part(&s->seg, ref, at, len, mem, out, err);
	tmp = arena_new(SCRATCH);
	if (tmp == NULL)
		return err_set(err, RC_LATER, "no memory for a body");
	rc = segments_body(&s->seg, ref, tmp, &whole, err);
	if (rc == RC_OK && (at > whole.len || len > whole.len - at))
		rc = err_set(err, RC_REFUSED, "body ends before its part");
	if (rc == RC_OK) {
		*out = arena_dup(mem, slice_sub(whole, at, len));
		s->checked[s->nchecked++ % BODIES_CHECKED] = ref;
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
	uint32_t crc;
	enum rc rc;

	if (was_checked(s, ref))
		return RC_OK;
	rc = segments_check(&s->seg, ref, &h, &crc, err);
	if (rc == RC_OK)
		s->checked[s->nchecked++ % BODIES_CHECKED] = ref;
	return rc;
}

enum rc
body_add(struct spool *s, const struct body_head *h, struct slice body,
    uint64_t *ref, struct err *err)
{
	enum rc rc = segments_add(&s->seg, h, body, id_new(&s->ids), ref, err);

	if (rc == RC_OK && segments_of(*ref) == 0)
		journal_run(&s->j, SQL_BODYFILE_ADD, "ii", (int64_t)*ref,
		    spool_time(s));
	return rc;
}

/*
 * spool/receipt_named.c - answers that are tied to what we sent by their
 * file's name alone: an import client says Successed_ or Failed_, our file's
 * stem and a stamp, and often nothing else. Trusts no name further than that a
 * file of that stem went to this very partner. Called by receipt.c when no key
 * is known.
 */
#include "spool/receipt.h"
#include <string.h>

#define LEGS_MAX  10000 /* of one delivery that hear of it */
#define STAMP_MIN 14    /* digits behind the stem: yyyyMMddHHmmss and more */

/* Official spellings, and those that clients have been seen to read. */
static const char *const heads[] = { "Successed_", "Failed_", "Success_",
	"Error_", "Ret_", "Result_" };

static const char *const tails[] = { ".zip", ".xml", "" };

/* "Failed_STEM_202408191442314383412.xml": STEM; empty: no such name. */
static struct slice
stem_of(struct slice name)
{
	size_t digits = 0;
	bool known = false;

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]) && !known; i++)
		if (slice_starts(name, heads[i])) {
			known = true;
			name = slice_sub(name, strlen(heads[i]), name.len);
		}
	if (!known || name.len < 4 ||
	    memcmp(name.p + name.len - 4, ".xml", 4) != 0)
		return (struct slice){ 0 };
	name.len -= 4;
	while (digits < name.len && name.p[name.len - 1 - digits] >= '0' &&
	       name.p[name.len - 1 - digits] <= '9')
		digits++;
	if (digits < STAMP_MIN || digits + 1 >= name.len ||
	    name.p[name.len - 1 - digits] != '_')
		return (struct slice){ 0 };
	name.len -= digits + 1;
	return name;
}

/* *shared: the one before it under its name has no answer yet, either. */
static uint64_t
delivery_named(
    struct spool *s, struct slice partner, struct slice stem, bool *shared)
{
	char text[300];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		size_t n = strlen(tails[i]);
		struct slice name = { text, stem.len + n };
		int64_t id;

		if (stem.len + n >= sizeof(text))
			continue;
		memcpy(text, stem.p, stem.len);
		memcpy(text + stem.len, tails[i], n);
		id = journal_number(
		    &s->j, SQL_DELIVERY_OUT, 0, "tt", partner, name);
		if (id == 0)
			continue;
		*shared = journal_number(&s->j, SQL_DELIVERY_NAMED_BEFORE, 0,
			      "tti", partner, name, id) != 0;
		return (uint64_t)id;
	}
	return 0;
}

/*
 * What several legs share is no leg's own key: none is learned from it, and a
 * key that stands in the file names a leg better than the file's name does.
 */
enum rc
named_apply(struct batch *b, const struct incoming *in, struct slice file,
    unsigned int *found, const char **why, struct err *err)
{
	struct spool *s = b->s;
	struct slice stem = stem_of(file);
	bool shared = false;
	uint64_t delivery =
	    stem.len == 0 ? 0 : delivery_named(s, in->partner, stem, &shared);
	struct claim_receipt bare = *in->c;
	struct incoming each = *in;
	enum rc rc = RC_OK;
	int64_t id = 0;

	*found = 0;
	*why = shared ? "two files of ours that wait have its name" : NULL;
	if (delivery == 0 || shared)
		return journal_rc(&s->j, err);
	if (journal_number(
		&s->j, SQL_LEGS_OF_DELIVERY, 0, "i", (int64_t)delivery) != 1) {
		bare.nkeys = 0;
		each.c = &bare;
	}
	while (rc == RC_OK && *found < LEGS_MAX) {
		id = journal_number(
		    &s->j, SQL_LEG_OF_DELIVERY, 0, "ii", (int64_t)delivery, id);
		if (id == 0)
			break;
		++*found;
		rc = receipt_matched(b, &each, (uint64_t)id, err);
	}
	return rc;
}

/*
 * spool/tell_finding.c - what the spool itself found wrong with a filing, as
 * convert would say it; trusts the word that its row has. Called by
 * tell_record.c.
 */
#include "spool/tell.h"
#include <stdio.h>
#include "src/wire/claim.h"

/* Behind its word legs may be named, or files. */
static const struct {
	const char *why;
	enum finding_kind kind;
} verdicts[] = {
	{ "key-used", FIND_KEY_USED },
	{ "repeat", FIND_REPEAT },
	{ "nothing-to-amend", FIND_NOTHING_TO_AMEND },
	{ "cannot-amend", FIND_CANNOT_AMEND },
	{ "legs-kept", FIND_LEG_KEPT },
	{ "poison", FIND_POISON },
};

static void
finding_put(struct buf *b, struct arena *mem, enum finding_kind kind,
    struct slice found, struct slice wanted)
{
	struct findings list;

	findings_init(&list, mem);
	if (b->len > 0 && b->p[b->len - 1] != '\n')
		buf_byte(b, '\n');
	finding_json(finding_add(&list, kind, (struct slice){ 0 },
			 (struct slice){ 0 }, found, wanted),
	    b);
	buf_byte(b, '\n');
}

struct slice
tell_finding(struct arena *mem, enum finding_kind kind, struct slice found,
    struct slice wanted, struct slice before)
{
	struct slice out;
	struct buf b;

	buf_init(&b, 2 * CLAIM_TEXT_MAX);
	buf_slice(&b, before);
	finding_put(&b, mem, kind, found, wanted);
	out = arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

/* Names that an order to convert had no room for, order.h. */
static struct slice
files_say(struct arena *mem, const struct conf_partner *p, struct slice names,
    struct slice before)
{
	char within[40];
	struct slice out;
	struct buf b;

	(void)snprintf(within, sizeof(within), "%u s",
	    p == NULL ? 0 : (unsigned)(p->attachments_within_ms / 1000));
	buf_init(&b, 2 * CLAIM_TEXT_MAX);
	buf_slice(&b, before);
	while (names.len > 0)
		finding_put(&b, mem, FIND_NO_FILE, slice_cut(&names, '\n'),
		    slice_of(within));
	out = arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

struct slice
tell_verdict(struct arena *mem, const struct conf_partner *p, struct slice why,
    struct slice label, struct slice before)
{
	struct slice rest = why, word = slice_cut(&rest, ' ');

	if (slice_is(word, "never-came"))
		return files_say(mem, p, rest, before);
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (slice_is(word, verdicts[i].why))
			return tell_finding(
			    mem, verdicts[i].kind, label, rest, before);
	return before;
}

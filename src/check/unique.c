/*
 * check/unique.c - has a value been said before in its list? Trusts the rule,
 * whose path leads through a repeated group. Called by check.c.
 */
#include "src/check/unique.h"
#include "src/record/decimal.h"

/* "05" and "5.0" say five. */
static struct slice
said_text(const struct element *el, const struct value *v, struct arena *mem)
{
	char text[DECIMAL_TEXT];
	struct decimal d;

	if ((el->type != EL_INT && el->type != EL_DEC) ||
	    !decimal_parse(v->text, &d))
		return v->text;
	decimal_strip(&d);
	return arena_dup(mem, (struct slice){ text, decimal_print(&d, text) });
}

/* Room for twice what is left of the list: there is always a free place. */
static void
list_begin(struct unique *u, const struct rule *r, const struct node *member,
    struct arena *mem)
{
	size_t n = 0;

	u->rule = r;
	u->parent = member->parent;
	for (; member != NULL; member = member->next)
		n++;
	u->mask = 15;
	while (u->mask / 2 < n)
		u->mask = 2 * u->mask + 1;
	u->said = arena_get(mem, (u->mask + 1) * sizeof(*u->said));
}

bool
unique_again(struct unique *u, const struct rule *r, const struct node *member,
    const struct element *el, const struct value *v, struct arena *mem)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
	struct slice text;

	if (v == NULL || v->text.len == 0 || (v->flags & VALUE_RAW) != 0)
		return false;
	if (u->rule != r || u->parent != member->parent)
		list_begin(u, r, member, mem);
	text = said_text(el, v, mem);
	if (u->said == NULL || text.p == NULL)
		return false; /* the arena has failed, and says so */
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * 0x100000001b3u;
	for (size_t i = hash & u->mask;; i = (i + 1) & u->mask) {
		if (u->said[i].p == NULL) {
			u->said[i] = text;
			return false;
		}
		if (slice_eq(u->said[i], text))
			return true;
	}
}

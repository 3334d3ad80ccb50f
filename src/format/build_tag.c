/*
 * format/build_tag.c - wire names become tags, as their syntax has them.
 *
 * EDIFACT leaves get their places from the message table; all other names are
 * interned in the plan's own table, so that a reader compares numbers.
 */
#include "src/format/build.h"
#include "src/syntax/wire_table.h"

static bool
digits_only(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len > 0;
}

/* "RFF": how a segment is spelled, whether or not the table has it. */
static bool
segment_spelled(struct slice s)
{
	if (s.len != 3)
		return false;
	for (size_t i = 0; i < 3; i++)
		if ((s.p[i] < 'A' || s.p[i] > 'Z') &&
		    (i == 0 || s.p[i] < '0' || s.p[i] > '9'))
			return false;
	return true;
}

static wtag
intern(struct builder *b, struct slice name)
{
	wtag t = tag_make(b->tags, name);

	if (t == TAG_UNKNOWN)
		b->failed = true;
	return t;
}

/* "S009" alone: the composite's first component, and how many it has. */
static wtag
composite_tag(const struct wire_table *t, struct slice segment,
    struct slice name, uint32_t *n)
{
	const struct table_segment *s =
	    table_segment_find(t, tag_pack(segment.p, segment.len));
	struct slice rest = name, id = slice_cut(&rest, '#');
	uint64_t nth = 1;

	if (s == NULL || (rest.len > 0 && !slice_u64(rest, &nth)))
		return TAG_UNKNOWN;
	for (uint32_t i = 0; i < s->nelements; i++) {
		const struct table_element *e = &s->element[i];

		if (!e->composite || e->nth != nth || !slice_eq(e->id, id))
			continue;
		*n = e->ncomponents;
		return tag_leaf(i + 1, 1);
	}
	return TAG_UNKNOWN;
}

static bool
edifact_tag(struct builder *b, struct line_store *s, struct slice name,
    const struct place_of *at, wtag *out)
{
	uint32_t n = 1;

	if (b->plan->table == NULL) {
		/* complained of already, with the head */
		*out = intern(b, name);
		s->in_segment = segment_spelled(name);
		return true;
	}
	if (wire_table_segment(b->plan->table, name)) {
		s->in_segment = true;
		*out = intern(b, name);
		return true;
	}
	if (at->segment.len == 0 || segment_spelled(name)) {
		build_wrong(b, s->form, s->form->at,
		    "table %s has no segment '%.*s'", b->plan->table_name,
		    SLICE_ARG(name));
		return false;
	}
	*out = wire_table_leaf(b->plan->table, at->segment, name, &n);
	if (*out == 0) {
		*out = composite_tag(b->plan->table, at->segment, name, &n);
		s->composite = *out != 0;
	}
	if (*out == 0) {
		build_wrong(b, s->form, s->form->at,
		    "segment '%.*s' of table "
		    "%s has no leaf '%.*s'",
		    SLICE_ARG(at->segment), b->plan->table_name,
		    SLICE_ARG(name));
		return false;
	}
	s->line.span = n;
	s->line.format = wire_table_format(b->plan->table, at->segment, *out);
	s->line.limit = line_limit(s->line.format);
	return true;
}

/* A leaf that repeats covers the places that follow; others have one. */
static void
edifact_span(struct builder *b, struct line_store *s)
{
	struct line *l = &s->line;

	if (s->in_segment)
		return;
	if (l->most == 1 && s->form->count != '*' && s->form->count != '+') {
		/* a whole composite stands for all its components */
		if (s->composite)
			l->most = l->span;
		else
			l->span = 1;
		return;
	}
	if (l->most > l->span)
		build_wrong(b, s->form, s->form->at,
		    "'%.*s' stands %u times "
		    "in table %s, the line says %u",
		    SLICE_ARG(l->name[0]), l->span, b->plan->table_name,
		    l->most);
	if (l->most == 0)
		l->most = l->span;
	l->span = l->most;
}

/* "01", "01.02" of X12 and flat files are places, other names are records. */
static bool
numbered_tag(
    struct builder *b, struct line_store *s, struct slice name, wtag *out)
{
	struct slice rest = name, head = slice_cut(&rest, '.');
	uint64_t e, c = 0;

	if (digits_only(head) && s->form->child == NULL &&
	    (rest.len == 0 || digits_only(rest)) && slice_u64(head, &e) &&
	    (rest.len == 0 || slice_u64(rest, &c)) && e < 500 &&
	    c < TAG_COMPONENTS) {
		*out = tag_leaf((uint32_t)e, (uint32_t)c);
		s->line.span = 1;
		return true;
	}
	*out = intern(b, name);
	return true;
}

static bool
prefix_check(struct builder *b, const struct line_store *s, struct slice name)
{
	struct slice prefix;

	name_local(name, &prefix);
	if (prefix.len == 0 || slice_eq(prefix, b->plan->prefix))
		return true;
	build_wrong(b, s->form, s->form->at,
	    "the prefix '%.*s' is not "
	    "declared, want a line 'namespace %.*s \"URI\"'",
	    SLICE_ARG(prefix), SLICE_ARG(prefix));
	return false;
}

static bool
xml_name_sound(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool start = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     c == '_' || c >= 0x80;

		if (!start && (i == 0 || (!(c >= '0' && c <= '9') && c != '-' &&
					     c != '.')))
			return false;
	}
	return s.len > 0;
}

static bool
xml_tag(struct builder *b, struct line_store *s, struct slice *name, wtag *out)
{
	struct slice local = *name;
	bool at = local.p[0] == '@';

	if (slice_is(local, ".")) {
		s->line.own_text = true;
		*out = intern(b, local);
		return true;
	}
	if (s->line.attribute && !at) { /* @A|B: both are attributes */
		char *p = arena_raw(b->mem, local.len + 1);

		if (p == NULL)
			return false;
		p[0] = '@';
		memcpy(p + 1, local.p, local.len);
		*name = local = (struct slice){ p, local.len + 1 };
		at = true;
	}
	s->line.attribute |= at;
	if (!at) {
		if (!prefix_check(b, s, local))
			return false;
		local = name_local(local, NULL);
	}
	if (!xml_name_sound(at ? slice_sub(local, 1, local.len - 1) : local)) {
		build_wrong(b, s->form, s->form->at, "'%.*s' is no XML name",
		    SLICE_ARG(*name));
		return false;
	}
	*out = intern(b, local);
	return true;
}

static bool
any_tag(struct builder *b, struct line_store *s, const struct place_of *at,
    uint8_t i)
{
	struct slice *name = &s->line.name[i];
	wtag *out = &s->line.tag[i];

	switch (b->plan->syntax) {
	case SYN_EDIFACT:
		return edifact_tag(b, s, *name, at, out);
	case SYN_X12:
	case SYN_FLAT:
		return numbered_tag(b, s, *name, out);
	case SYN_XML:
		if (!s->form->quoted)
			return xml_tag(b, s, name, out);
		break;
	default:
		s->line.attribute |= !s->form->quoted && name->p[0] == '@';
	}
	*out = intern(b, *name);
	return true;
}

bool
build_tags(struct builder *b, struct line_store *s, const struct place_of *at)
{
	s->line.span = 1;
	for (uint8_t i = 0; i < s->form->nnames; i++) {
		s->line.name[i] = s->form->name[i];
		if (!any_tag(b, s, at, i))
			return false;
		s->line.ntags++;
	}
	if (b->plan->syntax == SYN_EDIFACT && b->plan->table != NULL)
		edifact_span(b, s);
	return !b->failed;
}

wtag
build_leaf_tag(struct builder *b, const struct form *f, size_t at,
    struct slice name, const struct place_of *here)
{
	uint32_t n;
	wtag t = 0;

	switch (b->plan->syntax) {
	case SYN_EDIFACT:
		if (b->plan->table == NULL)
			return intern(b, name);
		if (wire_table_segment(b->plan->table, name))
			return intern(b, name);
		if (here->segment.len > 0)
			t = wire_table_leaf(
			    b->plan->table, here->segment, name, &n);
		if (t == 0)
			build_wrong(b, f, at,
			    "segment '%.*s' of table %s has "
			    "no leaf '%.*s'",
			    SLICE_ARG(here->segment), b->plan->table_name,
			    SLICE_ARG(name));
		return t;
	case SYN_X12:
	case SYN_FLAT:
		if (digits_only(name) && name.len < 4) {
			uint64_t e = 0;

			(void)slice_u64(name, &e);
			return tag_leaf((uint32_t)(e < 500 ? e : 499), 0);
		}
		return intern(b, name);
	case SYN_XML:
		return intern(b, name.len > 0 && name.p[0] == '@'
				     ? name
				     : name_local(name, NULL));
	default:
		return intern(b, name);
	}
}

static bool
guard_build(struct builder *b, const struct line_store *s,
    const struct form_test *t, const struct place_of *inner, struct guard *g)
{
	struct place_of at = *inner;

	g->kind = t->kind;
	g->nconstants = t->nconstants;
	g->constant = t->constant;
	for (uint8_t i = 0; i < t->nsteps; i++) {
		g->name[i] = t->step[i];
		g->step[i] = build_leaf_tag(b, s->form, t->at, t->step[i], &at);
		if (g->step[i] == 0)
			return false;
		g->nsteps++;
		if (b->plan->syntax == SYN_EDIFACT)
			at.segment = t->step[i];
	}
	return true;
}

bool
build_guards(
    struct builder *b, struct line_store *s, const struct place_of *inner)
{
	struct guard *g;

	if (s->form->ntests == 0)
		return true;
	g = arena_get(b->mem, s->form->ntests * sizeof(*g));
	if (g == NULL) {
		b->failed = true;
		return false;
	}
	s->line.guard = g;
	for (uint8_t i = 0; i < s->form->ntests; i++)
		if (guard_build(
			b, s, &s->form->test[i], inner, &g[s->line.nguards]))
			s->line.nguards++;
	return !b->failed;
}

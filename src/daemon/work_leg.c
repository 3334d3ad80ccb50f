/*
 * daemon/work_leg.c - one agency's share of a filing becomes its message: what
 * it may see, in its format, with the keys that answers will bear. Trusts the
 * plan of the legs. Called by work_read.c and work_replan.c.
 */
#include "src/daemon/work_parts.h"
#include "src/base/id.h"
#include "src/envelope/zip.h"
#include <stdio.h>

struct slice
work_name(struct slice s)
{
	if (s.len <= WORK_NAME)
		return s;
	s.len = WORK_NAME;
	while (s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}

/*
 * A format without a pattern for file names has one made of its own name and
 * the leg's, with the ending by which people know such files.
 */
static struct slice
leg_file(
    struct work *w, const struct plan *plan, struct slice pattern, uint64_t leg)
{
	static const char *const ends[] = {
		[SYN_XML] = ".xml",
		[SYN_EDIFACT] = ".edi",
		[SYN_CSV] = ".csv",
		[SYN_JSON] = ".json",
		[SYN_X12] = ".x12",
		[SYN_FLAT] = ".txt",
		[SYN_FIXED] = ".txt",
		[SYN_ZIP] = ".zip",
	};
	char text[WORK_NAME + 1], id[ID_TEXT];

	if (pattern.len > 0)
		return work_name(pattern);
	(void)snprintf(text, sizeof(text), "%s-%s%s", plan->name,
	    id_print(leg, id), ends[plan->syntax]);
	return arena_dup(w->out, slice_of(text));
}

unsigned int
work_routes(const struct work *w, const struct conf_partner *filer,
    struct arrival_route out[WORK_ROUTES])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < w->conf->npartners; i++) {
		const struct conf_partner *p = &w->conf->partner[i];

		for (unsigned int k = 0;
		     p->agency && p != filer && k < p->nsubmit; k++)
			if (n < WORK_ROUTES)
				out[n++] = (struct arrival_route){
					.document = p->submit[k].document,
					.partner = p->name,
					.format = p->submit[k].format,
					.test = p->submit[k].test
				};
	}
	return n;
}

unsigned int
work_presets(
    const struct conf_partner *filer, struct arrival_default out[CONF_DEFAULTS])
{
	for (unsigned int i = 0; i < filer->npresets; i++)
		out[i] = (struct arrival_default){ filer->preset[i].path,
			slice_of(filer->preset[i].text) };
	return filer->npresets;
}

/* A key as it was written; parts of a compound one joined by 0x1f. */
static bool
written_key(struct work *w, const struct write_out *out, const struct key *k,
    struct slice *text)
{
	struct buf b;

	buf_init(&b, WORK_NAME);
	for (uint8_t part = 0; part < k->nparts; part++) {
		uint32_t i = 0;

		while (i < out->nkeys &&
		       (out->keys[i].key != k || out->keys[i].part != part))
			i++;
		if (i == out->nkeys || out->keys[i].text.len == 0) {
			buf_clear(&b);
			return false;
		}
		if (part > 0)
			buf_byte(&b, 0x1f);
		buf_slice(&b, out->keys[i].text);
	}
	*text = arena_dup(w->out, buf_look(&b));
	buf_clear(&b);
	return text->len > 0;
}

static void
written_keys(struct work *w, const struct write_out *out, struct claim_leg *l)
{
	for (uint32_t i = 0; i < out->nkeys && l->nkeys < CLAIM_KEYS; i++) {
		const struct key *k = out->keys[i].key;
		struct claim_key *to = &l->key_of[l->nkeys];
		bool had = false;

		for (uint32_t j = 0; j < i; j++)
			had |= out->keys[j].key == k;
		if (had || !written_key(w, out, k, &to->text))
			continue;
		to->name = slice_of(k->name);
		l->nkeys++;
	}
}

/* --- numbers that a later submission carries --- */

static const struct value *
key_at(const struct record *r, const struct key *k)
{
	return k->nparts == 1 && k->part[0].n == 1
		   ? r->root->slot[k->part[0].step[0]->slot].value
		   : NULL;
}

static bool
key_missing(const struct record *r, const struct key *k)
{
	return k->carried && k->nparts == 1 && k->part[0].n == 1 &&
	       key_at(r, k) == NULL;
}

/* What the agency taught us goes into what it gets next. */
static void
known_fill(const struct leg_write *l, struct record *r)
{
	const struct group *g = r->root->group;

	for (uint16_t i = 0; i < g->nkeys; i++) {
		const struct key *k = &g->key[i];

		for (uint32_t n = 0; n < l->nknown; n++) {
			struct value *v;

			if (!slice_is(l->known[n].name, k->name) ||
			    !key_missing(r, k))
				continue;
			v = value_add(r->mem, r->root, k->part[0].step[0],
			    l->known[n].text);
			if (v != NULL)
				v->flags = VALUE_SET;
		}
	}
}

static struct slice
wants_of(struct work *w, const struct record *r)
{
	const struct group *g = r->root->group;
	char text[200] = "";
	size_t n = 0;

	for (uint16_t i = 0; i < g->nkeys; i++) {
		size_t len = strlen(g->key[i].name);

		if (!key_missing(r, &g->key[i]) || n + len + 2 > sizeof(text))
			continue;
		if (n > 0)
			text[n++] = ',';
		memcpy(text + n, g->key[i].name, len);
		n += len;
	}
	return arena_dup(w->out, (struct slice){ text, n });
}

/* --- the message --- */

static void
trace_count(const struct trace *t, const struct record *r, struct claim_leg *c)
{
	const struct value *function = record_get(r->root, "function");

	for (uint32_t i = 0; i < t->n; i++) {
		c->items += t->entry[i].value != NULL;
		c->tells |= function != NULL && t->entry[i].value == function;
	}
}

/* --- files that go along --- */

static bool
is_packed(const struct zip_entry *e, struct slice name)
{
	while (e != NULL && !slice_eq(zip_name_last(e->name), name))
		e = e->next;
	return e != NULL;
}

/* The next attached document that has a file's name. */
bool
file_next(const struct record *r, struct file_named *f)
{
	const struct element *el =
	    group_element(r->root->group, SLICE_LIT("attachment"));
	const struct element *id =
	    el == NULL || el->type != EL_GROUP
		? NULL
		: group_element(el->group, SLICE_LIT("id"));

	if (id == NULL)
		return false;
	f->el = id;
	f->node =
	    f->node == NULL ? r->root->slot[el->slot].node : f->node->next;
	while (f->node != NULL && f->node->slot[id->slot].value == NULL)
		f->node = f->node->next;
	if (f->node == NULL)
		return false;
	f->id = f->node->slot[id->slot].value;
	return true;
}

/* It becomes part of a name in folders and packages of others. */
static bool
is_plain_name(struct slice name)
{
	if (name.len == 0 || name.len > FILE_NAME_MAX || name.p[0] == '.')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] == '/' || name.p[i] == '\\' ||
		    (unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
			return false;
	return true;
}

/* With one of the filer's endings; others come another way. */
enum file_is
file_kind(const struct conf_partner *filer, const struct zip_entry *packed,
    struct slice name)
{
	if (!conf_is_attachment(filer, name))
		return FILE_OTHER;
	if (!is_plain_name(name))
		return FILE_UNSAFE;
	return is_packed(packed, name) ? FILE_PACKED : FILE_BESIDE;
}

/* In its package or beside the message, unless it wants none. */
static bool
takes_files(
    const struct conf *conf, const struct leg_plan *plan, const char *document)
{
	const struct conf_partner *p =
	    conf_partner(conf, slice_of(plan->partner));

	for (unsigned int i = 0; p != NULL && i < p->nsubmit; i++)
		if (strcmp(p->submit[i].format, plan->format) == 0 &&
		    strcmp(p->submit[i].document, document) == 0)
			return !p->submit[i].bare;
	return false;
}

static bool
is_listed(struct slice list, struct slice name)
{
	while (list.len > 0)
		if (slice_eq(slice_cut(&list, '\n'), name))
			return true;
	return false;
}

struct slice
work_files(const struct work_files *in, const struct record *r,
    const struct zip_entry *packed, struct arena *mem)
{
	struct slice out;
	struct buf b;

	buf_init(&b, CLAIM_TEXT_MAX);
	for (struct file_named f = { .node = NULL }; file_next(r, &f);) {
		if (file_kind(in->filer, packed, f.id->text) != in->kind ||
		    is_listed(buf_look(&b), f.id->text))
			continue;
		if (b.len > 0)
			buf_byte(&b, '\n');
		buf_slice(&b, f.id->text);
	}
	out = arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

static void
files_fill(
    const struct leg_write *l, const struct record *r, struct claim_leg *c)
{
	struct work_files packed = { l->filer, FILE_PACKED },
			  beside = { l->filer, FILE_BESIDE };

	c->attach = work_files(&packed, r, l->f->packed, l->w->out);
	c->beside = work_files(&beside, r, l->f->packed, l->w->out);
}

/* To an agency that wants none they do not go: the filer is told. */
static void
files_left(const struct leg_write *l, const struct record *r)
{
	for (struct file_named f = { .node = NULL }; file_next(r, &f);) {
		struct finding *x;
		char path[300];

		if (file_kind(l->filer, l->f->packed, f.id->text) < FILE_PACKED)
			continue;
		x = finding_add(l->f->findings, FIND_FILE_LEFT,
		    slice_of(record_path(f.node, f.el, path, sizeof(path))),
		    SLICE_LIT(""), f.id->text, slice_of(l->plan->partner));
		x->text_at = f.id->at;
		x->text_span = f.id->span;
	}
	if (l->f->text != NULL)
		text_place_all(l->f->text, l->f->findings);
}

static enum rc
message_write(const struct leg_write *l, struct record *record,
    const struct plan *plan, struct claim_leg *c, struct err *err)
{
	struct work *w = l->w;
	struct trace trace = { .n = 0 };
	struct write_out out = { .body = &w->body, .trace = &trace };
	struct write_in in = {
		.plan = plan, .record = &record, .nrecords = 1, .now = l->now
	};
	char alias[ID_TEXT];
	enum rc rc;

	in.alias = slice_of(id_print(c->id, alias));
	buf_reset(&w->body);
	rc = pipeline_write(&in, l->f->text, &out, w->out, l->f->findings, err);
	if (rc != RC_OK)
		return rc;
	buf_reset(&w->text);
	work_trace(w, &trace, record, l->f->text, &w->text);
	trace_count(&trace, record, c);
	c->edition = slice_of(plan->name);
	c->file_name = leg_file(w, plan, out.file_name, c->id);
	c->body = buf_look(&w->body);
	c->trace = buf_look(&w->text);
	c->segments = out.segments;
	written_keys(w, &out, c);
	return RC_OK;
}

static uint32_t
day_of(struct slice text)
{
	uint32_t day = 0;
	unsigned int digits = 0;

	for (size_t i = 0; i < text.len && digits < 8; i++)
		if (text.p[i] >= '0' && text.p[i] <= '9') {
			day = day * 10 + (uint32_t)(text.p[i] - '0');
			digits++;
		} else if (text.p[i] != '-') {
			break;
		}
	return digits == 8 ? day : 0;
}

/* The document's own date says which edition; without one the moment does. */
static uint32_t
leg_day(const struct leg_write *l)
{
	const struct node *root = l->f->record->root;
	const struct element *e = root->group->dated;
	const struct value *v = e == NULL ? NULL : root->slot[e->slot].value;
	uint32_t day = v == NULL ? 0 : day_of(v->text);

	return day != 0 ? day : day_of(l->now);
}

enum rc
work_leg(const struct leg_write *l, struct buf *out, struct err *err)
{
	struct work *w = l->w;
	struct claim claim = { .kind = CLAIM_LEG };
	struct claim_leg *c = &claim.u.leg;
	const struct plan *plan = pipeline_format(w->pipeline, l->plan->format);
	struct record *record;
	enum rc rc = RC_OK;

	if (plan == NULL)
		return err_set(
		    err, RC_BROKEN, "no format '%s'", l->plan->format);
	*c = (struct claim_leg){ .filing = l->f->number,
		.id = l->id,
		.name = l->plan->name,
		.agency = slice_of(l->plan->partner),
		.format = slice_of(l->plan->format),
		.lane = l->lane,
		.waits = l->plan->waits,
		.waits_for = l->plan->waits_for,
		.wait_ms = l->plan->wait_ms,
		.wait_ends = l->plan->wait_ends,
		.gates = l->plan->gates,
		.together = l->f->nlegs > 1 || l->plan->waits };
	plan = pipeline_edition(w->pipeline, plan, leg_day(l));
	known_fill(l, l->f->record);
	record = leg_view(
	    pipeline_rules(w->pipeline), l->f->record, l->plan->name, w->out);
	if (record == NULL)
		return err_set(err, RC_LATER, "no memory for a leg");
	c->wants = wants_of(w, record);
	if (c->together)
		rc = work_seen_digest(w, record->root, c->content, err);
	if (takes_files(w->conf, l->plan, record->root->group->name))
		files_fill(l, record, c);
	else
		files_left(l, record);
	if (rc == RC_OK && !c->waits)
		rc = message_write(l, record, plan, c, err);
	if (rc == RC_OK)
		claim_put(out, &claim);
	return rc;
}

/*
 * daemon/pipeline.c - the stages in their order, opened once. Trusts the
 * mappings that were checked when loaded; nothing in an arrival. Called by the
 * convert role and by `entrepot convert`.
 */
#include "src/daemon/pipeline_parts.h"
#include "src/envelope/zip.h"
#include "src/format/version.h"
#include "src/read/read.h"
#include "src/syntax/edifact.h"
#include "src/syntax/json.h"
#include "src/syntax/xml.h"
#include <stdio.h>
#include <stdlib.h>

#define SMALL_TEXT                                                             \
	((size_t)64 << 10) /* its tree may stay while its filings go */

static void
plan_add(struct pipeline *p, const struct plan *plan)
{
	if (p->nplans == PIPELINE_PLANS)
		return;
	p->filing[plan->number] = read_filing_line(plan);
	p->plan[p->nplans++] = plan;
}

/* Editions first: where both could read a message the stricter one does. */
static void
plans_sort_out(struct pipeline *p)
{
	const struct plan *plan;

	p->transmission = directory_document(
	    formats_directory(p->formats), SLICE_LIT("transmission"));
	for (unsigned int i = 0; (plan = format_nth(p->formats, i)) != NULL;
	     i++) {
		if (plan->document != p->transmission) {
			if (plan->edition_of != NULL)
				plan_add(p, plan);
		} else if (plan->syntax == SYN_EDIFACT) {
			p->interchange = plan;
		}
	}
	for (unsigned int i = 0; (plan = format_nth(p->formats, i)) != NULL;
	     i++)
		if (plan->document != p->transmission &&
		    plan->edition_of == NULL)
			plan_add(p, plan);
}

static enum rc
service_find(struct pipeline *p, struct err *err)
{
	struct wire_tables *tables = formats_tables(p->formats);

	if (p->interchange == NULL)
		return RC_OK;
	p->service.three = wire_table_find(tables, SLICE_LIT("service:3"), err);
	if (p->service.three != NULL)
		p->service.four =
		    wire_table_find(tables, SLICE_LIT("service:4"), err);
	return p->service.four == NULL ? RC_REFUSED : RC_OK;
}

enum rc
pipeline_open(struct pipeline **out, const char *mappings,
    struct complaints *to, struct err *err)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	char path[4096], version[DIGEST_TEXT];
	enum rc rc;

	if (p == NULL)
		return err_set(err, RC_LATER, "no memory for the formats");
	rc = formats_load(&p->formats, mappings, to, err);
	(void)snprintf(path, sizeof(path), "%s/rules", mappings);
	if (rc == RC_OK)
		rc = rules_load(&p->rules, path, p->formats, to, err);
	/* A file that changed since it was read would make the version lie. */
	if (rc == RC_OK)
		rc = mappings_version(mappings, NULL, NULL, version, err);
	if (rc == RC_OK && strcmp(version, formats_version(p->formats)) != 0)
		rc = err_set(err, RC_LATER,
		    "the mappings in '%s' changed while they were read",
		    mappings);
	if (rc == RC_OK) {
		plans_sort_out(p);
		rc = service_find(p, err);
	}
	if (rc == RC_OK) {
		rc = identify_new(&p->identify, p->plan, p->nplans, err);
	}
	if (rc != RC_OK) {
		pipeline_free(p);
		return rc;
	}
	*out = p;
	return RC_OK;
}

void
pipeline_free(struct pipeline *p)
{
	if (p == NULL)
		return;
	identify_free(p->identify);
	rules_free(p->rules);
	formats_free(p->formats);
	free(p);
}

const struct formats *
pipeline_formats(const struct pipeline *p)
{
	return p->formats;
}

const struct rules *
pipeline_rules(const struct pipeline *p)
{
	return p->rules;
}

const struct plan *
pipeline_format(const struct pipeline *p, const char *name)
{
	for (unsigned int i = 0; i < p->nplans; i++)
		if (strcmp(p->plan[i]->name, name) == 0)
			return p->plan[i];
	return NULL;
}

const struct plan *
pipeline_edition(
    const struct pipeline *p, const struct plan *base, uint32_t day)
{
	const struct plan *best = base;

	for (unsigned int i = 0; i < p->nplans; i++) {
		const struct plan *e = p->plan[i];

		if (e->edition_of != NULL && e->from <= day &&
		    strcmp(e->edition_of, base->name) == 0 &&
		    (best == base || e->from > best->from))
			best = e;
	}
	return best;
}

static void
plan_allow(struct passage *x, const struct plan **list, const struct plan *plan)
{
	if (x->turn[plan->number] > 0)
		return;
	list[x->nmay++] = plan;
	x->turn[plan->number] = (uint16_t)x->nmay;
}

/* Whoever may send a format may send its editions. */
static enum rc
accept_resolve(struct passage *x)
{
	const struct arrival *a = x->a;
	const struct pipeline *p = x->p;
	const struct plan **list;

	x->may = p->plan;
	x->nmay = p->nplans;
	if (a->naccept == 0)
		return RC_OK;
	list = arena_get(x->mem, PIPELINE_PLANS * sizeof(*list));
	x->turn = arena_get(x->mem, PIPELINE_PLANS * sizeof(*x->turn));
	if (list == NULL || x->turn == NULL)
		return err_set(x->err, RC_LATER, "no memory for the arrival");
	x->may = list;
	x->nmay = 0;
	for (unsigned int i = 0; i < a->naccept && i < PIPELINE_PLANS; i++) {
		const struct plan *plan = pipeline_format(p, a->accept[i]);

		if (plan == NULL)
			return err_set(
			    x->err, RC_REFUSED, "no format '%s'", a->accept[i]);
		for (unsigned int k = 0; k < p->nplans; k++)
			if (p->plan[k]->edition_of != NULL &&
			    strcmp(p->plan[k]->edition_of, plan->name) == 0)
				plan_allow(x, list, p->plan[k]);
		plan_allow(x, list, plan);
	}
	return RC_OK;
}

/* Both lists in one, the second's first. */
static void
findings_join(struct findings *to, struct findings *first)
{
	if (first->first == NULL)
		return;
	first->last->next = to->first;
	if (to->last == NULL)
		to->last = first->last;
	to->first = first->first;
	to->n += first->n;
	to->errors += first->errors;
	to->warnings += first->warnings;
	to->hints += first->hints;
	to->dropped += first->dropped;
	findings_init(first, first->mem);
}

static void
count_move(struct findings *from, struct findings *to, const struct finding *f)
{
	from->n--;
	from->errors -= f->severity == SEV_ERROR;
	from->warnings -= f->severity == SEV_WARNING;
	from->hints -= f->severity == SEV_HINT;
	to->n++;
	to->errors += f->severity == SEV_ERROR;
	to->warnings += f->severity == SEV_WARNING;
	to->hints += f->severity == SEV_HINT;
}

/* What the syntax said of places up to `upto` goes with this filing. */
static void
said_take(struct passage *x, uint32_t upto, struct findings *out)
{
	struct finding **at = &x->said->first, *f, *last = NULL;

	findings_init(out, x->mem);
	while ((f = *at) != NULL) {
		if (f->text_at >= upto) {
			last = f;
			at = &f->next;
			continue;
		}
		*at = f->next;
		f->next = NULL;
		if (out->last == NULL)
			out->first = f;
		else
			out->last->next = f;
		out->last = f;
		count_move(x->said, out, f);
	}
	x->said->last = last;
}

/* Lines and columns are not wanted here, and cost a walk. */
static uint64_t
raw_at(const struct text *t, uint32_t at)
{
	struct place p;

	if (t->map == NULL)
		return at + (uint64_t)(t->raw.len - t->utf8.len);
	text_place(t, at, 0, &p);
	return p.at;
}

static enum rc
filing_call(struct passage *x, struct record *record, struct findings *found,
    uint32_t at, uint32_t span)
{
	uint64_t from = raw_at(&x->text, at);
	struct filing f = { .number = ++x->number,
		.plan = x->plan,
		.record = record,
		.findings = found,
		.text = &x->text,
		.legs = x->leg,
		.nlegs = record == NULL ? 0 : x->nlegs,
		.packed = x->a->packed,
		.interchange = x->interchange,
		.message = x->message };

	text_place_all(&x->text, found);
	f.at = from;
	f.span = raw_at(&x->text, at + span) - from;
	x->answer = x->fn(x->arg, &f, x->err);
	if (x->a->reading != NULL && x->answer == RC_OK)
		*x->a->reading = 0;
	return x->answer;
}

/*
 * Of a table with a row that cannot be read not all items are known: what rules
 * say of their number and sums would be noise.
 */
static bool
is_whole(const struct passage *x, const struct findings *found)
{
	const struct finding *f = found->first;

	while (f != NULL && f->kind != FIND_SYNTAX)
		f = f->next;
	return x->plan->syntax != SYN_CSV || f == NULL;
}

static const struct element *
element_at(const struct group *g, const char *path)
{
	struct slice rest = slice_of(path);
	const struct element *e = NULL;

	while (g != NULL && rest.len > 0) {
		e = group_element(g, slice_cut(&rest, '.'));
		g = e == NULL ? NULL : e->group;
	}
	return rest.len == 0 ? e : NULL;
}

static void
presets_fill(const struct passage *x, struct record *record)
{
	for (unsigned int i = 0; i < x->a->npresets; i++) {
		const struct arrival_default *d = &x->a->preset[i];
		const struct element *e =
		    element_at(record->root->group, d->path);
		struct value *v;

		if (e == NULL || record_get(record->root, d->path) != NULL)
			continue;
		v = record_set(record, record->root, d->path, d->text);
		if (v == NULL)
			continue;
		v->flags = VALUE_SET;
		if (e->type == EL_CODE)
			v->row = code_find(e->list, d->text, 0);
	}
}

/* Routes of this document; test filings meet only routes that say so. */
static void
legs_find(struct passage *x, struct record *record, struct findings *found)
{
	const struct value *test =
	    record->transmission == NULL
		? NULL
		: record_get(record->transmission, "test");
	bool testing = test != NULL && slice_is(test->text, "yes");
	struct slice none = { NULL, 0 };
	struct route *route =
	    arena_get(record->mem, (x->a->nroutes + 1) * sizeof(*route));
	uint32_t *place =
	    arena_get(record->mem, (x->a->nroutes + 1) * sizeof(*place));
	unsigned int n = 0;

	x->nlegs = 0;
	if (route == NULL || place == NULL)
		return; /* the arena has failed: nothing of it is believed */
	for (unsigned int i = 0; i < x->a->nroutes; i++) {
		const struct arrival_route *r = &x->a->route[i];

		if (strcmp(r->document, record->root->group->name) != 0 ||
		    (testing && !r->test))
			continue;
		place[n] = i;
		route[n++] = (struct route){ r->partner, r->format };
	}
	x->nlegs = legs_plan(x->p->rules, record, route, n, x->leg);
	for (unsigned int i = 0; i < x->nlegs; i++)
		x->leg[i].route = place[x->leg[i].route];
	if (x->nlegs <= LEGS_MAX)
		return;
	x->nlegs = LEGS_MAX;
	(void)finding_add(found, FIND_LEGS_MANY, none, none,
	    slice_of(record->root->group->name), SLICE_LIT("32"));
}

static void
record_check(struct passage *x, struct record *record, struct findings *found)
{
	const char *legs[LEGS_MAX];
	unsigned int n = 0;

	presets_fill(x, record);
	rules_set(x->p->rules, record, NULL);
	legs_find(x, record, found);
	for (unsigned int i = 0; i < x->nlegs; i++) {
		legs[n] = arena_str(record->mem, x->leg[i].name);
		n += legs[n] != NULL;
	}
	check_record(x->p->rules, record, legs, n, found);
}

enum rc
filing_pass(void *arg, struct record *record, struct findings *found,
    uint32_t at, uint32_t span)
{
	struct passage *x = arg;
	struct findings said;
	enum rc rc;

	said_take(x, at + span, &said);
	findings_join(found, &said);
	findings_merge(found);
	x->nlegs = 0;
	if (record != NULL && !x->a->unchecked && is_whole(x, found))
		record_check(x, record, found);
	rc = filing_call(x, record, found, at, span);
	if (x->filing_mem != NULL && !x->tree_in_filing)
		arena_rewind(x->filing_mem);
	return rc;
}

enum rc
filing_refused(struct passage *x, uint32_t at, uint32_t span)
{
	struct findings *said = arena_get(x->mem, sizeof(*said));

	if (said == NULL)
		return err_set(x->err, RC_LATER, "no memory for the arrival");
	findings_init(said, x->mem);
	findings_join(said, x->said);
	return filing_call(x, NULL, said, at, span);
}

struct arena *
tree_memory(struct passage *x, bool single)
{
	x->tree_in_filing =
	    x->filing_mem != NULL && (single || x->text.utf8.len <= SMALL_TEXT);
	if (!x->tree_in_filing)
		return x->mem;
	arena_rewind(x->filing_mem);
	return x->filing_mem;
}

/* What the envelope said is each message's; what UNH adds is only its own. */
static struct node *
transmission_own(const struct passage *x, struct arena *mem)
{
	const struct node *all = x->transmission;
	struct node *mine =
	    all == NULL ? NULL : node_new(mem, all->group, NULL);

	if (mine != NULL)
		memcpy(mine->slot, all->slot,
		    all->group->nslots * sizeof(mine->slot[0]));
	return mine;
}

enum rc
tree_pass(struct passage *x, struct wnode *tree)
{
	struct read_in in = { .plan = x->plan,
		.dir = formats_directory(x->p->formats),
		.text = &x->text,
		.tree = tree,
		.file_name = x->a->file_name,
		.base_year = x->a->base_year,
		.filing_known = true,
		.keep = x->mem };
	struct arena *mem = x->filing_mem == NULL ? x->mem : x->filing_mem;
	enum rc rc;

	in.filing = x->p->filing[x->plan->number];
	/* A table or a list is one tree of many; others were asked before. */
	if (x->plan->syntax == SYN_CSV || x->plan->syntax == SYN_JSON)
		in.skip = filing_left_out;
	in.transmission = transmission_own(x, mem);
	rc = read_filings(&in, mem, filing_pass, x, x->err);

	/* fn has heard that the tree does not fit: for the caller all is well
	 */
	return rc == RC_REFUSED && x->answer == RC_OK ? RC_OK : rc;
}

/* Candidates in order: what the text says of itself, then the formats'. */
enum rc
arrival_decode(struct passage *x, enum syntax_kind syntax, struct slice label)
{
	enum encoding all[ENC_KINDS + PLAN_ENCODINGS];
	unsigned int n = 0;
	int said = label.len == 0 ? -1 : encoding_find(label);
	struct err why;

	/* What UNB says of itself is worth a hint and no more. */
	if (said >= 0 && syntax != SYN_EDIFACT)
		all[n++] = (enum encoding)said;
	for (unsigned int i = 0; i < x->nmay && n < ENC_KINDS; i++) {
		if (x->may[i]->syntax != syntax)
			continue;
		for (uint8_t k = 0; k < x->may[i]->nencodings; k++) {
			bool known = false;

			for (unsigned int j = 0; j < n; j++)
				known |= all[j] == x->may[i]->encoding[k];
			if (!known && n < ENC_KINDS)
				all[n++] = x->may[i]->encoding[k];
		}
	}
	if (n == 0)
		all[n++] = ENC_UTF8;
	return text_decode(
	    &x->text, x->a->raw, all, n, label, x->mem, x->said, &why);
}

bool
filing_left_out(void *arg)
{
	struct passage *x = arg;
	const struct arrival *a = x->a;

	if (a->only != 0 && a->only != x->number + 1) {
		x->number++;
		return true;
	}
	for (unsigned int i = 0; i < a->nskip; i++)
		if (a->skip[i] == x->number + 1) {
			x->number++;
			return true;
		}
	if (a->reading != NULL)
		*a->reading = x->number + 1;
	return false;
}

enum rc
bytes_pass(struct passage *x)
{
	struct slice none = { NULL, 0 };
	enum syntax_kind syntax;

	x->text.raw = x->text.utf8 = x->a->raw;
	x->interchange = NULL;
	x->message = NULL;
	if (slice_trim(x->a->raw).len == 0) {
		(void)finding_add(x->said, FIND_EMPTY, none, none, none, none);
		return filing_refused(x, 0, 0);
	}
	syntax = identify_syntax(x->a->raw);
	if (syntax == SYN_EDIFACT)
		return edifact_pass(x);
	if (syntax == SYN_JSON)
		return json_pass(x);
	if (syntax == SYN_CSV)
		return csv_pass(x);
	return filing_left_out(x) ? RC_OK : xml_pass(x);
}

enum rc
pipeline_arrival(const struct pipeline *p, const struct arrival *a,
    struct arena *mem, struct arena *filing_mem, filing_fn *fn, void *arg,
    struct err *err)
{
	struct passage *x = arena_get(mem, sizeof(*x));
	enum rc rc;

	err->text[0] = '\0';
	if (x == NULL || (x->said = arena_get(mem, sizeof(*x->said))) == NULL)
		return err_set(err, RC_LATER, "no memory for the arrival");
	*x = (struct passage){ .p = p,
		.a = a,
		.mem = mem,
		.filing_mem = filing_mem,
		.said = x->said,
		.fn = fn,
		.arg = arg,
		.err = err };
	findings_init(x->said, mem);
	rc = accept_resolve(x);
	if (rc != RC_OK)
		return rc;
	return zip_probe(a->raw) ? zip_pass(x) : bytes_pass(x);
}

enum rc
pipeline_write(const struct write_in *in, const struct text *text,
    struct write_out *out, struct arena *mem, struct findings *found,
    struct err *err)
{
	enum rc rc = write_message(in, out, mem, found, err);

	if (text != NULL)
		text_place_all(text, found);
	return rc;
}

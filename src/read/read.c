/*
 * read/read.c - a tree of the wire is read once for each filing in it. Trusts
 * the plan; nothing in the tree. Called by the convert pipeline.
 */
#include "src/read/reader.h"
#include "src/format/guard.h"
#include <stdio.h>

/* Lines from the root to the one that says `filing`. */
#define FILING_DEPTH 12

/* One filing's nodes among their siblings. */
struct occurrence {
	struct occurrence *next;
	struct wnode *first, *last; /* equal but for rows brought together */
	struct wnode *before;       /* the sibling in front that stays; NULL */
	struct wnode *parent;
};

struct splitter {
	const struct line *chain[FILING_DEPTH];
	int depth; /* chain[depth - 1] is the filing line */
	struct arena *mem;
	struct occurrence *first, **end;
	uint32_t n;
};

static const struct line *
filing_line(const struct line *parent)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		const struct line *deeper;

		if (l->filing && l->read)
			return l;
		deeper = filing_line(l);
		if (deeper != NULL)
			return deeper;
	}
	return NULL;
}

const struct line *
read_filing_line(const struct plan *plan)
{
	return filing_line(plan->root);
}

static bool
chain_make(struct splitter *sp, const struct line *root, const struct line *l)
{

	for (const struct line *x = l; x != NULL && x != root; x = x->parent)
		sp->depth++;
	if (l == NULL || sp->depth > FILING_DEPTH)
		return false;
	for (int i = sp->depth - 1; i >= 0; i--, l = l->parent)
		sp->chain[i] = l;
	return true;
}

static void
occurrence_add(struct splitter *sp, struct wnode *parent, struct wnode *first,
    struct wnode *last, struct wnode *before)
{
	struct occurrence *o = arena_get(sp->mem, sizeof(*o));

	if (o == NULL)
		return;
	*o = (struct occurrence){ NULL, first, last, before, parent };
	*sp->end = o;
	sp->end = &o->next;
	sp->n++;
}

/* Take the filings' nodes out of w's children; the others stay linked. */
static void
split_here(struct splitter *sp, const struct line *l, struct wnode *w)
{
	struct wnode *kept = NULL, *next;

	if (l->virtual_)
		gather(l, w, sp->mem);
	for (struct wnode *c = w->child; c != NULL; c = next) {
		struct wnode *last = c;
		bool mine = l->virtual_ ? line_first(l, c->tag) != NULL
					: line_takes(l, c);

		if (mine && l->virtual_)
			last = group_end(l, c);
		next = last->next;
		if (mine) {
			occurrence_add(sp, w, c, last, kept);
			if (kept == NULL)
				w->child = next;
			else
				kept->next = next;
			last->next = NULL;
		} else {
			kept = c;
		}
	}
}

static void
split_below(struct splitter *sp, int i, struct wnode *w)
{
	if (i + 1 == sp->depth) {
		split_here(sp, sp->chain[i], w);
		return;
	}
	for (struct wnode *c = w->child; c != NULL; c = c->next)
		if (line_takes(sp->chain[i], c))
			split_below(sp, i + 1, c);
}

static void
occurrence_show(struct occurrence *o)
{
	struct wnode **at =
	    o->before == NULL ? &o->parent->child : &o->before->next;

	o->last->next = *at;
	*at = o->first;
}

static void
occurrence_hide(struct occurrence *o)
{
	struct wnode **at =
	    o->before == NULL ? &o->parent->child : &o->before->next;

	*at = o->last->next;
	o->last->next = NULL;
}

static bool
reader_init(struct reader *r, const struct read_in *in, struct arena *mem)
{
	memset(r, 0, sizeof(*r));
	r->in = in;
	r->plan = in->plan;
	r->forward =
	    in->plan->syntax == SYN_EDIFACT || in->plan->syntax == SYN_X12 ||
	    in->plan->syntax == SYN_FLAT || in->plan->syntax == SYN_FIXED;
	r->mem = mem;
	r->record = arena_get(mem, sizeof(*r->record));
	r->found = arena_get(mem, sizeof(*r->found));
	r->tally = arena_get(mem, (in->plan->nlines + 1) * sizeof(*r->tally));
	r->waiting_end = &r->waiting;
	r->ending_end = &r->ending;
	r->run_end = &r->run;
	if (arena_failed(mem) || r->record == NULL || r->found == NULL ||
	    r->tally == NULL)
		return false;
	findings_init(r->found, mem);
	r->found->document = in->plan->document;
	r->record->mem = mem;
	r->record->dir = in->dir;
	r->record->transmission = in->transmission;
	r->record->root = node_new(mem, in->plan->document, NULL);
	return r->record->root != NULL;
}

/* The envelope's own document is the transmission itself. */
static void
transmission_is_root(struct reader *r)
{
	if (strcmp(r->plan->document->name, "transmission") == 0)
		r->record->transmission = r->record->root;
}

/* What was read is not marked any more. */
static void
tree_unread(struct wnode *w)
{
	for (; w != NULL; w = w->next) {
		w->used = false;
		tree_unread(w->child);
	}
}

static enum rc
filing_lines(struct reader *r, const struct read_in *in, struct arena *mem,
    uint32_t number, const struct line *filing, uint32_t at, uint32_t span,
    uint32_t day, struct err *err)
{
	struct node *here;

	if (!reader_init(r, in, mem))
		return err_set(err, RC_LATER, "no room for the filing");
	r->day = day;
	transmission_is_root(r);
	here = r->record->root;
	here->at = at;
	here->span = span;
	if (in->plan->each.nsteps > 0) {
		const struct path *p = &in->plan->each;

		here = bind_where(r, p, here);
		if (here != NULL)
			here = node_add(mem, here, p->step[p->nsteps - 1]);
		if (here == NULL)
			return err_set(err, RC_LATER, "no room for the filing");
	}
	if (filing != NULL && filing->most > 0 && number > filing->most) {
		struct spot s = { filing, in->tree, here, NULL };
		char found[16], wanted[16];

		(void)snprintf(found, sizeof(found), "%u", (unsigned)number);
		(void)snprintf(
		    wanted, sizeof(wanted), "%u", (unsigned)filing->most);
		(void)complain(r, FIND_TOO_MANY, &s, NULL,
		    arena_dup(mem, slice_of(found)), wanted);
	}
	lines_read(r, in->plan->root, in->tree, here);
	lines_finish(r);
	/*
	 * A reply's row without a finding is no finding. (An item of which
	 * nothing is known keeps its place: its row was broken.)
	 */
	if (in->plan->syntax == SYN_CSV && in->plan->about != NULL)
		node_prune(r->record->root);
	if (in->file_name.len > 0 && in->plan->nfiles > 0)
		pattern_file(r, r->record->root, in->file_name);
	if (arena_failed(mem))
		return err_set(
		    err, RC_LATER, "the filing needs more memory than it may");
	return RC_OK;
}

/* Twice, where codes were read whose rows hold for a time, before the date that
 * selects them: rarely, and no reader has to know what is still to come. */
static enum rc
filing_read(const struct read_in *in, struct arena *mem, uint32_t number,
    const struct line *filing, read_fn *fn, void *arg, uint32_t at,
    uint32_t span, struct err *err)
{
	struct reader r;
	enum rc rc =
	    filing_lines(&r, in, mem, number, filing, at, span, 0, err);
	uint32_t day = rc == RC_OK && r.undated ? record_day(r.record) : 0;

	if (day != 0) {
		tree_unread(in->tree);
		rc = filing_lines(
		    &r, in, mem, number, filing, at, span, day, err);
	}
	return rc == RC_OK ? fn(arg, r.record, r.found, at, span) : rc;
}

static enum rc
filings_split(const struct read_in *in, struct splitter *sp, struct arena *mem,
    read_fn *fn, void *arg, struct err *err)
{
	const struct line *filing = sp->chain[sp->depth - 1];
	enum rc rc = RC_OK;
	uint32_t n = 0;

	for (struct occurrence *o = sp->first; o != NULL && rc == RC_OK;
	     o = o->next) {
		uint32_t at = o->first->at;

		n++;
		if (in->skip != NULL && in->skip(arg))
			continue;
		occurrence_show(o);
		rc = filing_read(in, mem, n, filing, fn, arg, at,
		    o->last->at + o->last->span - at, err);
		occurrence_hide(o);
	}
	return rc;
}

static enum rc
fits_not(const struct read_in *in, struct arena *mem, read_fn *fn, void *arg,
    struct err *err)
{
	struct reader r;
	const struct line *l = in->plan->root->child;
	struct wnode *w = in->tree->child != NULL ? in->tree->child : in->tree;
	struct spot s = { NULL, w, NULL, NULL };
	char wanted[200];
	size_t at;

	if (!reader_init(&r, in, mem))
		return err_set(err, RC_LATER, "no room for the filing");
	at = (size_t)snprintf(
	    wanted, sizeof(wanted), "%.*s", SLICE_ARG(l->name[0]));
	for (int i = 0; i < l->nguards && at < sizeof(wanted); i++)
		if (l->guard[i].kind == GUARD_IS)
			at += (size_t)snprintf(wanted + at, sizeof(wanted) - at,
			    " %.*s", SLICE_ARG(l->guard[i].constant[0]));
	(void)complain(&r, FIND_UNEXPECTED, &s, NULL, w->text, wanted);
	(void)fn(arg, NULL, r.found, in->tree->at, in->tree->span);
	return err_set(err, RC_REFUSED, "%.*s is not %s", SLICE_ARG(w->name),
	    in->plan->name);
}

enum rc
read_filings(const struct read_in *in, struct arena *mem, read_fn *fn,
    void *arg, struct err *err)
{
	struct splitter sp = { .mem = in->keep == NULL ? mem : in->keep };

	if (!plan_fits(in->plan, in->tree))
		return fits_not(in, mem, fn, arg, err);
	sp.end = &sp.first;
	if (chain_make(&sp, in->plan->root,
		in->filing_known ? in->filing : read_filing_line(in->plan)))
		split_below(&sp, 0, in->tree);
	if (sp.n == 0 && in->skip != NULL && in->skip(arg))
		return RC_OK;
	if (sp.n == 0)
		return filing_read(in, mem, 1, NULL, fn, arg, in->tree->at,
		    in->tree->span, err);
	return filings_split(in, &sp, mem, fn, arg, err);
}

/*
 * format/cond.c - conditions and expressions are evaluated.
 *
 * Pure; called by reader, writer and checks. A missing value makes every
 * comparison false, also "!=": who wants it otherwise says "absent or".
 */
#include "src/format/cond_tree.h"
#include "src/format/date.h"

#define CHINA_MINUTES 480 /* moments without a zone compare as Beijing time */

/* What an expression came to; text is valid as long as the record. */
struct result {
	struct slice text;
	struct decimal number;
	bool numeric;
	char room[DECIMAL_TEXT];
};

static bool expr_eval(
    const struct expr *, const struct scope *, struct result *);

static bool
result_text(struct result *r, struct slice text)
{
	r->text = text;
	r->numeric = decimal_parse(text, &r->number);
	return true;
}

static bool
result_number(struct result *r, const struct decimal *d)
{
	r->number = *d;
	r->numeric = true;
	r->text = (struct slice){ r->room, decimal_print(d, r->room) };
	return true;
}

/* ---- all values of a path, through repeated groups ---- */

typedef bool value_fn(void *arg, const struct value *, const struct node *);

/* Calls fn for each value, or node where the path is a group; stops at false.
 */
static bool
values_walk(const struct path *p, uint8_t step, const struct node *n,
    const struct scope *s, value_fn *fn, void *arg)
{
	const struct element *e = p->step[step];
	const struct node *m;

	if (e->type == EL_GROUP || e->type == EL_ABOUT) {
		for (m = n->slot[e->slot].node; m != NULL; m = m->next) {
			if (step + 1 == p->nsteps) {
				if (!fn(arg, NULL, m))
					return false;
			} else if (!values_walk(p, step + 1, m, s, fn, arg))
				return false;
		}
		return true;
	}
	for (const struct value *v = n->slot[e->slot].value; v != NULL;
	     v = v->next)
		if (!fn(arg, v, n))
			return false;
	return true;
}

static void
path_each(const struct path *p, const struct scope *s, value_fn *fn, void *arg)
{
	struct path first = { .base = p->base, .up = p->up };
	const struct node *n;

	if (p->base == PATH_LEG) {
		const struct value *v = path_value(p, s);

		if (v != NULL)
			fn(arg, v, NULL);
		return;
	}
	n = path_node(&first, s, NULL, false); /* the base alone */
	if (n == NULL)
		return;
	if (p->nsteps == 0)
		fn(arg, NULL, n);
	else
		values_walk(p, 0, n, s, fn, arg);
}

struct fold {
	enum expr_kind kind;
	uint32_t n;
	struct decimal total;
	bool any, failed;
};

static bool
fold_one(void *arg, const struct value *v, const struct node *n)
{
	struct fold *f = arg;
	struct decimal d;

	(void)n;
	f->n++;
	if (f->kind == EXPR_COUNT)
		return true;
	if (v == NULL || !decimal_parse(v->text, &d)) {
		f->failed = true;
		return false;
	}
	if (!f->any)
		f->total = d;
	else if (f->kind == EXPR_SUM)
		f->failed |= !decimal_add(&f->total, &f->total, &d);
	else if ((decimal_cmp(&d, &f->total) < 0) == (f->kind == EXPR_MIN))
		f->total = d;
	f->any = true;
	return !f->failed;
}

static bool
expr_fold(const struct expr *e, const struct scope *s, struct result *r)
{
	const struct path *p = choice_path(&e->choice, s);
	struct fold f = { .kind = e->kind };

	if (p == NULL)
		return false;
	path_each(p, s, fold_one, &f);
	if (e->kind == EXPR_COUNT)
		f.total = decimal_int(f.n);
	else if (f.failed || !f.any)
		return false;
	return result_number(r, &f.total);
}

static bool
expr_arith(const struct expr *e, const struct scope *s, struct result *r)
{
	struct result a, b;
	struct decimal d;
	bool ok;

	if (!expr_eval(e->a, s, &a) || !a.numeric)
		return false;
	if (e->kind == EXPR_ABS) {
		d = a.number;
		d.m = d.m < 0 ? -d.m : d.m;
		return result_number(r, &d);
	}
	if (!expr_eval(e->b, s, &b) || !b.numeric)
		return false;
	switch (e->kind) {
	case EXPR_ADD:
		ok = decimal_add(&d, &a.number, &b.number);
		break;
	case EXPR_SUB:
		ok = decimal_sub(&d, &a.number, &b.number);
		break;
	case EXPR_MUL:
		ok = decimal_mul(&d, &a.number, &b.number);
		break;
	default:
		ok = decimal_div(&d, &a.number, &b.number);
	}
	return ok && result_number(r, &d);
}

static bool
expr_eval(const struct expr *e, const struct scope *s, struct result *r)
{
	const struct path *p;
	const struct value *v;

	switch (e->kind) {
	case EXPR_PATH:
		p = choice_path(&e->choice, s);
		v = p == NULL ? NULL : path_value(p, s);
		return v != NULL && v->text.len > 0 && result_text(r, v->text);
	case EXPR_TEXT:
		return result_text(r, e->text);
	case EXPR_NUMBER:
		r->text = e->text;
		r->number = e->number;
		r->numeric = true;
		return true;
	case EXPR_COUNT:
	case EXPR_SUM:
	case EXPR_MIN:
	case EXPR_MAX:
		return expr_fold(e, s, r);
	default:
		return expr_arith(e, s, r);
	}
}

bool
expr_value(const struct expr *e, const struct scope *s, struct arena *mem,
    struct slice *out)
{
	struct result r;

	if (!expr_eval(e, s, &r))
		return false;
	*out = r.text.p == r.room ? arena_dup(mem, r.text) : r.text;
	return out->p != NULL;
}

/* ---- comparing ---- */

static bool
time_cmp(struct slice a, struct slice b, int *out)
{
	struct moment x, y;
	size_t n = a.len < b.len ? a.len : b.len;

	/* a day against a moment: what both of them say decides */
	if (n == 10 && a.len >= 10 && b.len >= 10) {
		*out = memcmp(a.p, b.p, 10);
		return true;
	}
	if (!moment_parse(a, &x) || !moment_parse(b, &y))
		return false;
	int64_t d = moment_ms(&x, CHINA_MINUTES) - moment_ms(&y, CHINA_MINUTES);

	*out = (d > 0) - (d < 0);
	return true;
}

static bool
relation_holds(enum relation rel, int cmp)
{
	switch (rel) {
	case REL_EQ:
		return cmp == 0;
	case REL_NE:
		return cmp != 0;
	case REL_LT:
		return cmp < 0;
	case REL_LE:
		return cmp <= 0;
	case REL_GT:
		return cmp > 0;
	default:
		return cmp >= 0;
	}
}

/* "= a|b": one of them; "!= a|b": none of them. */
static bool
result_compare(
    const struct cond *c, const struct result *left, const struct scope *s)
{
	bool any = false;

	for (uint8_t i = 0; i < c->nright; i++) {
		struct result right;
		bool holds;
		int cmp;

		if (!expr_eval(c->right[i], s, &right))
			return false;
		if (c->as == AS_NUMBER) {
			if (!left->numeric || !right.numeric)
				return false;
			cmp = decimal_cmp(&left->number, &right.number);
		} else if (c->as == AS_TIME) {
			if (!time_cmp(left->text, right.text, &cmp))
				return false;
		} else
			cmp = slice_cmp(left->text, right.text);
		holds = relation_holds(c->relation, cmp);
		if (c->relation == REL_NE && !holds)
			return false;
		any |= holds;
	}
	return any;
}

static bool
value_true(const struct value *v)
{
	return v != NULL && v->text.len > 0 && !slice_is(v->text, "no");
}

struct quantor {
	const struct cond *c;
	const struct scope *s;
	uint32_t n, holding;
};

static bool
quantor_one(void *arg, const struct value *v, const struct node *n)
{
	struct quantor *q = arg;
	bool holds;

	(void)n;
	q->n++;
	if (!q->c->compared) {
		holds = v == NULL || value_true(v);
	} else {
		struct result left;

		holds = v != NULL && v->text.len > 0 &&
			result_text(&left, v->text) &&
			result_compare(q->c, &left, q->s);
	}
	q->holding += holds;
	return true;
}

static bool
choice_present(const struct choice *choice, const struct scope *s)
{
	const struct path *p = choice_path(choice, s);
	const struct element *e;
	const struct node *n;

	if (p == NULL)
		return false;
	if (p->base == PATH_LEG || p->nsteps == 0)
		return path_value(p, s) != NULL;
	n = path_node(p, s, NULL, false);
	e = p->step[p->nsteps - 1];
	if (n == NULL)
		return false;
	if (e->type == EL_GROUP || e->type == EL_ABOUT)
		return n->slot[e->slot].node != NULL;
	return n->slot[e->slot].value != NULL &&
	       n->slot[e->slot].value->text.len > 0;
}

static bool
cond_quantor(const struct cond *c, const struct scope *s)
{
	const struct path *p = choice_path(&c->choice, s);
	struct quantor q = { .c = c, .s = s };

	if (p != NULL)
		path_each(p, s, quantor_one, &q);
	if (c->kind == COND_ANY)
		return q.holding > 0;
	if (c->kind == COND_NO)
		return q.holding == 0;
	return q.holding == q.n;
}

bool
cond_holds(const struct cond *c, const struct scope *s)
{
	struct result left;
	const struct path *p;

	switch (c->kind) {
	case COND_AND:
		return cond_holds(c->a, s) && cond_holds(c->b, s);
	case COND_OR:
		return cond_holds(c->a, s) || cond_holds(c->b, s);
	case COND_NOT:
		return !cond_holds(c->a, s);
	case COND_COMPARE:
		return expr_eval(c->left, s, &left) &&
		       result_compare(c, &left, s);
	case COND_PRESENT:
		return choice_present(&c->choice, s);
	case COND_ABSENT:
		return !choice_present(&c->choice, s);
	case COND_TRUE:
		p = choice_path(&c->choice, s);
		return p != NULL && value_true(path_value(p, s));
	case COND_LEG:
		return s->leg_planned != NULL && s->leg_planned(s->arg, c->leg);
	case COND_TARGET:
		return s->target == NULL || path_value(s->target, s) == NULL;
	default:
		return cond_quantor(c, s);
	}
}

/*
 * format/cond_print.c - conditions in words again, and what a set of them
 * leaves open. Called by the questions of entrepot map.
 */
#include <stdlib.h>
#include "src/format/bound.h"
#include "src/format/cond_tree.h"

#define ATOMS_MAX 12 /* 4,096 cases; formats have three or four */
#define CASES_MAX 6  /* that are put in words */

static void
path_print(const struct path *p, const struct chain *here, struct buf *b)
{
	static const struct chain top;
	struct chain none = { .n = 0 };

	if (p->base == PATH_LEG)
		buf_fmt(b, "@%.*s.", SLICE_ARG(p->leg));
	else if (p->base == PATH_TRANSMISSION)
		buf_byte(b, '$');
	else if (p->base == PATH_HERE || p->base == PATH_UP)
		none = *(here == NULL ? &top : here);
	if (p->base == PATH_UP)
		none.n = (uint8_t)(none.n > p->up ? none.n - p->up : 0);
	for (uint8_t i = 0; i < none.n; i++)
		buf_fmt(b, "%s%s", i > 0 ? "." : "", none.step[i]->name);
	for (uint8_t i = 0; i < p->nsteps; i++)
		buf_fmt(b, "%s%s", i + none.n > 0 ? "." : "", p->step[i]->name);
}

static void
choice_print(const struct choice *c, const struct chain *here, struct buf *b)
{
	for (uint8_t i = 0; i < c->narms; i++) {
		buf_str(b, i > 0 ? " else " : "");
		path_print(&c->arm[i].path, here, b);
		if (c->arm[i].when == NULL)
			continue;
		buf_str(b, " when ");
		cond_print(c->arm[i].when, here, b);
	}
}

static void
expr_print(const struct expr *e, const struct chain *here, struct buf *b)
{
	static const char *const words[] = { "", "", "", "count ", "sum ",
		"min ", "max ", "abs", " + ", " - ", " * ", " / " };

	switch (e->kind) {
	case EXPR_TEXT:
	case EXPR_NUMBER:
		buf_slice(b, e->text);
		break;
	case EXPR_PATH:
	case EXPR_COUNT:
	case EXPR_SUM:
	case EXPR_MIN:
	case EXPR_MAX:
		buf_str(b, words[e->kind]);
		choice_print(&e->choice, here, b);
		break;
	case EXPR_ABS:
		buf_str(b, "abs(");
		expr_print(e->a, here, b);
		buf_byte(b, ')');
		break;
	default:
		buf_byte(b, '(');
		expr_print(e->a, here, b);
		buf_str(b, words[e->kind]);
		expr_print(e->b, here, b);
		buf_byte(b, ')');
	}
}

static void
relation_print(const struct cond *c, const struct chain *here, struct buf *b)
{
	static const char *const signs[] = { " = ", " != ", " < ",
		" <= ", " > ", " >= " };

	buf_str(b, signs[c->relation]);
	for (uint8_t i = 0; i < c->nright; i++) {
		buf_str(b, i > 0 ? "|" : "");
		expr_print(c->right[i], here, b);
	}
}

/* Conditions joined by another word stand in brackets. */
static void
side_print(const struct cond *c, enum cond_kind around,
    const struct chain *here, struct buf *b)
{
	bool brackets =
	    (c->kind == COND_AND || c->kind == COND_OR) && c->kind != around;

	buf_str(b, brackets ? "(" : "");
	cond_print(c, here, b);
	buf_str(b, brackets ? ")" : "");
}

void
cond_print(const struct cond *c, const struct chain *here, struct buf *b)
{
	static const char *const many[] = { "any ", "all ", "no " };

	switch (c->kind) {
	case COND_AND:
	case COND_OR:
		side_print(c->a, c->kind, here, b);
		buf_str(b, c->kind == COND_AND ? " and " : " or ");
		side_print(c->b, c->kind, here, b);
		break;
	case COND_NOT:
		buf_str(b, "not ");
		side_print(c->a, COND_NOT, here, b);
		break;
	case COND_COMPARE:
		expr_print(c->left, here, b);
		relation_print(c, here, b);
		break;
	case COND_PRESENT:
	case COND_ABSENT:
	case COND_TRUE:
		choice_print(&c->choice, here, b);
		buf_str(b, c->kind == COND_PRESENT  ? " present"
			   : c->kind == COND_ABSENT ? " absent"
						    : "");
		break;
	case COND_ANY:
	case COND_ALL:
	case COND_NO:
		buf_str(b, many[c->kind - COND_ANY]);
		choice_print(&c->choice, here, b);
		if (c->compared)
			relation_print(c, here, b);
		break;
	case COND_LEG:
		buf_fmt(b, "leg %.*s", SLICE_ARG(c->leg));
		break;
	case COND_TARGET:
		buf_str(b, "absent");
		break;
	}
}

/* ---- which cases no binding covers ---- */

struct atoms {
	struct buf text[ATOMS_MAX];
	uint32_t n;
};

/* "a != x" is the contrary of "a = x", "a absent" that of "a present". */
static void
atom_text(const struct need *need, struct buf *out, bool *holds)
{
	struct cond c = *need->cond;

	*holds = need->holds;
	if (c.kind == COND_COMPARE && c.relation == REL_NE) {
		c.relation = REL_EQ;
		*holds = !*holds;
	} else if (c.kind == COND_ABSENT) {
		c.kind = COND_PRESENT;
		*holds = !*holds;
	}
	cond_print(&c, &need->here, out);
}

/* Its bit; ATOMS_MAX: no room. */
static uint32_t
atom_find(struct atoms *a, const struct need *need, bool *holds)
{
	struct buf text;
	uint32_t i;

	buf_init(&text, 8192);
	atom_text(need, &text, holds);
	for (i = 0; i < a->n; i++)
		if (slice_eq(buf_look(&a->text[i]), buf_look(&text)))
			break;
	if (i == a->n && i < ATOMS_MAX) {
		a->text[a->n++] = text;
		return i;
	}
	buf_clear(&text);
	return i;
}

/* A negated "a = x" reads "a != x". */
static void
atom_say(struct buf *out, struct slice text, bool holds)
{
	for (size_t i = 0; !holds && i + 3 <= text.len; i++)
		if (memcmp(text.p + i, " = ", 3) == 0) {
			buf_add(out, text.p, i);
			buf_str(out, " != ");
			buf_add(out, text.p + i + 3, text.len - i - 3);
			return;
		}
	if (!holds && text.len > 8 &&
	    memcmp(text.p + text.len - 8, " present", 8) == 0) {
		buf_add(out, text.p, text.len - 8);
		buf_str(out, " absent");
		return;
	}
	buf_str(out, holds ? "" : "not ");
	buf_slice(out, text);
}

/* What one binding asks of the atoms. */
struct asks {
	uint32_t care, want;
};

/* false: it can never be met, or has more atoms than are looked at. */
static bool
asks_make(struct atoms *a, const struct binding *b, struct asks *out)
{
	struct asks k = { 0, 0 };

	for (uint8_t i = 0; i < b->nneeds; i++) {
		bool holds;
		uint32_t bit = atom_find(a, &b->need[i], &holds);
		uint32_t mask = 1u << bit;

		if (bit == ATOMS_MAX ||
		    ((k.care & mask) != 0 && ((k.want & mask) != 0) != holds))
			return false;
		k.care |= mask;
		k.want |= holds ? mask : 0;
	}
	*out = k;
	return true;
}

/* Does nothing carry in any case that agrees with `as` where care says? */
static bool
all_miss(const struct asks *k, uint32_t n, uint32_t natoms, uint32_t care,
    uint32_t as)
{
	for (uint32_t c = 0; c < 1u << natoms; c++) {
		if ((c & care) != (as & care))
			continue;
		for (uint32_t i = 0; i < n; i++)
			if ((c & k[i].care) == k[i].want)
				return false;
	}
	return true;
}

/* The widest case around one: atoms that make no difference go. */
static uint32_t
case_widen(const struct atoms *a, const struct asks *k, uint32_t n, uint32_t as)
{
	uint32_t care = (1u << a->n) - 1;

	for (uint32_t i = 0; i < a->n; i++)
		if (all_miss(k, n, a->n, care & ~(1u << i), as))
			care &= ~(1u << i);
	return care;
}

static void
case_say(const struct atoms *a, uint32_t care, uint32_t as, struct buf *out)
{
	bool any = false;

	for (uint32_t i = 0; i < a->n; i++) {
		if ((care >> i & 1) == 0)
			continue;
		buf_str(out, any ? " and " : "");
		atom_say(out, buf_look(&a->text[i]), (as >> i & 1) != 0);
		any = true;
	}
}

/* Every case that is missed, "A and B or C"; how many there are. */
static uint32_t
cases_say(
    const struct atoms *a, const struct asks *k, uint32_t n, struct buf *out)
{
	struct asks told[CASES_MAX];
	uint32_t ntold = 0, all = (1u << a->n) - 1;

	for (uint32_t as = 0; as <= all; as++) {
		bool known = false;

		for (uint32_t i = 0; i < ntold; i++)
			known |= (as & told[i].care) == told[i].want;
		if (known || !all_miss(k, n, a->n, all, as))
			continue;
		if (ntold == CASES_MAX) {
			buf_str(out, " or other cases");
			break;
		}
		told[ntold].care = case_widen(a, k, n, as);
		told[ntold].want = as & told[ntold].care;
		buf_str(out, ntold > 0 ? " or " : "");
		case_say(a, told[ntold].care, as, out);
		ntold++;
	}
	return ntold;
}

bool
bindings_miss(const struct binding *b, uint32_t n, struct buf *cases)
{
	struct atoms a = { .n = 0 };
	struct asks *k = calloc(n + 1, sizeof(*k));
	uint32_t nk = 0, ncases;

	for (uint32_t i = 0; k != NULL && i < n; i++)
		if (asks_make(&a, &b[i], &k[nk]))
			nk++;
	ncases = cases_say(&a, k, nk, cases);
	for (uint32_t i = 0; i < a.n; i++)
		buf_clear(&a.text[i]);
	free(k);
	return ncases > 0;
}

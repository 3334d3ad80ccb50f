/*
 * format/build_codec.c - codecs, each checked against the element it is for.
 *
 * LANGUAGE section 7 number 5: schemes exist, patterns are patterns, and what
 * a pattern or a number of decimals cannot carry is said.
 */
#include "src/format/build.h"
#include "src/format/date.h"

/* What a codec word needs to know. */
struct codec_at {
	struct builder *b;
	struct lex *lx;
	const struct form *form;
	const struct place_of *place;
	const struct choice *choice; /* NULL: no element */
	const struct element *e;     /* of its first arm; NULL */
	size_t at;                   /* of the word behind the codec's name */
};

static bool
wrong(const struct codec_at *a, size_t at, const char *what)
{
	build_wrong(a->b, a->form, at, "%s", what);
	return false;
}

/* LIST or LIST.SCHEME; column -1: none was said. */
static bool
list_take(struct codec_at *a, const struct codelist **list, int *column,
    const char **scheme)
{
	struct slice word, name, head;

	lex_end(a->lx);
	a->at = a->lx->at;
	word = lex_bare(a->lx, ",");
	head = word;
	name = slice_cut(&head, '.');
	if (name.len == 0)
		return lex_want(a->lx, "LIST.SCHEME");
	*list = codelist_find(a->b->codes, name);
	if (*list == NULL) {
		build_wrong(a->b, a->form, a->at,
		    "there is no code list "
		    "'%.*s'",
		    SLICE_ARG(name));
		return false;
	}
	*column = -1;
	*scheme = arena_str(a->b->mem, word);
	if (head.len == 0)
		return true;
	*column = codelist_column(*list, head);
	if (codelist_is_scheme(*list, *column))
		return *scheme != NULL;
	build_wrong(a->b, a->form, a->at + name.len + 1,
	    "list '%s' has no "
	    "scheme '%.*s'",
	    (*list)->name, SLICE_ARG(head));
	return false;
}

/* Do all codes of the list fit the element? */
static bool
code_fits(struct codec_at *a, const struct codelist *l)
{
	const struct element *e = a->e;

	if (e == NULL || e->type == EL_AN || e->type == EL_A ||
	    e->type == EL_N || e->type == EL_TEXT ||
	    (e->type == EL_CODE && (e->list == l || e->list == NULL)))
		return true;
	if (e->type != EL_CODE && e->type != EL_FLAG) {
		build_wrong(a->b, a->form, a->at,
		    "'%s' holds no codes, want "
		    "an element of type code, flag or text",
		    e->name);
		return false;
	}
	for (uint32_t i = 0; i < l->nrows; i++) {
		struct slice c = l->row[i].code;
		bool ok = e->type == EL_FLAG
			      ? slice_is(c, "yes") || slice_is(c, "no")
			      : code_find(e->list, c, 0) != NULL;

		if (ok)
			continue;
		build_wrong(a->b, a->form, a->at,
		    "'%s' cannot be '%.*s' of "
		    "list '%s', want %s%s",
		    e->name, SLICE_ARG(c), l->name,
		    e->type == EL_FLAG ? "yes or no" : "codes of list ",
		    e->type == EL_FLAG ? "" : e->list->name);
		return false;
	}
	return true;
}

/* Does each cell of the column say what the element may hold? */
static bool
gives_fits(struct codec_at *a, const struct codelist *l, int column,
    const struct element *to, size_t at)
{
	for (uint32_t i = 0; i < l->nrows; i++) {
		struct slice cell = l->row[i].cell[column];
		uint64_t n;
		bool fits =
		    cell.len == 0 ||
		    (to->type == EL_CODE ? code_find(to->list, cell, 0) != NULL
			: to->type == EL_FLAG
			    ? slice_is(cell, "yes") || slice_is(cell, "no")
			: to->type == EL_INT ? slice_u64(cell, &n)
					     : true);

		if (fits)
			continue;
		build_wrong(a->b, a->form, at,
		    "'%.*s' of list '%s' gives '%.*s', which '%s' cannot be",
		    SLICE_ARG(l->row[i].code), l->name, SLICE_ARG(cell),
		    to->name);
		return false;
	}
	return true;
}

/* gives level, outcome: columns, and the elements beside of that name. */
static bool
gives_take(struct codec_at *a, struct codec *c)
{
	do {
		const struct element *to;
		struct slice name;
		struct path p;
		size_t at;

		lex_end(a->lx);
		at = a->lx->at;
		name = lex_name(a->lx);
		if (name.len == 0 || c->u.code.ngives == GIVES_MAX)
			return lex_want(a->lx, "the name of a column");
		if (a->choice == NULL)
			return wrong(a, at, "'gives' without an element");
		c->u.code.gives_column[c->u.code.ngives] =
		    codelist_column(c->u.code.list, name);
		if (c->u.code.gives_column[c->u.code.ngives] < 0) {
			build_wrong(a->b, a->form, at,
			    "list '%s' has no "
			    "column '%.*s'",
			    c->u.code.list->name, SLICE_ARG(name));
			return false;
		}
		p = a->choice->arm[0].path;
		to = group_element(path_last(&p)->owner, name);
		if (to == NULL || element_group(to) != NULL) {
			build_wrong(a->b, a->form, at,
			    "there is no element "
			    "'%.*s' beside '%s'",
			    SLICE_ARG(name), a->e->name);
			return false;
		}
		if (!gives_fits(a, c->u.code.list,
			c->u.code.gives_column[c->u.code.ngives], to, at))
			return false;
		p.step[p.nsteps - 1] = to;
		c->u.code.gives[c->u.code.ngives++] = p;
	} while (lex_char(a->lx, ','));
	return true;
}

static bool
code_codec(struct codec_at *a, struct codec *c)
{
	c->kind = CODEC_CODE;
	if (!list_take(
		a, &c->u.code.list, &c->u.code.column, &c->u.code.scheme))
		return false;
	if (c->u.code.column < 0) {
		build_wrong(a->b, a->form, a->at,
		    "'%s' without a scheme, want "
		    "LIST.SCHEME",
		    c->u.code.list->name);
		return false;
	}
	if (!code_fits(a, c->u.code.list))
		return false;
	return !lex_take(a->lx, "gives") || gives_take(a, c);
}

static bool
leaf_take(struct codec_at *a, struct codec *c)
{
	size_t at;

	lex_end(a->lx);
	at = a->lx->at;
	c->u.with.name = lex_bare(a->lx, ",");
	if (c->u.with.name.len == 0)
		return lex_want(a->lx, "the name of a leaf");
	c->u.with.leaf =
	    build_leaf_tag(a->b, a->form, at, c->u.with.name, a->place);
	return c->u.with.leaf != 0;
}

static bool
patterns_sound(struct codec_at *a, const struct codelist *l, int column)
{
	for (uint32_t i = 0; i < l->nrows; i++) {
		struct slice text = l->row[i].cell[column];
		struct date_pattern p;

		if (text.len == 0 || date_pattern_make(&p, text))
			continue;
		build_wrong(a->b, a->form, a->at,
		    "the pattern '%.*s' of '%.*s' in list '%s' is none, want "
		    "YYYY MM DD hh mm ss cc SSS Z",
		    SLICE_ARG(text), SLICE_ARG(l->row[i].code), l->name);
		return false;
	}
	return true;
}

/* date LIST[.SCHEME] with LEAF */
static bool
date_with(struct codec_at *a, struct codec *c)
{
	const struct codelist *l;
	const char *scheme;

	c->kind = CODEC_DATE_WITH;
	if (!list_take(a, &l, &c->u.with.column, &scheme))
		return false;
	c->u.with.list = l;
	c->u.with.pattern_column = codelist_column(l, SLICE_LIT("pattern"));
	if (c->u.with.pattern_column < 0) {
		build_wrong(a->b, a->form, a->at,
		    "list '%s' has no column "
		    "'pattern'",
		    l->name);
		return false;
	}
	for (int i = 1; c->u.with.column < 0 && i < l->nheads; i++)
		if (codelist_is_scheme(l, i))
			c->u.with.column = i; /* the first of the list */
	if (c->u.with.column < 0) {
		build_wrong(
		    a->b, a->form, a->at, "list '%s' has no scheme", l->name);
		return false;
	}
	if (!patterns_sound(a, l, c->u.with.pattern_column))
		return false;
	lex_take(a->lx, "with");
	return leaf_take(a, c);
}

/* A day needs a pattern that has one; lost times are told in check_bound.c. */
static bool
date_fits(struct codec_at *a, const struct codec *c)
{
	bool date = false;

	for (uint8_t i = 0; i < c->u.date.n; i++)
		date |= c->u.date.pattern[i]->has_date;
	if (a->e == NULL)
		return true;
	if (a->e->type != EL_DATE && a->e->type != EL_MOMENT) {
		build_wrong(a->b, a->form, a->at,
		    "'%s' is no date, want an "
		    "element of type date or moment",
		    a->e->name);
		return false;
	}
	if (a->e->type == EL_DATE && !date) {
		build_wrong(a->b, a->form, a->at,
		    "'%s' is a day and this "
		    "pattern has none",
		    a->e->name);
		return false;
	}
	return true;
}

static bool
date_codec(struct codec_at *a, struct codec *c)
{
	struct lex ahead = *a->lx;
	struct slice word;

	lex_bare(&ahead, ",");
	if (lex_is(&ahead, "with"))
		return date_with(a, c);
	c->kind = CODEC_DATE;
	lex_end(a->lx);
	a->at = a->lx->at;
	do {
		struct date_pattern *p = arena_get(a->b->mem, sizeof(*p));
		size_t at;

		lex_end(a->lx);
		at = a->lx->at;
		word = lex_bare(a->lx, "|,");
		if (p == NULL)
			return false;
		if (word.len == 0)
			return lex_want(a->lx, "a date pattern like YYYYMMDD");
		if (c->u.date.n == DATE_PATTERNS)
			return wrong(a, at, "more than 4 patterns");
		if (!date_pattern_make(p, word)) {
			build_wrong(a->b, a->form, at,
			    "'%.*s' is no date "
			    "pattern, want YYYY MM DD hh mm ss cc SSS Z",
			    SLICE_ARG(word));
			return false;
		}
		c->u.date.pattern[c->u.date.n++] = p;
	} while (lex_char(a->lx, '|'));
	return date_fits(a, c);
}

static bool
decimals_codec(struct codec_at *a, struct codec *c)
{
	const struct element *e = a->e;
	uint32_t n;

	c->kind = CODEC_DECIMALS;
	lex_end(a->lx);
	a->at = a->lx->at;
	if (lex_char(a->lx, '.')) {
		if (!lex_char(a->lx, '.'))
			return lex_want(a->lx, "decimals ..n");
		c->u.decimals.most = true;
	}
	if (!lex_number(a->lx, 0, 18, &n))
		return lex_want(a->lx, "a number of decimals up to 18");
	c->u.decimals.digits = (uint8_t)n;
	c->u.decimals.implied = lex_take(a->lx, "implied");
	if (e == NULL)
		return true;
	if (e->type != EL_DEC && e->type != EL_INT && e->type != EL_N) {
		build_wrong(a->b, a->form, a->at,
		    "'%s' is no number, want an "
		    "element of type dec, int or n",
		    e->name);
		return false;
	}
	if (e->type == EL_DEC && n < e->decimals)
		build_warn(a->b, a->form, a->at,
		    "'%s' has up to %u decimals, "
		    "%u are written: a value with more is a finding",
		    e->name, e->decimals, n);
	return true;
}

/* A unit's row, by our code or by any scheme's: KGM is 035 of customs, too. */
static const struct code_row *
unit_row(const struct codelist *units, struct slice name)
{
	const struct code_row *row = code_find(units, name, 0);

	for (int i = 1; row == NULL && i < units->nheads; i++)
		if (codelist_is_scheme(units, i))
			row = code_read(units, i, name, 0);
	return row;
}

/* What one of it is in base units; where the two are one, that is one. */
static bool
unit_factor(struct codec_at *a, const struct codelist *units, struct slice name,
    struct decimal *out)
{
	const struct code_row *row = unit_row(units, name);
	int column = codelist_column(units, SLICE_LIT("factor"));

	if (row == NULL)
		build_wrong(a->b, a->form, a->at, "list 'unit' has no '%.*s'",
		    SLICE_ARG(name));
	else if (column < 0 || !decimal_parse(row->cell[column], out))
		build_wrong(a->b, a->form, a->at,
		    "'%.*s' has no factor in list 'unit', want one to convert "
		    "by",
		    SLICE_ARG(name));
	else
		return true;
	return false;
}

/* unit U: of what is on the wire; the element has its own. */
static bool
unit_codec(struct codec_at *a, struct codec *c)
{
	const struct codelist *units =
	    codelist_find(a->b->codes, SLICE_LIT("unit"));
	struct slice name, own;

	c->kind = CODEC_UNIT;
	if (a->e == NULL || a->e->unit == NULL) {
		build_wrong(a->b, a->form, a->lx->at,
		    "'%s' has no unit of its own",
		    a->e == NULL ? "what is written here" : a->e->name);
		return false;
	}
	lex_end(a->lx);
	a->at = a->lx->at;
	name = lex_bare(a->lx, ",");
	if (name.len == 0)
		return lex_want(a->lx, "a unit");
	if (units == NULL)
		return wrong(a, a->at, "there is no code list 'unit'");
	own = slice_of(a->e->unit);
	c->u.unit.name = arena_str(a->b->mem, name);
	c->u.unit.own_name = a->e->unit;
	c->u.unit.wire = c->u.unit.own = decimal_int(1);
	return slice_eq(name, own) ||
	       (unit_factor(a, units, name, &c->u.unit.wire) &&
		   unit_factor(a, units, own, &c->u.unit.own));
}

static bool
list_codec(struct codec_at *a, struct codec *c)
{
	c->kind = CODEC_LIST;
	lex_end(a->lx);
	a->at = a->lx->at;
	if (!lex_text(a->lx, &c->u.separator))
		return lex_want(a->lx, "a separator in quotes");
	if (c->u.separator.len == 0)
		return wrong(a, a->at, "an empty separator, want one");
	if (a->e == NULL || a->e->repeats)
		return true;
	build_wrong(a->b, a->form, a->at,
	    "'%s' has one value, want a "
	    "repeated element for a list",
	    a->e->name);
	return false;
}

static bool
width_take(struct codec_at *a, uint32_t *out)
{
	lex_end(a->lx);
	a->at = a->lx->at;
	return lex_number(a->lx, 1, 1000000, out) ||
	       lex_want(a->lx, "a number of characters from 1 to 1000000");
}

static bool
wrap_codec(struct codec_at *a, struct codec *c)
{
	c->kind = CODEC_WRAP;
	if (!width_take(a, &c->u.width))
		return false;
	if (a->e == NULL || a->e->type == EL_AN || a->e->type == EL_A ||
	    a->e->type == EL_N || a->e->type == EL_TEXT)
		return true;
	build_wrong(a->b, a->form, a->at,
	    "'%s' is no text and cannot be cut "
	    "into pieces",
	    a->e->name);
	return false;
}

static bool
pad_codec(struct codec_at *a, struct codec *c)
{
	struct slice fill = { NULL, 0 };

	c->kind = CODEC_PAD;
	c->u.pad.fill = ' ';
	if (!width_take(a, &c->u.pad.width))
		return false;
	if (lex_peek(a->lx) == '"') {
		lex_end(a->lx);
		a->at = a->lx->at;
		(void)lex_text(a->lx, &fill);
		if (fill.len != 1) {
			build_wrong(a->b, a->form, a->at,
			    "\"%.*s\" is no fill, want one character",
			    SLICE_ARG(fill));
			return false;
		}
		c->u.pad.fill = fill.p[0];
	}
	c->u.pad.left = lex_take(a->lx, "left");
	if (!c->u.pad.left)
		lex_take(a->lx, "right");
	return true;
}

static bool
alias_codec(struct codec_at *a, struct codec *c)
{
	c->kind = CODEC_ALIAS;
	return width_take(a, &c->u.width);
}

static bool
max_codec(struct codec_at *a, struct codec *c)
{
	c->kind = CODEC_MAX;
	return width_take(a, &c->u.width);
}

static bool
upper_codec(struct codec_at *a, struct codec *c)
{
	(void)a;
	c->kind = CODEC_UPPER;
	return true;
}

static bool
narrow_codec(struct codec_at *a, struct codec *c)
{
	(void)a;
	c->kind = CODEC_NARROW;
	return true;
}

static bool
raw_codec(struct codec_at *a, struct codec *c)
{
	(void)a;
	c->kind = CODEC_RAW;
	return true;
}

static const struct {
	const char *word;
	bool (*take)(struct codec_at *, struct codec *);
} codecs[] = {
	{ "code", code_codec },
	{ "date", date_codec },
	{ "decimals", decimals_codec },
	{ "unit", unit_codec },
	{ "list", list_codec },
	{ "wrap", wrap_codec },
	{ "pad", pad_codec },
	{ "alias", alias_codec },
	{ "max", max_codec },
	{ "upper", upper_codec },
	{ "narrow", narrow_codec },
	{ "raw", raw_codec },
};

enum took
build_codec(struct builder *b, struct lex *lx, const struct form *f,
    const struct place_of *place, const struct choice *choice,
    const struct codec **list)
{
	struct codec_at a = {
		.b = b, .lx = lx, .form = f, .place = place, .choice = choice
	};
	struct codec *c;
	unsigned int n = 0;
	size_t at;

	lex_end(lx);
	at = lx->at;
	if (choice != NULL)
		a.e = path_last(&choice->arm[0].path);
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (!lex_take(lx, codecs[i].word))
			continue;
		c = arena_get(b->mem, sizeof(*c));
		if (c == NULL) {
			b->failed = true;
			return TOOK_WRONG;
		}
		if (!codecs[i].take(&a, c))
			return TOOK_WRONG;
		for (; *list != NULL; n++)
			list = (const struct codec **)&(*list)->next;
		if (n == CODECS_MAX) {
			build_wrong(
			    b, f, at, "a codec too many, want at most 6");
			return TOOK_WRONG;
		}
		*list = c;
		return TOOK_ONE;
	}
	return TOOK_NONE;
}

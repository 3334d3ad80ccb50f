/*
 * record/directory_parse.c - the lines of *.dir files become groups.
 *
 * Called by directory_load() only; entrepot-directory(5) is the language.
 */
#include <stdio.h>
#include "src/record/directory_build.h"

/* Words of the format language: a path could not be told from them. */
bool
word_reserved(struct slice w)
{
	static const char *const words[] = { "absent", "alias", "and", "base64",
		"blank", "by", "carries", "code", "count", "date", "decimals",
		"default", "document", "each", "else", "filing", "gives",
		"implied", "left", "lenient", "let", "list", "max", "min",
		"narrow", "not", "or", "pad", "present", "raw", "right",
		"shape", "sign", "sum", "unit", "upper", "when", "with",
		"wrap" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is(w, words[i]))
			return true;
	return false;
}

/* What syntaxes, spool and configuration give to every transmission. */
static const struct element given[] = {
	{ .name = "now",
	    .en = "Now",
	    .zh = "当前时间",
	    .type = EL_MOMENT,
	    .most = 1 },
	{ .name = "records",
	    .en = "Number of records",
	    .zh = "记录数",
	    .type = EL_INT,
	    .most = 1 },
	{ .name = "position",
	    .en = "Place among its like",
	    .zh = "序位",
	    .type = EL_INT,
	    .most = 1 },
};
#define GIVEN (sizeof(given) / sizeof(given[0]))

/* "..35", "18", "..19.5"; what does not follow stays 0. */
static bool
type_size(struct lex *lx, struct slice t, struct element *e)
{
	bool upto = slice_starts(t, "..");
	struct slice rest = upto ? slice_sub(t, 2, t.len) : t;
	struct slice whole = slice_cut(&rest, '.');
	uint64_t max = 0, decimals = 0;

	if (t.len == 0)
		return true;
	if (!slice_u64(whole, &max) || max == 0 || max > 1000000 ||
	    (whole.p + whole.len < t.p + t.len &&
		(!slice_u64(rest, &decimals) || decimals > max))) {
		lex_wrong(lx, (size_t)(t.p - lx->src->text.p),
		    "'%.*s' is no size, want one like ..35, 18 or ..19.5",
		    SLICE_ARG(t));
		return false;
	}
	if (decimals > 0 && e->type != EL_DEC) {
		lex_wrong(lx, (size_t)(t.p - lx->src->text.p),
		    "'%.*s' has decimals, want them with dec", SLICE_ARG(t));
		return false;
	}
	e->max = (uint32_t)max;
	e->min = upto ? 0 : (uint32_t)max;
	e->decimals = (uint32_t)decimals;
	return true;
}

static const struct {
	const char *word;
	enum element_type type;
} sized[] = {
	{ "an", EL_AN },
	{ "a", EL_A },
	{ "n", EL_N },
	{ "text", EL_TEXT },
	{ "int", EL_INT },
	{ "dec", EL_DEC },
	{ "bytes", EL_BYTES },
};

static const struct {
	const char *word;
	enum element_type type;
} plain[] = {
	{ "date", EL_DATE },
	{ "moment", EL_MOMENT },
	{ "flag", EL_FLAG },
};

/* Does a type stand here? */
static bool
type_next(const struct lex *lx)
{
	struct lex ahead = *lx;
	struct slice w = lex_bare(&ahead, ":\"");

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (slice_is(w, plain[i].word))
			return true;
	for (size_t i = 0; i < sizeof(sized) / sizeof(sized[0]); i++) {
		size_t n = strlen(sized[i].word);

		if (slice_starts(w, sized[i].word) && w.len > n &&
		    (w.p[n] == '.' || (w.p[n] >= '0' && w.p[n] <= '9')))
			return true;
	}
	return false;
}

/* "an..35" and the like; false when the word is no type, or a wrong one. */
static bool
type_word(struct lex *lx, struct element *e)
{
	size_t before = lx->at;
	struct slice w = lex_bare(lx, ":\"");

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (slice_is(w, plain[i].word)) {
			e->type = plain[i].type;
			return true;
		}
	for (size_t i = 0; i < sizeof(sized) / sizeof(sized[0]); i++) {
		size_t n = strlen(sized[i].word);
		struct slice size = slice_sub(w, n, w.len);

		if (!slice_starts(w, sized[i].word) ||
		    (size.len > 0 && size.p[0] != '.' &&
			(size.p[0] < '0' || size.p[0] > '9')))
			continue;
		e->type = sized[i].type;
		if (e->type == EL_BYTES) /* ..1M: the intake's limit rules */
			return true;
		return type_size(lx, size, e);
	}
	lx->at = before;
	return lex_want(lx, "a type, or indented lines below");
}

static bool
type_code(struct directory *d, struct lex *lx, struct element *e)
{
	struct slice name;
	size_t at;

	lex_end(lx);
	at = lx->at;
	name = lex_bare(lx, "\"");
	if (name.len == 0)
		return lex_want(lx, "the name of a code list");
	e->type = EL_CODE;
	e->list = codelist_find(d->codes, name);
	if (e->list == NULL)
		lex_wrong(
		    lx, at, "there is no code list '%.*s'", SLICE_ARG(name));
	e->open = lex_take(lx, "open");
	return true;
}

static const char *
join_words(struct arena *mem, const char *old, struct slice a, struct slice b)
{
	size_t n = old == NULL ? 0 : strlen(old) + 1;
	char *out = arena_get(mem, n + a.len + b.len + 2);

	if (out == NULL)
		return old;
	if (old != NULL) {
		memcpy(out, old, n - 1);
		out[n - 1] = ' ';
	}
	memcpy(out + n, a.p, a.len);
	if (b.len > 0) {
		out[n + a.len] = ' ';
		memcpy(out + n + a.len + 1, b.p, b.len);
	}
	return out;
}

static bool
label_text(struct directory *d, struct lex *lx, const char **out)
{
	struct slice s;

	if (!lex_text(lx, &s))
		return false;
	*out = arena_str(d->mem, s);
	return true;
}

/* Labels and notes, in any order. */
static bool
element_notes(struct directory *d, struct lex *lx, struct element *e)
{
	struct slice a, b;

	while (!lex_end(lx)) {
		if (lex_peek(lx) == '"') {
			if (e->en[0] != '\0') /* a third string is no label */
				return lex_want(lx, "a note");
			if (label_text(d, lx, &e->en) && lex_peek(lx) == '"')
				label_text(d, lx, &e->zh);
			continue;
		}
		if (lex_take(lx, "private")) {
			e->secret = true;
			continue;
		}
		if (lex_is(lx, "placed")) {
			if (!e->repeats) {
				lex_wrong(lx, lx->at,
				    "only what repeats can be 'placed'");
				return false;
			}
			e->placed = lex_take(lx, "placed");
			continue;
		}
		lex_end(lx);
		a = lex_bare(lx, "\"");
		b = lex_end(lx) || lex_peek(lx) == '"' ? SLICE_LIT("")
						       : lex_bare(lx, "\"");
		if (b.len == 0 && (slice_is(a, "unit") || slice_is(a, "was")))
			return lex_want(lx, slice_is(a, "unit")
						? "a unit like KGM"
						: "an earlier name");
		if (b.len == 0) {
			lex_wrong(lx, (size_t)(a.p - lx->src->text.p),
			    "'%.*s' is not understood, want a type, a label or "
			    "a note",
			    SLICE_ARG(a));
			return false;
		}
		if (slice_is(a, "unit") && e->type != EL_DEC &&
		    e->type != EL_INT) {
			lex_wrong(lx, (size_t)(a.p - lx->src->text.p),
			    "'%s' is no number and has no unit", e->name);
			return false;
		}
		if (slice_is(a, "unit"))
			e->unit = arena_str(d->mem, b);
		else if (slice_is(a, "was"))
			e->was = join_words(d->mem, e->was, b, SLICE_LIT(""));
		else
			e->source = join_words(d->mem, e->source, a, b);
	}
	return true;
}

static bool group_lines(
    struct directory *, struct draft *, struct source_line *, int);

static bool
element_repeats(struct lex *lx, struct element *e)
{
	e->most = 1;
	if (!lex_char(lx, '*'))
		return true;
	e->repeats = true;
	e->most = 0;
	if (lex_peek(lx) < '0' || lex_peek(lx) > '9' ||
	    lex_number(lx, 2, 1000000000, &e->most))
		return true;
	return lex_want(lx, "a number from 2 to 1000000000");
}

static void
lines_wrong(const struct draft_element *de, const struct lex *lx)
{
	lex_wrong(lx, de->line->child->at,
	    "'%s' has a type and lines of its own, want one of them",
	    de->made->name);
}

/* The words after the name; a group with its own lines, else a type. */
static bool
element_kind(
    struct directory *d, struct lex *lx, struct draft_element *de, int depth)
{
	struct element *e = de->made;

	lex_end(lx);
	de->at = lx->at;
	if (lex_char(lx, ':')) {
		lex_end(lx);
		de->at = lx->at;
		de->uses = lex_name(lx);
		e->type = EL_GROUP;
		if (de->uses.len == 0)
			return lex_want(lx, "the name of a group");
	} else if (lex_take(lx, "code")) {
		if (!type_code(d, lx, e))
			return false;
	} else if (lex_take(lx, "ref")) {
		lex_end(lx);
		de->at = lx->at;
		e->type = EL_REF;
		de->target = lex_name(lx);
		if (de->target.len == 0)
			return lex_want(lx, "the name of a group");
	} else if (de->line->child != NULL) {
		e->type = EL_GROUP;
		if (type_next(lx)) {
			lines_wrong(de, lx);
			return false;
		}
	} else if (slice_is(slice_of(e->name), "about")) {
		e->type = EL_ABOUT;
	} else if (!type_word(lx, e)) {
		return false;
	}
	if (!element_notes(d, lx, e))
		return false;
	if (de->line->child == NULL)
		return true;
	if (e->type != EL_GROUP || de->uses.len > 0) {
		lines_wrong(de, lx);
		return true;
	}
	de->own = arena_get(d->mem, sizeof(*de->own));
	if (de->own == NULL)
		return false;
	de->own->made = arena_get(d->mem, sizeof(*de->own->made));
	if (de->own->made == NULL)
		return false;
	de->own->line = de->line;
	de->own->made->name = e->name;
	de->own->made->en = e->en;
	de->own->made->zh = e->zh;
	return group_lines(d, de->own, de->line->child, depth + 1);
}

static bool
name_taken(const struct draft *g, struct slice name)
{
	for (uint16_t i = 0; i < g->made->nslots; i++)
		if (slice_is(name, g->element[i].made->name))
			return true;
	return false;
}

/* Empty: none, or what goes on behind it is no part of one. */
static struct slice
element_name(struct lex *lx)
{
	struct slice s = lex_name(lx);
	char next = lx->at < lx->end ? lx->src->text.p[lx->at] : ' ';

	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			s.len = 0;
	return next == ' ' || next == '\t' || next == '*' || next == ':'
		   ? s
		   : slice_sub(s, 0, 0);
}

static void
element_line(struct directory *d, struct draft *g, struct source_line *l,
    struct element *store, int depth)
{
	struct draft_element *de = &g->element[g->made->nslots];
	struct slice name;
	struct lex lx;

	lex_init(&lx, l, d->mem, d->to);
	name = element_name(&lx);
	if (name.len == 0) {
		lx.at = l->at;
		lex_want(&lx, "the name of an element, lower case letters, "
			      "digits and _");
		return;
	}
	if (word_reserved(name))
		lex_wrong(&lx, l->at,
		    "'%.*s' is a word of the format "
		    "language and cannot name an element",
		    SLICE_ARG(name));
	if (name_taken(g, name))
		lex_wrong(&lx, l->at, "'%.*s' stands in '%s' twice",
		    SLICE_ARG(name), g->made->name);
	*de = (struct draft_element){ .made = store, .line = l, .at = l->at };
	*store = (struct element){ .name = arena_str(d->mem, name),
		.en = "",
		.zh = "",
		.owner = g->made,
		.slot = g->made->nslots,
		.file = l->src->name,
		.line = l->number };
	if (store->name != NULL && element_repeats(&lx, store) &&
	    element_kind(d, &lx, de, depth))
		g->made->nslots++;
}

static bool
group_lines(
    struct directory *d, struct draft *g, struct source_line *first, int depth)
{
	struct element *store;
	uint32_t n = 0;

	for (struct source_line *l = first; l != NULL; l = l->next)
		n++;
	if (depth > DIRECTORY_DEPTH || n > DIRECTORY_SLOTS) {
		complaints_add(d->to, false, first->src->name, first->src->text,
		    first->at,
		    depth > DIRECTORY_DEPTH ? "groups %d deep, the limit is %d"
					    : "%d elements, the limit is %d",
		    depth > DIRECTORY_DEPTH ? depth : (int)n,
		    depth > DIRECTORY_DEPTH ? DIRECTORY_DEPTH
					    : DIRECTORY_SLOTS);
		return true;
	}
	n += (uint32_t)GIVEN;
	store = arena_get(d->mem, n * sizeof(*store));
	g->element = arena_get(d->mem, n * sizeof(*g->element));
	if (store == NULL || g->element == NULL)
		return false;
	g->made->element = store;
	for (struct source_line *l = first; l != NULL; l = l->next) {
		struct lex lx;

		lex_init(&lx, l, d->mem, d->to);
		if (lex_is(&lx, "key") || lex_is(&lx, "search")) {
			/* its paths are resolved when all groups are known */
			if (!g->made->document)
				lex_wrong(&lx, l->at,
				    "a key stands here, want "
				    "it directly below a document");
			continue;
		}
		element_line(d, g, l, &store[g->made->nslots], depth);
	}
	return !arena_failed(d->mem);
}

/* $now and its like: nobody writes them, so no file declares them. */
static void
transmission_given(struct draft *g)
{
	for (size_t i = 0; i < GIVEN; i++) {
		struct draft_element *de = &g->element[g->made->nslots];
		struct element *e =
		    (struct element *)&g->made->element[g->made->nslots];

		if (name_taken(g, slice_of(given[i].name)))
			continue;
		*e = given[i];
		e->owner = g->made;
		e->slot = g->made->nslots++;
		*de = (struct draft_element){
			.made = e, .line = g->line, .at = g->line->at
		};
	}
}

static bool
margin_line(struct directory *d, struct source_line *l)
{
	struct draft *g = arena_get(d->mem, sizeof(*g));
	struct slice name;
	struct lex lx;
	bool document;

	lex_init(&lx, l, d->mem, d->to);
	document = lex_take(&lx, "document");
	if (!document && !lex_take(&lx, "group"))
		return lex_want(&lx, "document or group at the left margin");
	name = lex_name(&lx);
	if (name.len == 0)
		return lex_want(&lx, "a name");
	for (uint32_t i = 0; i < d->ndrafts; i++)
		if (slice_is(name, d->draft[i]->made->name))
			lex_wrong(&lx, l->at, "'%.*s' is declared twice",
			    SLICE_ARG(name));
	if (g == NULL || d->ndrafts == DIRECTORY_GROUPS)
		return false;
	g->made = arena_get(d->mem, sizeof(*g->made));
	if (g->made == NULL)
		return false;
	g->line = l;
	g->made->name = arena_str(d->mem, name);
	g->made->document = document;
	g->made->en = g->made->zh = "";
	if (label_text(d, &lx, &g->made->en))
		label_text(d, &lx, &g->made->zh);
	if (document && lex_take(&lx, "dated")) {
		lex_end(&lx);
		g->dated_at = lx.at;
		g->dated = lex_bare(&lx, "");
		if (g->dated.len == 0)
			lex_want(&lx, "the name of a date or moment");
	}
	if (!lex_end(&lx))
		lex_want(&lx, document ? "dated PATH or the end of the line"
				       : "the end of the line");
	if (l->child == NULL) {
		lex_wrong(&lx, l->at, "'%s' has no elements", g->made->name);
		return true;
	}
	d->draft[d->ndrafts++] = g;
	if (!group_lines(d, g, l->child, 1))
		return false;
	if (document && slice_is(name, "transmission") && g->element != NULL)
		transmission_given(g);
	return true;
}

bool
directory_parse(struct directory *d, const struct source *src)
{
	struct source_line *root = source_tree(src, d->mem, d->to);

	if (root == NULL)
		return false;
	for (struct source_line *l = root->child; l != NULL; l = l->next)
		margin_line(d, l);
	return !arena_failed(d->mem);
}

/*
 * read/complain.c - findings of the reader: the wire path, the element, the
 * range. Trusts nothing on the wire: names and values are shown cut. Called by
 * the reader's other files only.
 */
#include "src/read/reader.h"
#include <stdio.h>
#include <string.h>

#define PATH_MAX_BYTES 512
#define FOUND_MAX      120 /* characters of a value that a sentence shows */
#define PATH_LEVELS    64

/* Which among its like, 0 when it is the only one. */
static uint32_t
place_among(const struct wnode *w)
{
	uint32_t n = 1;
	bool alone = true;

	if (w->parent == NULL)
		return 0;
	for (const struct wnode *s = w->parent->child; s != w; s = s->next)
		if (slice_eq(s->name, w->name)) {
			n++;
			alone = false;
		}
	for (const struct wnode *s = w->next; alone && s != NULL; s = s->next)
		alone = !slice_eq(s->name, w->name);
	return alone ? 0 : n;
}

static size_t
path_add(char *out, size_t at, struct slice name, uint32_t place)
{
	int n;

	if (at >= PATH_MAX_BYTES - 1 || name.len == 0)
		return at;
	n = snprintf(out + at, PATH_MAX_BYTES - at, "%s%.*s",
	    at == 0 ? "" : "/", SLICE_ARG(name));
	at += n > 0 ? (size_t)n : 0;
	if (place > 0 && at < PATH_MAX_BYTES - 1) {
		n = snprintf(
		    out + at, PATH_MAX_BYTES - at, "[%u]", (unsigned)place);
		at += n > 0 ? (size_t)n : 0;
	}
	return at < PATH_MAX_BYTES - 1 ? at : PATH_MAX_BYTES - 1;
}

/* "DecLists/DecList[2]/GQty" */
static size_t
wire_path(const struct wnode *w, char *out)
{
	const struct wnode *up[PATH_LEVELS];
	int n = 0;
	size_t at = 0;

	out[0] = '\0';
	/* the root is nameless; a syntax may keep a note in its name */
	for (; w != NULL && w->parent != NULL && n < PATH_LEVELS; w = w->parent)
		up[n++] = w;
	if (n == 0 && w != NULL && w->leaf)
		up[n++] = w;
	while (n-- > 0)
		at = path_add(out, at, up[n]->name, place_among(up[n]));
	return at;
}

static struct slice
shown(struct reader *r, struct slice s)
{
	struct slice head;
	char *p;

	s = slice_trim(s);
	if (s.len <= FOUND_MAX || (head = utf8_head(s, FOUND_MAX)).len == s.len)
		return s;
	p = arena_raw(r->mem, head.len + 3);
	if (p == NULL)
		return head;
	memcpy(p, head.p, head.len);
	memcpy(p + head.len, "...", 3);
	return (struct slice){ p, head.len + 3 };
}

static void
place_set(struct finding *f, const struct wnode *w)
{
	const struct wnode *s = w;

	f->text_at = w->tspan > 0 ? w->tat : w->at;
	f->text_span = w->tspan > 0 ? w->tspan : w->span;
	while (s->number == 0 && s->parent != NULL)
		s = s->parent;
	f->place.segment = s->number;
	if (w->tag >= TAG_LEAF) {
		f->place.element = (w->tag - TAG_LEAF) / TAG_COMPONENTS;
		f->place.component = (w->tag - TAG_LEAF) % TAG_COMPONENTS;
	}
}

static struct finding *
finding_make(struct reader *r, enum finding_kind kind, const struct spot *s,
    const struct element *el, const char *tag, struct slice found,
    const char *wanted)
{
	char path[256];
	struct finding *f;
	struct slice element = { NULL, 0 };

	if (el != NULL && s->here != NULL) {
		const struct node *home = s->home != NULL ? s->home : s->here;
		const char *p = record_path(home, el, path, sizeof(path));

		element = arena_dup(r->mem, slice_of(p));
	}
	f = finding_add(r->found, kind, element,
	    arena_dup(r->mem, slice_of(tag)), shown(r, found),
	    arena_dup(r->mem, slice_of(wanted)));
	place_set(f, s->w);
	return f;
}

/* Over the ceiling they are only counted: no path is worked out for those. */
static bool
too_many(const struct reader *r)
{
	return r->found->n >= FINDINGS_MAX;
}

struct finding *
complain(struct reader *r, enum finding_kind kind, const struct spot *s,
    const struct element *el, struct slice found, const char *wanted)
{
	char path[PATH_MAX_BYTES];
	bool lenient = r->found->lenient;
	struct finding *f;

	path[0] = '\0';
	if (!too_many(r))
		(void)wire_path(s->w, path);
	r->found->lenient = s->line != NULL && s->line->lenient;
	f = finding_make(r, kind, s, el, path, found, wanted);
	r->found->lenient = lenient;
	return f;
}

/* el: the element the line is for, NULL: none or several. */
static const char *
wanted_of(const struct line *l, const struct element **el, bool chinese,
    char *out, size_t size)
{
	*el = NULL;
	if (l->kind == LINE_CONSTANT) {
		(void)snprintf(out, size, "'%.*s'", SLICE_ARG(l->constant[0]));
		return out;
	}
	if (l->kind == LINE_ELEMENT && l->choice.narms > 0) {
		const struct path *p = &l->choice.arm[l->choice.narms - 1].path;

		*el = p->step[p->nsteps - 1];
		return chinese                ? (*el)->zh
		       : (*el)->en[0] != '\0' ? (*el)->en
					      : (*el)->name;
	}
	if (l->kind == LINE_PATTERN) {
		pattern_text(l->piece, l->npieces, chinese, out, size);
		return out;
	}
	return l->most == 1 ? "one" : "at least one";
}

void
complain_missing(
    struct reader *r, const struct line *l, struct wnode *w, struct node *here)
{
	char path[PATH_MAX_BYTES];
	char en[PATTERN_SHOWN], zh[PATTERN_SHOWN];
	const struct element *el;
	const char *wanted = wanted_of(l, &el, false, en, sizeof(en));
	struct spot s = { l, w, here, NULL };
	struct finding *f;
	size_t at = 0;

	path[0] = '\0';
	if (!too_many(r)) {
		at = wire_path(w, path);
		at = path_add(path, at, l->name[0], 0);
		for (int i = 0; i < l->nguards && at < sizeof(path) - 1; i++)
			if (l->guard[i].kind == GUARD_IS)
				at += (size_t)snprintf(path + at,
				    sizeof(path) - at, "[%.*s]",
				    SLICE_ARG(l->guard[i].constant[0]));
	}
	if (el != NULL)
		s.home = bind_where(
		    r, &l->choice.arm[l->choice.narms - 1].path, here);
	r->found->lenient = l->lenient;
	f = finding_make(
	    r, FIND_MISSING, &s, el, path, (struct slice){ NULL, 0 }, wanted);
	r->found->lenient = false;
	if (el != NULL || l->kind == LINE_PATTERN)
		complain_zh(
		    r, f, wanted, wanted_of(l, &el, true, zh, sizeof(zh)));
	/* the container's first bytes are enough to find the place */
	for (const struct wnode *c = w->child; c != NULL; c = c->next)
		if (c->tag == l->tag[0])
			place_set(f, c);
	if (l->tag[0] >= TAG_LEAF && f->place.element == 0) {
		f->place.element = (l->tag[0] - TAG_LEAF) / TAG_COMPONENTS;
		f->place.component = (l->tag[0] - TAG_LEAF) % TAG_COMPONENTS;
	}
	if (f->text_span > 80)
		f->text_span = 80;
}

void
complain_zh(
    struct reader *r, struct finding *f, const char *wanted, const char *zh)
{
	size_t n = strlen(wanted), zn = strlen(zh);
	const char *at = NULL;
	char *p;
	size_t head;

	/* the last: a wire name in front of it may hold the same letters */
	for (size_t i = f->zh.len; n > 0 && zn > 0 && at == NULL && i >= n; i--)
		if (memcmp(f->zh.p + i - n, wanted, n) == 0)
			at = f->zh.p + i - n;
	if (at == NULL || (p = arena_raw(r->mem, f->zh.len - n + zn)) == NULL)
		return;
	head = (size_t)(at - f->zh.p);
	memcpy(p, f->zh.p, head);
	memcpy(p + head, zh, zn);
	memcpy(p + head + zn, at + n, f->zh.len - head - n);
	f->zh = (struct slice){ p, f->zh.len - n + zn };
}

/*
 * tests/fuzz/fuzz_json.c - any text becomes objects or a finding; what was read
 * reads the same when it is written again.
 */
#include <string.h>
#include "src/base/buf.h"
#include "src/syntax/json.h"
#include "tests/fuzz/fuzz.h"

static bool many[TAG_LEAF]; /* every member may be an array */

static void
write_below(struct fuzz *f, struct wire_out *o, const struct wnode *parent)
{
	for (const struct wnode *c = parent->child; c != NULL; c = c->next) {
		wtag tag = tag_make(f->tags, c->name);

		MUST(tag != TAG_UNKNOWN);
		if (c->leaf) {
			o->leaf(o, c->name, tag, c->text);
			continue;
		}
		o->begin(o, c->name, tag);
		write_below(f, o, c);
		o->end(o);
	}
}

static void
same(const struct wnode *a, const struct wnode *b)
{
	MUST(slice_eq(a->name, b->name) && slice_eq(a->text, b->text));
	MUST(a->leaf == b->leaf);
	a = a->child;
	b = b->child;
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		same(a, b);
	MUST(a == NULL && b == NULL);
}

/* So deep it can be written: each object in an array, 64 of both. */
#define WRITTEN_DEPTH 31

static unsigned int
depth_of(const struct wnode *n)
{
	unsigned int most = 0;

	for (const struct wnode *c = n->child; c != NULL; c = c->next) {
		unsigned int d = c->leaf ? 0 : depth_of(c) + 1;

		most = d > most ? d : most;
	}
	return most;
}

/* A list that begins with no object is not one of ours. */
static bool
objects_only(const struct wnode *tree)
{
	for (const struct wnode *c = tree->child; c != NULL; c = c->next)
		if (c->leaf)
			return false;
	return depth_of(tree) <= WRITTEN_DEPTH;
}

static void
again(struct fuzz *f, const struct wnode *tree)
{
	struct json_style style = {
		.list = true, .many = many, .ntags = TAG_LEAF
	};
	const struct wnode *back;
	struct wire_out *o;
	struct text t;
	struct buf out;

	buf_init(&out, 64u << 20);
	o = json_out(&out, &style, f->mem);
	MUST(o != NULL);
	write_below(f, o, tree);
	t.raw = t.utf8 = o->finish(o);
	MUST(!buf_failed(&out));
	back = json_tree(&t, f->tags, f->mem, &f->findings);
	MUST(back != NULL);
	same(tree, back);
	buf_clear(&out);
}

#define MEMBERS 16

/*
 * By its names a format is found before all is read: those of the first object
 * are among them, but for what an escape spells otherwise.
 */
static void
members_look(const struct text *t, const struct wnode *tree)
{
	const struct wnode *o = tree == NULL ? NULL : tree->child;
	struct slice name[MEMBERS];
	uint32_t n = json_members(t->utf8, name, MEMBERS);

	MUST(n <= MEMBERS);
	while (o != NULL && o->leaf)
		o = o->next;
	for (const struct wnode *c = o == NULL ? NULL : o->child;
	     c != NULL && n < MEMBERS; c = c->next) {
		bool found = memchr(t->utf8.p, '\\', t->utf8.len) != NULL;

		for (uint32_t i = 0; i < n; i++)
			found |= slice_eq(name[i], c->name);
		MUST(found);
	}
}

const unsigned int fuzz_kinds = 1;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct fuzz *f = fuzz_start();
	const struct wnode *tree;

	memset(many, true, sizeof(many));
	if (!fuzz_decode(f, p, n))
		return 0;
	tree = json_tree(&f->text, f->tags, f->mem, &f->findings);
	MUST(tree != NULL || f->findings.errors > 0);
	MUST(tree == NULL || json_probe(f->text.utf8));
	members_look(&f->text, tree);
	if (tree != NULL) {
		fuzz_reached(0);
		fuzz_tree(f, tree);
		PLANTED(tree->child != NULL && tree->child->child != NULL &&
			tree->child->child->name.len == 7);
		if (objects_only(tree))
			again(f, tree);
	}
	fuzz_places(f);
	return 0;
}

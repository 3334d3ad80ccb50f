/*
 * tests/fuzz/fuzz_csv.c - any text becomes rows or a finding, with a heading
 * and without; a table written again reads the same.
 */
#include "src/base/buf.h"
#include "src/syntax/csv.h"
#include "tests/fuzz/fuzz.h"

/* Column 1 of every row, written and read again. */
static void
again(struct fuzz *f, const struct wnode *tree)
{
	static const struct slice heading = { "only", 4 };
	struct csv_style style = {
		.header = true, .heading = &heading, .nheadings = 1
	};
	const struct wnode *back;
	struct wire_out *o;
	struct text t;
	struct buf out;

	buf_init(&out, 16u << 20);
	o = csv_out(&out, &style, f->mem);
	MUST(o != NULL);
	for (const struct wnode *r = tree->child; r != NULL; r = r->next) {
		if (r->child == NULL)
			continue;
		o->begin(o, SLICE_LIT("row"), 0);
		o->leaf(o, heading, 0, r->child->text);
		o->end(o);
	}
	MUST(!buf_failed(&out));
	t = (struct text){ .raw = buf_look(&out), .utf8 = buf_look(&out) };
	style.delimiter = ','; /* one column: nothing to sniff */
	back = csv_tree(&t, &style, f->tags, f->mem, &f->findings);
	MUST(back != NULL);
	back = back->child;
	for (const struct wnode *r = tree->child; r != NULL; r = r->next) {
		if (r->child == NULL)
			continue;
		MUST(back != NULL && back->child != NULL);
		MUST(slice_eq(back->child->text, r->child->text));
		back = back->next;
	}
	MUST(back == NULL);
	buf_clear(&out);
}

const unsigned int fuzz_kinds = 2; /* styles */

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct csv_style style[] = { { .header = true },
		{ .delimiter = ';' } };
	struct fuzz *f = fuzz_start();

	if (!fuzz_decode(f, p, n))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		const struct wnode *tree = csv_tree(
		    &f->text, &style[i], f->tags, f->mem, &f->findings);

		MUST(tree != NULL || f->findings.errors > 0);
		if (tree == NULL)
			continue;
		fuzz_reached((unsigned int)i);
		fuzz_tree(f, tree);
		PLANTED(tree->child != NULL && tree->child->child != NULL &&
			slice_is(tree->child->child->text, "\"\""));
		if (i == 0 && f->findings.n == 0)
			again(f, tree);
	}
	fuzz_places(f);
	return 0;
}

/*
 * tests/fuzz/fuzz_xml.c - any text becomes a tree or a finding; what a tree
 * says of the root agrees with the quick look at the head.
 */
#include "src/syntax/xml.h"
#include "tests/fuzz/fuzz.h"

const unsigned int fuzz_kinds = 1;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice raw = { (const char *)p, n }, label, name, space;
	struct fuzz *f = fuzz_start();
	const struct wnode *tree;

	label = xml_label(raw);
	MUST(label.len == 0 ||
	     (label.p >= raw.p && label.p + label.len <= raw.p + n));
	(void)xml_probe(raw);
	if (!fuzz_decode(f, p, n))
		return 0;
	tree = xml_tree(&f->text, f->tags, f->mem, &f->findings);
	MUST(tree != NULL || f->findings.errors > 0);
	if (xml_root(f->text.utf8, &name, &space) && tree != NULL) {
		MUST(tree->child != NULL && tree->child->next == NULL);
		/*
		 * "a:b:c" and "a:" are nobody's names: the two may cut them
		 * elsewhere.
		 */
		if (memchr(name.p, ':', name.len) == NULL && name.len > 0 &&
		    memchr(tree->child->name.p, ':', tree->child->name.len) ==
			NULL)
			MUST(slice_eq(tree->child->name, name));
	}
	if (tree != NULL) {
		fuzz_reached(0);
		fuzz_tree(f, tree);
	}
	PLANTED(tree != NULL && tree->child->child == NULL &&
		tree->child->name.len == 11);
	fuzz_places(f);
	return 0;
}

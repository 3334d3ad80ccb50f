/*
 * tests/unit/test_xml_out.c - XML written, fallen back from, and read again.
 */
#include "src/syntax/xml.h"
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

static struct wnode *
tree(struct bench *b, struct text *t, const char *s)
{
	*t = bench_text(s);
	return xml_tree(t, b->tags, b->mem, &b->findings);
}

struct out {
	struct bench *b;
	struct buf buf;
	struct wire_out *o;
};

static void
out_start(struct out *x, const struct xml_style *style)
{
	x->b = bench_new();
	buf_init(&x->buf, 1 << 20);
	x->o = xml_out(&x->buf, style, x->b->mem);
	assert_non_null(x->o);
}

static void
out_end(struct out *x)
{
	buf_clear(&x->buf);
	bench_free(x->b);
}

#define BEGIN(x, name) (x).o->begin((x).o, slice_of(name), 0)
#define LEAF(x, name, text)                                                    \
	(x).o->leaf((x).o, slice_of(name), 0, slice_of(text))
#define END(x) (x).o->end((x).o)
#define DECL   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

static void
test_a_document_is_laid_out(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &(struct xml_style){ .space = SLICE_LIT("http://u/?a&b"),
			  .indent = true });
	BEGIN(x, "M");
	LEAF(x, "@Version", "4.8");
	BEGIN(x, "Head");
	LEAF(x, "A", "1");
	LEAF(x, "B", "");
	END(x);
	BEGIN(x, "Empty");
	END(x);
	BEGIN(x, "Own");
	LEAF(x, "@k", "v");
	LEAF(x, ".", "text");
	END(x);
	END(x);
	test_slice_is(x.o->finish(x.o),
	    DECL "\n<M xmlns=\"http://u/?a&amp;b\" Version=\"4.8\">\n"
		 "  <Head>\n    <A>1</A>\n    <B/>\n  </Head>\n"
		 "  <Empty/>\n  <Own k=\"v\">text</Own>\n</M>\n");
	out_end(&x);
}

static void
test_a_prefix_stands_before_every_element(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &(struct xml_style){ .space = SLICE_LIT("u"),
			  .prefix = SLICE_LIT("ceb"),
			  .encoding = ENC_GB18030 });
	BEGIN(x, "M");
	LEAF(x, "@v", "1");
	LEAF(x, "A", "1");
	LEAF(x, "ds:S", "2");
	END(x);
	test_slice_is(x.o->finish(x.o),
	    "<?xml version=\"1.0\" encoding=\"GB18030\"?>"
	    "<ceb:M xmlns:ceb=\"u\" v=\"1\"><ceb:A>1</ceb:A>"
	    "<ds:S>2</ds:S></ceb:M>");
	out_end(&x);
}

static void
test_falling_back_leaves_no_trace(void **state)
{
	struct out x;
	struct wire_mark m, k;

	(void)state;
	out_start(&x, &(struct xml_style){ .indent = true });
	BEGIN(x, "M");
	x.o->mark(x.o, &m);
	BEGIN(x, "Gone");
	LEAF(x, "@a", "1");
	x.o->mark(x.o, &k);
	LEAF(x, "B", "2");
	x.o->back(x.o, &k);
	LEAF(x, "@c", "3"); /* its start tag is open again */
	END(x);
	x.o->back(x.o, &m);
	END(x);
	test_slice_is(x.o->finish(x.o), DECL "\n<M/>\n");
	assert_false(buf_failed(&x.buf));
	out_end(&x);
}

static void
test_an_attribute_behind_content_fails_the_buffer(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &(struct xml_style){ .indent = false });
	BEGIN(x, "M");
	LEAF(x, "A", "1");
	LEAF(x, "@late", "1");
	END(x);
	assert_true(buf_failed(&x.buf));
	out_end(&x);
}

static size_t placed_at, placed_len;
static uint32_t placed_number;

static void
placed(void *arg, uint32_t number, size_t at, size_t len)
{
	(void)arg;
	placed_number = number;
	placed_at = at;
	placed_len = len;
}

static void
test_each_leaf_is_told_where_it_was_placed(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &(struct xml_style){ .indent = false });
	x.o->placed = placed;
	BEGIN(x, "M");
	LEAF(x, "A", "");
	LEAF(x, "B", "<&");
	END(x);
	assert_int_equal(placed_number, 1);
	assert_memory_equal(x.buf.p + placed_at, "&lt;&amp;", 9);
	assert_int_equal(placed_len, 9);
	out_end(&x);
}

static void
test_what_is_written_reads_back(void **state)
{
	static const char *const texts[] = { "plain", "<a>&\"'", "a]]>b",
		"中文𠀀", " two  blanks ", "line\r\nend\r", "\ttab\n" };
	struct out x;
	struct text t;
	const struct wnode *m, *e;

	(void)state;
	out_start(&x, &(struct xml_style){ .indent = true });
	BEGIN(x, "M");
	for (size_t i = 0; i < 7; i++) {
		BEGIN(x, "E");
		LEAF(x, "@a", texts[i]);
		LEAF(x, "T", texts[i]);
		END(x);
	}
	END(x);
	(void)x.o->finish(x.o);
	m = child_of(tree(x.b, &t, buf_cstr(&x.buf)), "M");
	no_finding(x.b);
	e = m->child;
	for (size_t i = 0; i < 7; i++, e = e->next) {
		test_slice_is(e->child->text, texts[i]);
		test_slice_is(child_of(e, "T")->text, texts[i]);
	}
	out_end(&x);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_a_document_is_laid_out),
		T(test_a_prefix_stands_before_every_element),
		T(test_falling_back_leaves_no_trace),
		T(test_an_attribute_behind_content_fails_the_buffer),
		T(test_each_leaf_is_told_where_it_was_placed),
		T(test_what_is_written_reads_back),
	};

	return TESTS_RUN(tests);
}

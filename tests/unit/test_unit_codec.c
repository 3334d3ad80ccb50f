/*
 * tests/unit/test_unit_codec.c - "unit U": what is on the wire in one unit is
 * in the record in the element's, and back; what does not come out even is
 * neither kept nor written.
 */
#include <stdlib.h>
#include "src/read/read.h"
#include "src/record/decimal.h"
#include "src/syntax/xml.h"
#include "src/write/write.h"
#include "tests/unit/formats_world.h"

#define MEMORY    (16u << 20)
#define BODY_ROOM (1u << 20)

static const char units[] = "# list unit open\n"
			    "code\tun20\tfactor\n"
			    "035\tKGM\t1\n"
			    "070\tTNE\t1000\n"
			    "076\tLBR\t0.45359237\n"
			    "001\tPCE\t\n";
static const char directory[] =
    "document declaration\n"
    "  number an..35; mass dec..19.5 unit KGM; pounds dec..19.5 unit LBR\n";
static const char format[] = "format x syntax xml document declaration\n"
			     "N!\n"
			     "  Id! number\n"
			     "  Kilos mass unit KGM\n"
			     "  Tonnes mass unit TNE decimals ..6\n"
			     "  Pounds pounds unit KGM\n";

static void
world_units(struct world *w, const char *text, enum rc want)
{
	world_begin(w);
	world_text(w, "codes/unit.tsv", units);
	world_text(w, "directory/all.dir", directory);
	world_text(w, "formats/x.fmt", text);
	world_run(w, want);
}

struct filing {
	struct world w;
	struct arena *mem;
	struct findings found;
	struct buf body;
	char mass[DECIMAL_TEXT], pounds[DECIMAL_TEXT];
	uint32_t errors;
	char en[300]; /* the first error of reading */
};

static void
value_keep(const struct record *r, const char *name, char *out)
{
	const struct value *v = record_get(r->root, name);

	out[0] = '\0';
	if (v != NULL)
		(void)snprintf(out, DECIMAL_TEXT, "%.*s", SLICE_ARG(v->text));
}

static enum rc
filing_take(void *arg, struct record *r, struct findings *found, uint32_t at,
    uint32_t span)
{
	struct filing *f = arg;

	(void)at;
	(void)span;
	f->errors = found->errors;
	if (found->first != NULL)
		(void)snprintf(
		    f->en, sizeof(f->en), "%.*s", SLICE_ARG(found->first->en));
	value_keep(r, "mass", f->mass);
	value_keep(r, "pounds", f->pounds);
	return RC_OK;
}

static void
filing_begin(struct filing *f)
{
	*f = (struct filing){ .mem = arena_new(MEMORY) };
	assert_non_null(f->mem);
	world_units(&f->w, format, RC_OK);
	findings_init(&f->found, f->mem);
	buf_init(&f->body, BODY_ROOM);
}

static void
filing_end(struct filing *f)
{
	buf_clear(&f->body);
	arena_free(f->mem);
	world_gone(&f->w);
}

static void
filing_read(struct filing *f, const char *xml)
{
	const struct plan *plan = format_find(f->w.all, SLICE_LIT("x"));
	struct text t;
	struct read_in in = { .plan = plan,
		.dir = formats_directory(f->w.all),
		.text = &t,
		.base_year = 2026 };

	assert_int_equal(
	    text_decode(&t, slice_of(xml), NULL, 0, (struct slice){ NULL, 0 },
		f->mem, &f->found, &f->w.err),
	    RC_OK);
	in.tree = xml_tree(&t, plan->tags, f->mem, &f->found);
	assert_non_null(in.tree);
	assert_int_equal(
	    read_filings(&in, f->mem, filing_take, f, &f->w.err), RC_OK);
}

static enum rc
filing_write(struct filing *f, const char *record)
{
	const struct plan *plan = format_find(f->w.all, SLICE_LIT("x"));
	struct record r = { .dir = formats_directory(f->w.all), .mem = f->mem },
		      *list = &r;
	struct write_in in = { .plan = plan, .record = &list, .nrecords = 1 };
	struct write_out out = { .body = &f->body };

	r.root = node_new(f->mem, plan->document, NULL);
	assert_int_equal(
	    record_parse(&r, r.root, slice_of(record), &f->w.err), RC_OK);
	return write_message(&in, &out, f->mem, &f->found, &f->w.err);
}

static void
test_a_number_is_kept_in_the_unit_of_its_element(void **state)
{
	static const struct {
		const char *xml, *mass;
	} cases[] = {
		{ "<N><Id>1</Id><Tonnes>1.5</Tonnes></N>", "1500" },
		{ "<N><Id>1</Id><Tonnes>0.000001</Tonnes></N>", "0.001" },
		{ "<N><Id>1</Id><Tonnes>-2</Tonnes></N>", "-2000" },
		{ "<N><Id>1</Id><Kilos>1.50</Kilos></N>", "1.50" },
		/* said twice in two units, it agrees */
		{ "<N><Id>1</Id><Kilos>20</Kilos><Tonnes>0.02</Tonnes></N>",
		    "20" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct filing f;

		filing_begin(&f);
		filing_read(&f, cases[i].xml);
		assert_string_equal(f.en, "");
		assert_string_equal(f.mass, cases[i].mass);
		filing_end(&f);
	}
}

static void
test_what_does_not_come_out_even_is_not_kept(void **state)
{
	struct filing f;

	(void)state;
	filing_begin(&f);
	filing_read(&f, "<N><Id>1</Id><Pounds>1</Pounds></N>");
	assert_int_equal(f.errors, 1);
	assert_string_equal(f.en,
	    "N/Pounds is '1', want a number of KGM that comes out even in "
	    "LBR");
	assert_string_equal(f.pounds, "");
	filing_end(&f);
	filing_begin(&f);
	filing_read(&f, "<N><Id>1</Id><Tonnes>heavy</Tonnes></N>");
	assert_int_equal(f.errors, 1);
	filing_end(&f);
}

static void
test_it_is_written_in_the_unit_of_the_wire_or_not_at_all(void **state)
{
	struct filing f;

	(void)state;
	filing_begin(&f);
	assert_int_equal(
	    filing_write(&f, "number\t1\nmass\t1500\npounds\t2\n"), RC_OK);
	assert_non_null(memmem(buf_look(&f.body).p, f.body.len,
	    "<Kilos>1500</Kilos><Tonnes>1.5</Tonnes>"
	    "<Pounds>0.90718474</Pounds>",
	    66));
	filing_end(&f);
	filing_begin(&f);
	/* a ten-thousandth of a gram is no millionth of a tonne */
	assert_int_equal(
	    filing_write(&f, "number\t1\nmass\t0.00001\n"), RC_REFUSED);
	test_slice_is(f.found.first->en,
	    "mass is '0.00001', N/Tonnes wants at most 6 decimals");
	filing_end(&f);
}

static void
test_a_unit_without_a_factor_is_no_unit_to_convert(void **state)
{
	static const struct {
		const char *unit, *sentence;
	} cases[] = {
		{ "PCE", "'PCE' has no factor in list 'unit', want one to "
			 "convert by" },
		{ "XYZ", "list 'unit' has no 'XYZ'" },
		{ "with", "list 'unit' has no 'with'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		char text[200];

		(void)snprintf(text, sizeof(text),
		    "format x syntax xml document declaration\nN!\n"
		    "  Id! number\n  Mass mass unit %s\n",
		    cases[i].unit);
		world_units(&w, text, RC_REFUSED);
		only_complaint_is(&w.c, 4, 18, cases[i].sentence);
		world_gone(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_number_is_kept_in_the_unit_of_its_element),
		T(test_what_does_not_come_out_even_is_not_kept),
		T(test_it_is_written_in_the_unit_of_the_wire_or_not_at_all),
		T(test_a_unit_without_a_factor_is_no_unit_to_convert),
	};

	return TESTS_RUN(tests);
}

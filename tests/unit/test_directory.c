/*
 * tests/unit/test_directory.c - the directory language, and records of it.
 */
#include <stdlib.h>
#include "src/base/buf.h"
#include "src/record/record.h"
#include "tests/unit/test.h"
#include "tests/unit/texts.h"

static const char codes_text[] = "# list country complete\n"
				 "code\tiso3\nCN\tCHN\nDE\tDEU\n";

struct world {
	char *dir;
	struct codelists *codes;
	struct directory *d;
	struct complaints c;
	struct err err;
};

static void
world_load(struct world *w, const char *text, enum rc want)
{
	char path[1000];
	enum rc rc;

	*w = (struct world){ .dir = test_dir() };
	complaints_init(&w->c);
	text_write(w->dir, "codes/country.tsv", codes_text);
	text_write(w->dir, "directory/a.dir", text);
	snprintf(path, sizeof(path), "%s/codes", w->dir);
	assert_int_equal(
	    codelists_load(&w->codes, path, &w->c, &w->err), RC_OK);
	snprintf(path, sizeof(path), "%s/directory", w->dir);
	rc = directory_load(&w->d, path, w->codes, &w->c, &w->err);
	if (rc != want)
		complaints_print(&w->c, stderr);
	assert_int_equal(rc, want);
}

static void
world_gone(struct world *w)
{
	directory_free(w->d);
	codelists_free(w->codes);
	complaints_clear(&w->c);
	test_dir_gone(w->dir);
}

static const char small[] =
    "document declaration \"Goods declaration\" \"货物申报\" dated made\n"
    "  key filer = number; key pair = importer.name + number\n"
    "  number an..35 \"Reference\" \"企业内部编号\" tded 1004 wco 15\n"
    "  made moment; importer : party \"Importer\" \"进口人\"\n"
    "  gross_mass dec..19.5 unit KGM was weight was mass\n"
    "  item*999 \"Goods item\" \"商品项\"  # a comment\n"
    "    sequence int..4; origin code country open\n"
    "    spec*60 an..255 placed; secret_id n18 private\n"
    "  box* : equipment\n"
    "group party\n"
    "  name an..150; country code country\n"
    "group equipment\n"
    "  number an..17; goods* ref item\n"
    "  load*9\n"
    "    of ref item\n"
    "document receipt\n"
    "  about; status an..12\n"
    "  part*9\n"
    "    about; status an..12\n";

static void
test_elements_have_types_sizes_labels_and_notes(void **state)
{
	const struct group *g;
	const struct element *e;
	struct world w;

	(void)state;
	world_load(&w, small, RC_OK);
	g = directory_document(w.d, SLICE_LIT("declaration"));
	assert_non_null(g);
	assert_string_equal(g->zh, "货物申报");
	e = group_element(g, SLICE_LIT("number"));
	assert_int_equal(e->type, EL_AN);
	assert_int_equal(e->max, 35);
	assert_int_equal(e->min, 0);
	assert_string_equal(e->en, "Reference");
	assert_string_equal(e->source, "tded 1004 wco 15");
	assert_int_equal(e->line, 3);
	assert_string_equal(e->file + strlen(w.dir), "/directory/a.dir");
	e = group_element(g, SLICE_LIT("mass"));
	assert_string_equal(e->name, "gross_mass");
	assert_int_equal(e->type, EL_DEC);
	assert_int_equal(e->max, 19);
	assert_int_equal(e->decimals, 5);
	assert_string_equal(e->unit, "KGM");
	assert_ptr_equal(g->dated, group_element(g, SLICE_LIT("made")));
	e = group_element(g, SLICE_LIT("item"));
	assert_true(e->repeats);
	assert_int_equal(e->most, 999);
	g = e->group;
	e = group_element(g, SLICE_LIT("origin"));
	assert_int_equal(e->type, EL_CODE);
	assert_true(e->open);
	assert_string_equal(e->list->name, "country");
	e = group_element(g, SLICE_LIT("secret_id"));
	assert_true(e->secret);
	assert_int_equal(e->min, 18);
	assert_false(e->placed);
	assert_true(group_element(g, SLICE_LIT("spec"))->placed);
	assert_null(group_element(g, SLICE_LIT("nothing")));
	assert_null(directory_nth(w.d, 2));
	world_gone(&w);
}

static void
test_keys_references_and_receipts_point_where_they_should(void **state)
{
	const struct group *g, *receipt, *part;
	const struct element *item, *box, *load;
	struct world w;

	(void)state;
	world_load(&w, small, RC_OK);
	g = directory_document(w.d, SLICE_LIT("declaration"));
	assert_int_equal(g->nkeys, 2);
	assert_string_equal(g->key[1].name, "pair");
	assert_int_equal(g->key[1].nparts, 2);
	assert_int_equal(g->key[1].part[0].n, 2);
	assert_string_equal(g->key[1].part[0].step[1]->name, "name");
	item = group_element(g, SLICE_LIT("item"));
	box = group_element(g, SLICE_LIT("box"));
	assert_ptr_equal(
	    group_element(box->group, SLICE_LIT("goods"))->group, item->group);
	load = group_element(box->group, SLICE_LIT("load"));
	assert_ptr_equal(
	    group_element(load->group, SLICE_LIT("of"))->group, item->group);
	receipt = directory_receipt(w.d, g);
	assert_non_null(receipt);
	assert_ptr_equal(group_element(receipt, SLICE_LIT("about"))->group, g);
	part = group_element(receipt, SLICE_LIT("part"))->group;
	assert_ptr_equal(group_element(part, SLICE_LIT("about"))->group, g);
	assert_ptr_equal(group_element(part, SLICE_LIT("about"))->owner, part);
	world_gone(&w);
}

static void
test_every_mistake_of_a_directory_is_told_in_one_run(void **state)
{
	struct world w;

	(void)state;
	world_load(&w,
	    "document a \"A\" dated number\n"
	    "  number an..35; number n18\n"
	    "  code an..3\n"
	    "  kind code colour\n"
	    "  party : partie\n"
	    "  Size int\n"
	    "  width int..x\n"
	    "  what\n"
	    "\tpeg\n"
	    "group g\n"
	    "  inner : g\n"
	    "nonsense\n",
	    RC_REFUSED);
	complaint_is(&w.c, 0, 9, 1, "a tab in the indentation, want blanks");
	complaint_is(&w.c, 1, 2, 18, "'number' stands in 'a' twice");
	complaint_is(&w.c, 2, 3, 3,
	    "'code' is a word of the format language "
	    "and cannot name an element");
	complaint_is(&w.c, 3, 4, 13, "there is no code list 'colour'");
	complaint_is(&w.c, 4, 6, 3,
	    "'Size' is not understood, want the name "
	    "of an element, lower case letters, digits and _");
	complaint_is(&w.c, 5, 7, 12,
	    "'..x' is no size, want one like ..35, 18 or ..19.5");
	complaint_is(&w.c, 6, 8, 7,
	    "the line ends here, want a type, or "
	    "indented lines below");
	complaint_is(&w.c, 7, 12, 1,
	    "'nonsense' is not understood, want "
	    "document or group at the left margin");
	complaint_is(&w.c, 8, 5, 11, "there is no group 'partie'");
	complaint_is(&w.c, 9, 11, 11, "a group may not contain itself: 'g'");
	assert_int_equal(w.c.n, 10);
	world_gone(&w);
}

static void
test_only_members_of_a_list_have_places(void **state)
{
	struct world w;

	(void)state;
	world_load(&w,
	    "document declaration\n"
	    "  number an..35 placed\n",
	    RC_REFUSED);
	complaint_is(&w.c, 0, 2, 17, "only what repeats can be 'placed'");
	world_gone(&w);
}

static void
test_a_reference_without_its_group_is_refused(void **state)
{
	struct world w;

	(void)state;
	world_load(&w,
	    "document a\n  key k = number + nothing\n  number an..3\n"
	    "  goods ref item\n",
	    RC_REFUSED);
	complaint_is(
	    &w.c, 0, 4, 13, "there is no repeated group to refer to: 'item'");
	complaint_is(&w.c, 1, 2, 20, "there is no element 'nothing' in 'a'");
	assert_int_equal(w.c.errors, 2);
	world_gone(&w);
}

static void
test_complaints_show_the_line_and_a_caret(void **state)
{
	struct world w;
	char *text, *at;

	(void)state;
	world_load(
	    &w, "document a\n  number an..3 \"数\" \"量\" what\n", RC_REFUSED);
	text = complaints_text(&w.c);
	at = strstr(text, "a.dir:2:24: error: 'what' is not understood, want a "
			  "type, a label or a note\n"
			  "      number an..3 \"数\" \"量\" what\n"
			  "                             ^\n");
	if (at == NULL)
		print_message("%s", text);
	assert_non_null(at);
	free(text);
	world_gone(&w);
}

static void
test_a_record_prints_and_reads_back_the_same(void **state)
{
	static const char text[] = "number\tA\\\\1\\t2\\n3\n"
				   "importer.country\t?country.iso3:ZZZ\n"
				   "item[1].spec[1]\tred\n"
				   "item[1].spec[2]\tblue\n"
				   "item[2].origin\tDE\n";
	const struct value *v;
	struct record r = { 0 };
	struct world w;
	struct buf b;

	(void)state;
	world_load(&w, small, RC_OK);
	r.mem = arena_new(1 << 20);
	r.root = node_new(
	    r.mem, directory_document(w.d, SLICE_LIT("declaration")), NULL);
	assert_int_equal(
	    record_parse(&r, r.root, slice_of(text), &w.err), RC_OK);
	v = record_get(r.root, "item[1].spec[2]");
	test_slice_is(v->text, "blue");
	v = record_get(r.root, "importer.country");
	test_slice_is(v->text, "ZZZ");
	assert_int_equal(v->flags, VALUE_RAW);
	test_slice_is(record_get(r.root, "number")->text, "A\\1\t2\n3");
	assert_null(record_get(r.root, "item[3].origin"));
	assert_null(record_get(r.root, "item"));
	assert_null(record_get(r.root, "number.more"));
	buf_init(&b, 4096);
	record_print(r.root, &b);
	test_slice_is(buf_look(&b), text);
	buf_clear(&b);
	assert_int_equal(record_parse(&r, r.root,
			     SLICE_LIT("\nitem[9].origin\tCN\n"), &w.err),
	    RC_REFUSED);
	assert_string_equal(
	    w.err.text, "record line 2: the document has no 'item[9].origin'");
	arena_free(r.mem);
	world_gone(&w);
}

static void
test_a_single_element_is_replaced_and_a_list_grows(void **state)
{
	const struct group *g;
	const struct element *e;
	struct arena *mem = arena_new(1 << 20);
	struct node *root, *item;
	struct world w;
	char path[40];

	(void)state;
	world_load(&w, small, RC_OK);
	g = directory_document(w.d, SLICE_LIT("declaration"));
	root = node_new(mem, g, NULL);
	e = group_element(g, SLICE_LIT("number"));
	value_add(mem, root, e, SLICE_LIT("one"));
	value_add(mem, root, e, SLICE_LIT("two"));
	assert_int_equal(value_count(root->slot[e->slot].value), 1);
	test_slice_is(root->slot[e->slot].value->text, "two");
	e = group_element(g, SLICE_LIT("item"));
	node_add(mem, root, e);
	item = node_add(mem, root, e);
	assert_int_equal(node_count(root->slot[e->slot].node), 2);
	assert_ptr_equal(node_need(mem, root, e), root->slot[e->slot].node);
	record_path(item, group_element(e->group, SLICE_LIT("origin")), path,
	    sizeof(path));
	assert_string_equal(path, "item[2].origin");
	record_path(item, NULL, path, 5);
	assert_string_equal(path, "item");
	arena_free(mem);
	world_gone(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_elements_have_types_sizes_labels_and_notes),
		T(test_keys_references_and_receipts_point_where_they_should),
		T(test_every_mistake_of_a_directory_is_told_in_one_run),
		T(test_only_members_of_a_list_have_places),
		T(test_a_reference_without_its_group_is_refused),
		T(test_complaints_show_the_line_and_a_caret),
		T(test_a_record_prints_and_reads_back_the_same),
		T(test_a_single_element_is_replaced_and_a_list_grows),
	};

	return TESTS_RUN(tests);
}

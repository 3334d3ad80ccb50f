/*
 * tests/unit/test_format.c - format files become plans.
 */
#include "src/base/buf.h"
#include "tests/unit/formats_world.h"

static const struct line *
below(const struct line *l, const char *name)
{
	for (l = l->child; l != NULL; l = l->next)
		if (slice_is(l->name[0], name))
			return l;
	fail_msg("no line '%s'", name);
	return NULL;
}

static const struct plan *
the_plan(struct world *w, const char *name)
{
	const struct plan *p = format_find(w->all, slice_of(name));

	assert_non_null(p);
	return p;
}

static void
test_a_line_has_its_tag_count_path_codec_and_marks(void **state)
{
	struct world w;
	const struct plan *p;
	const struct line *note, *l;

	(void)state;
	world_load(&w, "x",
	    "format x \"Note\" \"通知\" syntax xml document declaration\n"
	    "namespace n \"urn:n\"; encoding GB18030, UTF-8; zone -03:30\n"
	    "in -; file \"I_{number alias 18}.xml\"\n"
	    "n:Note!\n"
	    "  @version|rev \"1\"|\"2\" lenient\n"
	    "  n:Way|Dir! direction code direction.cn default \"I\"\n"
	    "  n:Mass gross_mass decimals ..5\n"
	    "  n:Lines/n:Line+50 item blank\n"
	    "    No! sequence; Spec spec list \"|\"; Code commodity upper\n"
	    "  Total = count item\n"
	    "  Sign sign card; Old -\n",
	    RC_OK);
	p = the_plan(&w, "x");
	assert_string_equal(p->zh, "通知");
	assert_int_equal(p->encoding[0], ENC_GB18030);
	assert_int_equal(p->zone_minutes, -210);
	test_slice_is(p->space, "urn:n");
	test_slice_is(p->prefix, "n");
	assert_string_equal(p->in[0], "-");
	assert_int_equal(p->nfiles, 1);
	assert_int_equal(p->file[0].npieces, 3);
	note = below(p->root, "n:Note");
	assert_true(note->bang);
	assert_int_equal(note->tag[0], tag_find(p->tags, SLICE_LIT("Note")));
	l = below(note, "@version");
	assert_true(l->attribute && l->lenient);
	test_slice_is(l->name[1], "@rev");
	assert_int_equal(l->nconstants, 2);
	l = below(note, "n:Way");
	assert_int_equal(l->kind, LINE_ELEMENT);
	assert_int_equal(l->ntags, 2);
	assert_int_equal(l->least, 1);
	assert_string_equal(l->codec->u.code.scheme, "direction.cn");
	test_slice_is(l->fallback, "I");
	assert_ptr_equal(line_first(note, l->tag[1]), l);
	l = below(below(note, "n:Lines"), "n:Line");
	assert_int_equal(l->kind, LINE_GROUP);
	assert_int_equal(l->least, 1);
	assert_int_equal(l->most, 50);
	assert_true(l->blank);
	assert_int_equal(below(l, "Spec")->codec->kind, CODEC_LIST);
	assert_int_equal(below(note, "Total")->kind, LINE_COMPUTED);
	assert_string_equal(below(note, "Sign")->sign, "card");
	assert_int_equal(below(note, "Old")->kind, LINE_DROP);
	assert_null(line_first(note, tag_find(p->tags, SLICE_LIT("Line"))));
	world_gone(&w);
}

static void
test_alternatives_are_found_in_file_order(void **state)
{
	struct world w;
	const struct line *root, *a, *b, *c;
	wtag t;

	(void)state;
	world_load(&w, "x",
	    "format x syntax xml document declaration\n"
	    "N!\n"
	    "  R[K \"1\"]/V number\n"
	    "  S -\n"
	    "  R[K \"2\", Q present] note_group\n"
	    "    K \"2\"; V number\n"
	    "  R* -\n",
	    RC_REFUSED);
	only_complaint_is(
	    &w.c, 5, 23, "there is no element 'note_group' in 'declaration'");
	world_gone(&w);
	world_load(&w, "x",
	    "format x syntax xml document declaration\n"
	    "N!\n"
	    "  R[K \"1\"]/V number\n"
	    "  S -\n"
	    "  R[K \"2\"]\n"
	    "    K \"2\"; V name\n"
	    "  R* -\n",
	    RC_OK);
	root = the_plan(&w, "x")->root->child;
	t = tag_find(root->plan->tags, SLICE_LIT("R"));
	a = line_first(root, t);
	b = line_again(a, t);
	c = line_again(b, t);
	assert_int_equal(a->file_line, 3);
	assert_null(a->guard[0].line);
	assert_int_equal(b->file_line, 5);
	assert_ptr_equal(b->guard[0].line, b->child);
	assert_int_equal(c->kind, LINE_DROP);
	assert_null(line_again(c, t));
	assert_null(
	    line_first(root, tag_find(root->plan->tags, SLICE_LIT("V"))));
	world_gone(&w);
}

static void
test_lines_that_begin_with_the_same_step_share_it(void **state)
{
	struct world w;
	const struct line *n;

	(void)state;
	world_load(&w, "x",
	    "format x syntax xml document declaration\n"
	    "N!\n"
	    "  A[K \"1\"]/E note\n"
	    "  A!/B number\n"
	    "  C name\n"
	    "  A/D gross_mass\n",
	    RC_OK);
	n = the_plan(&w, "x")->root->child;
	assert_int_equal(below(n, "A")->nguards, 1);
	n = n->child->next;
	assert_true(n->bang);
	assert_int_equal(below(n, "D")->file_line, 6);
	assert_null(n->child->next->next);
	world_gone(&w);
}

static void
test_a_let_is_a_choice_and_else_the_negation(void **state)
{
	struct world w;
	const struct line *n, *item, *l;
	struct record r = { 0 };
	struct scope s;

	(void)state;
	world_load(&w, "x",
	    "format x syntax xml document declaration\n"
	    "N!\n"
	    "  let trader = importer when direction = import else exporter\n"
	    "  Way direction; Name trader.name\n"
	    "  T name when direction = import\n"
	    "  T note else\n"
	    "  I+ item\n"
	    "    let stated = destination when /direction = export else "
	    "origin\n"
	    "    O stated; T trader.country\n",
	    RC_OK);
	n = the_plan(&w, "x")->root->child;
	l = below(n, "Name");
	assert_int_equal(l->choice.narms, 2);
	assert_null(l->choice.arm[1].when);
	test_slice_is(l->choice.arm[0].path.text, "trader.name");
	item = below(n, "I");
	l = below(item, "T");
	assert_int_equal(l->choice.arm[0].path.base, PATH_UP);
	assert_int_equal(l->choice.arm[0].path.up, 1);
	r.mem = arena_new(1 << 20);
	r.root = node_new(r.mem, the_plan(&w, "x")->document, NULL);
	record_set(&r, r.root, "direction", SLICE_LIT("export"));
	record_set(&r, r.root, "exporter.name", SLICE_LIT("E"));
	record_set(&r, r.root, "importer.name", SLICE_LIT("I"));
	record_set(&r, r.root, "exporter.country", SLICE_LIT("CN"));
	record_set(&r, r.root, "item[1].destination", SLICE_LIT("DE"));
	s = (struct scope){ .record = &r, .here = r.root };
	test_slice_is(
	    path_value(choice_path(&below(n, "Name")->choice, &s), &s)->text,
	    "E");
	l = below(n, "T");
	assert_false(cond_holds(l->when, &s));
	assert_true(cond_holds(l->next->when, &s));
	s.here =
	    r.root->slot[group_element(r.root->group, SLICE_LIT("item"))->slot]
		.node;
	test_slice_is(
	    path_value(choice_path(&below(item, "O")->choice, &s), &s)->text,
	    "DE");
	test_slice_is(
	    path_value(choice_path(&below(item, "T")->choice, &s), &s)->text,
	    "CN");
	arena_free(r.mem);
	world_gone(&w);
}

static void
test_shapes_are_copied_where_they_are_used(void **state)
{
	struct world w;
	const struct line *n, *a, *b;

	(void)state;
	world_load(&w, "x",
	    "format x syntax xml document declaration\n"
	    "N!\n"
	    "  A importer : who\n"
	    "    Extra country\n"
	    "  B exporter : who\n"
	    "shape who\n"
	    "  Name name; Up ^number\n",
	    RC_OK);
	n = the_plan(&w, "x")->root->child;
	a = below(n, "A");
	b = below(n, "B");
	assert_string_equal(
	    below(b, "Name")->choice.arm[0].path.step[0]->name, "name");
	assert_ptr_not_equal(below(a, "Name"), below(b, "Name"));
	assert_int_equal(below(a, "Up")->choice.arm[0].path.up, 1);
	assert_non_null(below(a, "Extra"));
	world_gone(&w);
}

static void
test_a_child_replaces_adds_and_removes(void **state)
{
	struct world w;
	const struct plan *p;
	const struct line *n, *l;

	(void)state;
	world_load(&w, "x",
	    "format x \"Old\" syntax xml document declaration\n"
	    "encoding UTF-8; zone +08:00\n"
	    "N![V \"1\"]\n"
	    "  A number; B name; C[K \"1\"]/D gross_mass\n"
	    "  E importer : who\n"
	    "shape who\n"
	    "  Name name\n",
	    RC_OK);
	world_gone(&w);
	world_begin(&w);
	world_text(&w, "formats/x.fmt",
	    "format x \"Old\" syntax xml document declaration\n"
	    "encoding UTF-8; zone +08:00\n"
	    "N![V \"1\"]\n"
	    "  A number; B name; C[K \"1\"]/D gross_mass\n"
	    "  E importer : who\n"
	    "shape who\n"
	    "  Name name\n");
	world_text(&w, "formats/y.fmt",
	    "format y \"New\" extends x\n"
	    "zone +00:00\n"
	    "N![V \"2\"]\n"
	    "  A! number upper\n"
	    "  F note\n"
	    "  - B\n"
	    "shape who\n"
	    "  Title name\n");
	world_run(&w, RC_OK);
	p = the_plan(&w, "y");
	assert_string_equal(p->en, "New");
	assert_int_equal(p->zone_minutes, 0);
	assert_int_equal(p->encoding[0], ENC_UTF8);
	n = p->root->child;
	assert_null(n->next);
	test_slice_is(n->guard[0].constant[0], "2");
	l = n->child;
	test_slice_is(l->name[0], "A");
	assert_true(l->bang);
	assert_int_equal(l->codec->kind, CODEC_UPPER);
	test_slice_is(l->next->name[0], "F");
	test_slice_is(l->next->next->name[0], "C");
	assert_non_null(below(below(n, "E"), "Title"));
	assert_non_null(below(the_plan(&w, "x")->root->child, "B"));
	world_gone(&w);
}

static void
test_a_pattern_is_pieces_with_widths_and_defaults(void **state)
{
	struct world w;
	const struct line *l;

	(void)state;
	world_load(&w, "x",
	    "format x syntax xml document declaration\n"
	    "N!\n"
	    "  A \"<{direction:1 code direction.cn default 9}>"
	    "{number}[/{importer.name}]\\[x\"\n",
	    RC_OK);
	l = the_plan(&w, "x")->root->child->child;
	assert_int_equal(l->kind, LINE_PATTERN);
	assert_int_equal(l->npieces, 9);
	assert_int_equal(l->piece[1].width, 1);
	test_slice_is(l->piece[1].fallback, "9");
	assert_int_equal(l->piece[4].kind, PIECE_OPEN);
	assert_int_equal(l->piece[4].match, 7);
	test_slice_is(l->piece[8].text, "[x");
	world_gone(&w);
}

static void
test_edifact_lines_get_their_places_from_the_table(void **state)
{
	struct world w;
	const struct line *root, *l;

	(void)state;
	world_begin(&w);
	world_tables(&w);
	world_text(&w, "formats/x.fmt",
	    "format x syntax edifact table CUSDEC:D:96B document declaration\n"
	    "UNH![S009.0065 \"CUSDEC\"]\n"
	    "  S009 -\n"
	    "BGM!\n"
	    "  C106.1004! number\n"
	    "FTX*[4451 \"AAI\"]/C108.4440*5 note wrap 70\n"
	    "UNS![0081 \"D\"]\n"
	    "CST+99 item\n"
	    "  1496! sequence; C246#2.7361 name\n"
	    "UNS![0081 \"S\"]\n");
	world_run(&w, RC_OK);
	root = the_plan(&w, "x")->root;
	l = below(root, "UNH");
	assert_int_equal(l->guard[0].step[0], tag_leaf(2, 1));
	assert_int_equal(below(l, "S009")->tag[0], tag_leaf(2, 1));
	assert_true(below(l, "S009")->span > 4);
	assert_non_null(line_first(l, tag_leaf(2, 3)));
	l = below(below(root, "FTX"), "C108.4440");
	assert_int_equal(l->tag[0], tag_leaf(4, 1));
	assert_int_equal(l->span, 5);
	test_slice_is(l->format, "an..70");
	l = below(root, "CST");
	assert_int_equal(below(l, "C246#2.7361")->tag[0], tag_leaf(3, 1));
	assert_null(line_again(line_first(root, l->tag[0]), l->tag[0]));
	world_gone(&w);
}

static void
test_sw_xml_is_derived_from_the_directory(void **state)
{
	struct world w;
	const struct plan *p;
	const struct line *l;

	(void)state;
	world_load(&w, "x",
	    "format x syntax xml document declaration\nN!\n  A number\n",
	    RC_OK);
	p = the_plan(&w, "sw-xml");
	test_slice_is(p->space, "urn:entrepot:sw-xml:1");
	assert_string_equal(p->en, "Goods declaration");
	l = below(p->root, "declaration");
	assert_true(l->bang);
	assert_int_equal(below(l, "item")->most, 99);
	assert_int_equal(below(below(l, "item"), "spec")->most, 60);
	assert_null(below(l, "direction")->codec);
	p = the_plan(&w, "sw-xml-receipt");
	l = below(below(p->root, "receipt"), "about");
	assert_int_equal(l->kind, LINE_GROUP);
	assert_non_null(below(below(l, "item"), "origin"));
	assert_null(format_find(w.all, SLICE_LIT("sw-xml-transmission")));
	world_gone(&w);
}

static void
test_the_version_changes_with_any_byte_of_any_file(void **state)
{
	struct world w;
	char first[65];

	(void)state;
	world_load(&w, "x",
	    "format x syntax xml document declaration\nN!\n  A number\n",
	    RC_OK);
	memcpy(first, formats_version(w.all), 65);
	formats_free(w.all);
	w.all = NULL;
	world_run(&w, RC_OK);
	assert_string_equal(formats_version(w.all), first);
	formats_free(w.all);
	w.all = NULL;
	world_text(&w, "rules/a.rules", "rules declaration\n");
	world_run(&w, RC_OK);
	assert_string_not_equal(formats_version(w.all), first);
	world_gone(&w);
}

static void
test_hostile_text_is_refused_and_does_no_harm(void **state)
{
	static const char *const words[] = { "A", "!", "*", "+9", "[", "]", "/",
		"\"", "{", "}", "number", "item", " ", "\n", "\n  ", "\n    ",
		";", "when", "direction", "=", "import", "let x =", "else",
		"code", "direction.cn", "date", "YYYYMMDD", "with", "|", ",",
		"by", ": s", "\nshape s\n ", "^", "$", "/", "\\", "- ", "<",
		">", "format", "extends x", "decimals ..", "999999999999", "(",
		")", "\xE6\x95\xB0", "\xFF", "count", "abs(", "wrap 3",
		"filing", "carries", "default", "@", ".", "#1", "# ", "\t",
		"\r\n" };
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct world w;
		struct buf b;

		buf_init(&b, 1 << 20);
		buf_str(&b, "format x syntax xml document declaration\nN!\n ");
		for (int i = 0; i < 60; i++) {
			seed = seed * 1664525 + 1013904223;
			buf_str(&b, words[(seed >> 8) %
					  (sizeof(words) / sizeof(words[0]))]);
			if ((seed & 0x80) != 0)
				buf_byte(&b, ' ');
		}
		world_begin(&w);
		world_text(&w, "formats/x.fmt", buf_cstr(&b));
		world_try(&w);
		world_gone(&w);
		buf_clear(&b);
	}
}

static void
test_deep_and_endless_texts_have_ceilings(void **state)
{
	struct world w;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_str(&b, "format x syntax xml document declaration\n");
	for (int i = 0; i < 70; i++)
		buf_fmt(&b, "%*sA\n", i, "");
	world_load(&w, "x", buf_cstr(&b), RC_REFUSED);
	complaint_is(&w.c, 0, 66, 65, "nested deeper than 64 lines");
	world_gone(&w);
	buf_reset(&b);
	buf_str(&b, "format x syntax xml document declaration\nN number # ");
	for (int i = 0; i < 9000; i++)
		buf_byte(&b, 'x');
	world_load(&w, "x", buf_cstr(&b), RC_REFUSED);
	complaint_is(&w.c, 0, 2, 1, "this line is longer than 8192 bytes");
	world_gone(&w);
	buf_reset(&b);
	buf_str(&b, "format x syntax xml document declaration\n"
		    "N number when ");
	for (int i = 0; i < 40; i++)
		buf_str(&b, "(");
	world_load(&w, "x", buf_cstr(&b), RC_REFUSED);
	assert_non_null(
	    strstr(w.c.item[0].text, "want fewer brackets in brackets"));
	world_gone(&w);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_line_has_its_tag_count_path_codec_and_marks),
		T(test_alternatives_are_found_in_file_order),
		T(test_lines_that_begin_with_the_same_step_share_it),
		T(test_a_let_is_a_choice_and_else_the_negation),
		T(test_shapes_are_copied_where_they_are_used),
		T(test_a_child_replaces_adds_and_removes),
		T(test_a_pattern_is_pieces_with_widths_and_defaults),
		T(test_edifact_lines_get_their_places_from_the_table),
		T(test_sw_xml_is_derived_from_the_directory),
		T(test_the_version_changes_with_any_byte_of_any_file),
		T(test_hostile_text_is_refused_and_does_no_harm),
		T(test_deep_and_endless_texts_have_ceilings),
	};

	return TESTS_RUN(tests);
}

/*
 * tests/unit/formats_world.c - see formats_world.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/formats_world.h"

static const char directory_text[] =
    "document declaration \"Goods declaration\" \"货物申报\"\n"
    "  key filer = number\n"
    "  number an..35; name an..70; note text..512; made moment\n"
    "  declared date; direction code direction; kind an..6; test_it flag\n"
    "  gross_mass dec..19.5 unit KGM; net_mass dec..19.5; packages int..9\n"
    "  importer : party; exporter : party; bill_number n18\n"
    "  item*99\n"
    "    sequence int..4; commodity n..10; name an..255; spec*60 an..255\n"
    "    origin code country; destination code country; total dec..19.4\n"
    "    price dec..19.4; quantity dec..19.5\n"
    "  box*9\n"
    "    number an..17; goods* ref item\n"
    "group party\n"
    "  name an..150; country code country\n"
    "document receipt\n"
    "  about; status an..12; level code level; final flag; time moment\n"
    "  part*9\n"
    "    about; status an..12; level code level\n"
    "document transmission\n"
    "  sender an..64; message an..60; sent moment\n";

void
world_begin(struct world *w)
{
	*w = (struct world){ .dir = test_dir() };
	complaints_init(&w->c);
	world_text(w, "codes/direction.tsv",
	    "# list direction complete\ncode\tcn\nimport\tI\nexport\tE\n");
	world_text(w, "codes/country.tsv",
	    "# list country complete\ncode\tiso3\nCN\tCHN\nDE\tDEU\n");
	world_text(w, "codes/level.tsv",
	    "# list level complete\ncode\tcn\tlevel\tfinal\n"
	    "low\tL\tlow\tno\nhigh\tH\thigh\tyes\n");
	world_text(w, "codes/yesno.tsv",
	    "# list yesno complete\ncode\t10\nyes\t1\nno\t0\n");
	world_text(w, "codes/un2379.tsv",
	    "# list un2379 open\ncode\tun\tpattern\nday\t102\tYYYYMMDD\n");
	world_text(w, "directory/all.dir", directory_text);
}

void
world_text(struct world *w, const char *name, const char *content)
{
	text_write(w->dir, name, content);
}

void
world_tables(struct world *w)
{
	char *from = test_path("mappings/tables");
	char to[1000];

	snprintf(to, sizeof(to), "%s/tables", w->dir);
	assert_int_equal(symlink(from, to), 0);
	free(from);
}

void
world_try(struct world *w)
{
	enum rc rc = formats_load(&w->all, w->dir, &w->c, &w->err);

	assert_true(rc == RC_OK || (rc == RC_REFUSED && w->c.errors > 0));
	if (rc != RC_OK)
		w->all = NULL;
}

void
world_run(struct world *w, enum rc want)
{
	enum rc rc = formats_load(&w->all, w->dir, &w->c, &w->err);

	if (rc != want) {
		complaints_print(&w->c, stderr);
		fprintf(stderr, "%s\n", w->err.text);
	}
	assert_int_equal(rc, want);
	if (want != RC_OK)
		w->all = NULL;
}

void
world_load(struct world *w, const char *name, const char *content, enum rc want)
{
	char path[200];

	world_begin(w);
	snprintf(path, sizeof(path), "formats/%s.fmt", name);
	world_text(w, path, content);
	world_run(w, want);
}

void
world_gone(struct world *w)
{
	formats_free(w->all);
	complaints_clear(&w->c);
	test_dir_gone(w->dir);
}

void
each_refused(const struct refused *r, size_t n, bool tables)
{
	for (size_t i = 0; i < n; i++) {
		struct world w;

		world_begin(&w);
		if (tables)
			world_tables(&w);
		world_text(&w, "formats/x.fmt", r[i].text);
		world_try(&w);
		if (w.c.n != 1 ||
		    strcmp(w.c.item[0].text, r[i].sentence) != 0 ||
		    w.c.item[0].line != r[i].line ||
		    w.c.item[0].column != r[i].column) {
			complaints_print(&w.c, stderr);
			fail_msg("case %zu wants %u:%u %s", i, r[i].line,
			    r[i].column, r[i].sentence);
		}
		assert_int_equal(w.c.errors, 1);
		world_gone(&w);
	}
}
void
accepted(const char *text, bool tables)
{
	struct world w;

	world_begin(&w);
	if (tables)
		world_tables(&w);
	world_text(&w, "formats/x.fmt", text);
	world_run(&w, RC_OK);
	world_gone(&w);
}

void
warned(const char *text, uint32_t line, uint32_t column, const char *sentence)
{
	struct world w;

	world_load(&w, "x", text, RC_OK);
	assert_int_equal(w.c.n, 1);
	assert_true(w.c.item[0].warning);
	complaint_is(&w.c, 0, line, column, sentence);
	world_gone(&w);
}

/*
 * tests/fuzz/fuzz_language.c - any text as one file of a small mappings folder:
 * it loads, or each mistake has its place and its sentence. Compiled once for
 * each kind of file (FUZZ_LANGUAGE: 1 formats, 2 directory, 3 codes, 4 rules).
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/format/rules.h"
#include "src/format/formats.h"
#include "tests/fuzz/fuzz_plan.h"

/* That the formats load says nothing of rules. */
#if FUZZ_LANGUAGE == 4
enum { RULES_LOAD, REACHED };
#define FORMATS_LOAD RULES_LOAD
#else
enum { FORMATS_LOAD, RULES_LOAD, REACHED };
#endif

const unsigned int fuzz_kinds = REACHED;

static char folder[] = "/tmp/entrepot-fuzz.XXXXXX";

static const struct {
	const char *name, *text;
} world[] = {
	{ "codes/direction.tsv",
	    "# list direction complete\ncode\tcn\nimport\tI\nexport\tE\n" },
	{ "codes/country.tsv",
	    "# list country complete\ncode\tiso3\nCN\tCHN\nDE\tDEU\n" },
	{ "codes/yesno.tsv",
	    "# list yesno complete\ncode\t10\nyes\t1\nno\t0\n" },
	{ "codes/un2379.tsv",
	    "# list un2379 open\ncode\tun\tpattern\nday\t102\tYYYYMMDD\n" },
	{ "directory/all.dir",
	    "document declaration \"Goods declaration\" \"货物申报\"\n"
	    "  key filer = number\n"
	    "  number an..35; name an..70; note text..512; made moment\n"
	    "  declared date; direction code direction; test_it flag\n"
	    "  gross_mass dec..19.5 unit KGM; packages int..9\n"
	    "  importer : party\n"
	    "  item*99\n"
	    "    sequence int..4; commodity n..10; spec*60 an..255\n"
	    "    origin code country; total dec..19.4\n"
	    "  box*9\n"
	    "    number an..17; goods* ref item\n"
	    "group party\n"
	    "  name an..150; country code country\n"
	    "document transmission\n"
	    "  sender an..64; message an..60; sent moment\n"
#if FUZZ_LANGUAGE == 1 || FUZZ_LANGUAGE == 4
	    "  file\n    name an..255\n" },
	{ "directory/receipt.dir",
	    "document receipt \"Receipt\" \"回执\"\n"
	    "  about; status code state; level an..20; outcome code outcome\n"
	    "  number an..35; time moment; text text..900; part*99\n"
	    "    about; status code state; level an..20; outcome code "
	    "outcome\n" },
	{ "codes/outcome.tsv", "# list outcome complete\ncode\ten\n"
			       "released\treleased\npending\tpending\n" },
	{ "codes/state.tsv", "# list state open\ncode\tun\tlevel\toutcome\ten\n"
			     "passed\tP\tdecision\treleased\tpassed\n"
			     "held\tH *\tdecision\tpending\theld\n" },
	{ "codes/mood.tsv",
	    "# list mood open\ncode\tun\toutcome\ngood\tG\tdelighted\n" },
	{ "codes/unit.tsv", "# list unit open\ncode\tun20\tfactor\ten\n"
			    "KGM\tKGM\t1\tkilogram\nTNE\tTNE\t1000\ttonne\n" },
	{ "formats/base.fmt", "format base syntax xml document declaration\n"
			      "encoding GB18030\n"
			      "Base[@v \"1\"]!\n"
			      "  Number! number\n"
			      "  Name name\n"
			      "  Way direction code direction.cn\n"
			      "  I[@k \"a\"]* item\n"
			      "    Origin origin code country.iso3\n"
			      "    Total total\n" },
	{ "formats/env.fmt", "format env syntax zip document transmission\n"
			     "entry+ carries\n"
			     "  @name $file.name\n"
#endif
	},
	{ "formats/x.fmt",
	    "format x \"X\" \"甲\" syntax xml document declaration\n"
	    "encoding UTF-8\n"
	    "D!\n"
	    "  Number! number\n"
	    "  Name name\n"
	    "  I* item\n"
	    "    Origin origin code country.iso3\n"
	    "    Total total\n" },
	{ "rules/x.rules",
	    "rules declaration\n"
	    "check X1 error at number when name present and number absent"
	    " \"no number\" \"无编号\"\n" },
};

/* The file that changes, and clauses that others of its kind have. */
#if FUZZ_LANGUAGE == 1
#define MINE "formats/x.fmt"
#define CLAUSES                                                                \
	"encoding UTF-8, GB18030", "encoding GB18030", "zone -05:45",          \
	    "syntax csv", "syntax json", "delimiter \";\"", "answers x",       \
	    "in -, client-zip", "file \"I_\" number \".xml\"", "one way",      \
	    "Note note", "Made made", "Mass gross_mass", "Box* box",           \
	    "Who importer", "Country country code country.iso3",               \
	    "when name present", "blank \"-\"", "else \"0\"",                  \
	    "@kind direction code direction.cn"
#elif FUZZ_LANGUAGE == 2
#define MINE "directory/all.dir"
#define CLAUSES                                                                \
	"weight dec..19.5 unit KGM", "spec*60 an..255", "goods* ref item",     \
	    "due date", "made moment", "on flag", "kind code direction",       \
	    "key filer = number", "group other",                               \
	    "document receipt \"R\" \"回\"", "buyer : party", "box*9",         \
	    "text..512"
#elif FUZZ_LANGUAGE == 3
#define MINE "codes/country.tsv"
#define CLAUSES                                                                \
	"# list country open", "code\tiso3\ten\tzh", "FR\tFRA", "XX\t",        \
	    "pattern", "from\tuntil"
#else
#define MINE "rules/x.rules"
#define CLAUSES                                                                \
	"check X2 error at name when name absent \"no name\" \"无名\"",        \
	    "derive gross_mass = total", "leg a to a as x", "see a number",    \
	    "hold a until @b.outcome = released", "within 36h then end",       \
	    "default number = \"1\"", "unique number", "when number = \"1\""
#endif

#ifdef FUZZING
size_t LLVMFuzzerMutate(uint8_t *, size_t, size_t);
size_t LLVMFuzzerCustomMutator(uint8_t *, size_t, size_t, unsigned int);

/* Half of the changes: a clause in another one's place, or beside it. */
size_t
LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max, unsigned int seed)
{
	static const char *const clause[] = { CLAUSES };
	struct dice d = { seed };
	const char *add;
	size_t from, to, len;

	if (n == 0 || dice_next(&d) % 2 == 0)
		return LLVMFuzzerMutate(p, n, max);
	add = clause[dice_next(&d) % (sizeof(clause) / sizeof(clause[0]))];
	len = strlen(add);
	from = dice_next(&d) % n;
	while (from > 0 && strchr("\n;", p[from - 1]) == NULL)
		from--;
	while (from < n && p[from] == ' ')
		from++;
	to = from;
	while (to < n && strchr("\n;", p[to]) == NULL)
		to++;
	if (n + len + 1 > max)
		return LLVMFuzzerMutate(p, n, max);
	if (dice_next(&d) % 2 == 0) { /* beside it */
		memmove(p + from + len + 1, p + from, n - from);
		p[from + len] = dice_next(&d) % 2 == 0 ? ';' : '\n';
		n += len + 1;
	} else {
		memmove(p + from + len, p + to, n - to);
		n = n - (to - from) + len;
	}
	memcpy(p + from, add, len);
	return n;
}
#endif

static void
text_put(const char *name, const void *p, size_t n)
{
	char path[200];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	MUST(f != NULL && fwrite(p, 1, n, f) == n && fclose(f) == 0);
}

static void
folder_gone(void)
{
	static const char *const below[] = { "codes", "directory", "formats",
		"rules" };
	char path[200];

	for (size_t i = 0; i < sizeof(world) / sizeof(world[0]); i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", folder, world[i].name);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/tables", folder);
	(void)unlink(path);
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, below[i]);
		(void)rmdir(path);
	}
	(void)rmdir(folder);
}

static void
folder_make(void)
{
	static const char *const below[] = { "", "/codes", "/directory",
		"/formats", "/rules" };
	const char *src = getenv("ENTREPOT_SRC");
	char path[4200], to[200];

	if (access("/dev/shm", W_OK) == 0)
		(void)snprintf(
		    folder, sizeof(folder), "%s", "/dev/shm/efuzz.XXXXXX");
	MUST(mkdtemp(folder) != NULL);
	for (size_t i = 1; i < sizeof(below) / sizeof(below[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", folder, below[i]);
		MUST(mkdir(path, 0700) == 0);
	}
	(void)snprintf(
	    path, sizeof(path), "%s/mappings/tables", src == NULL ? "." : src);
	(void)snprintf(to, sizeof(to), "%s/tables", folder);
	MUST(symlink(path, to) == 0);
	for (size_t i = 0; i < sizeof(world) / sizeof(world[0]); i++)
		text_put(world[i].name, world[i].text, strlen(world[i].text));
	MUST(atexit(folder_gone) == 0);
}

/* What a row writes is read again, as that row or as the one that is marked. */
static void
list_look(const struct codelist *l)
{
	for (uint32_t i = 0; i < l->nrows; i++) {
		const struct code_row *row = &l->row[i];

		MUST(row->to == 0 || row->from <= row->to);
		MUST(code_find(l, row->code, 0) != NULL);
		MUST(code_find(l, row->code, row->from) != NULL);
		for (int c = 0; c < l->nheads; c++) {
			struct slice wire = code_write(row, c);

			if (wire.len == 0 || !codelist_is_scheme(l, c))
				continue;
			MUST(code_read(l, c, wire, 0) != NULL);
			MUST(code_read(l, c, wire, row->from) != NULL);
		}
	}
	MUST(code_read(l, l->nheads, SLICE_LIT("x"), 0) == NULL);
}

/* Each element has what its type says, and each key its path. */
static void
group_look(const struct group *g, unsigned int depth)
{
	MUST(depth < 20 && g->nslots > 0);
	for (uint16_t i = 0; i < g->nslots; i++) {
		const struct element *e = &g->element[i];

		MUST(e->slot == i && e->owner == g && e->name[0] != '\0');
		MUST(e->most >= 1 || e->repeats);
		MUST((e->type == EL_CODE) == (e->list != NULL));
		MUST(e->decimals <= e->max && e->min <= e->max);
		MUST(group_element(g, slice_of(e->name)) == e);
		if (e->type == EL_GROUP)
			group_look(e->group, depth + 1);
		if (e->type == EL_REF)
			MUST(e->group != NULL && !e->group->document);
	}
	for (uint16_t i = 0; i < g->nkeys; i++)
		MUST(g->key[i].nparts >= 1 && g->key[i].part[0].n >= 1);
	for (uint16_t i = 0; i < g->nsearch; i++)
		MUST(g->search[i].nparts == 1 && g->search[i].part[0].n >= 1);
}

static const struct codelist *
list_of(const struct formats *all, const char *name)
{
	return codelist_find(formats_codes(all), slice_of(name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static bool made;
	struct formats *all = NULL;
	struct rules *rules = NULL;
	struct complaints to;
	struct err err = { "" };
	char path[200];
	enum rc rc;

	if (!made)
		folder_make();
	made = true;
	text_put(MINE, p, n);
	complaints_init(&to);
	rc = formats_load(&all, folder, &to, &err);
	MUST(rc == RC_OK || rc == RC_REFUSED);
	if (rc == RC_OK) {
		if (FUZZ_LANGUAGE != 4)
			fuzz_reached(FORMATS_LOAD);
		list_look(list_of(all, "country"));
		for (unsigned int i = 0;
		     directory_nth(formats_directory(all), i) != NULL; i++)
			group_look(directory_nth(formats_directory(all), i), 0);
		if (FUZZ_LANGUAGE == 1)
			plan_try(all, format_find(all, SLICE_LIT("x")));
		(void)snprintf(path, sizeof(path), "%s/rules", folder);
		rc = rules_load(&rules, path, all, &to, &err);
		MUST(rc == RC_OK || rc == RC_REFUSED);
		if (rc == RC_OK)
			fuzz_reached(RULES_LOAD);
		rules_free(rc == RC_OK ? rules : NULL);
		formats_free(all);
	}
	/* So many mistakes had none of the corpus. */
	PLANTED(to.errors == (FUZZ_LANGUAGE == 1      ? 13
				 : FUZZ_LANGUAGE == 3 ? 7
						      : 17));
	MUST(rc == RC_OK || to.errors > 0 || err.text[0] != '\0');
	fuzz_complaints(&to, SIZE_MAX);
	complaints_clear(&to);
	return 0;
}

/*
 * record/codes_load.c - code lists are loaded from TSV.
 *
 * A cell may hold several values apart by a blank; "!" before a value marks
 * the row meant on reading where rows share it; a value that ends in "*"
 * matches a prefix, "*" the rest. from and to limit a row in time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "src/base/civil.h"
#include "src/record/codes_load.h"
#include "src/record/decimal.h"

enum column_kind
codes_kind(struct slice head)
{
	static const char *const notes[] = { "amends", "level", "outcome",
		"rank", "final", "pattern", "factor", "from", "to", "note",
		"source" };

	if (slice_is(head, "en") || slice_is(head, "zh"))
		return COLUMN_LABEL;
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (slice_is(head, notes[i]))
			return COLUMN_NOTE;
	return COLUMN_SCHEME;
}

void
codes_wrong(struct codes_load *ld, struct slice what, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complaints_add(ld->to, false, ld->src->name, ld->src->text,
	    (size_t)(what.p - ld->src->text.p), "%s", text);
}

/* The next line that says something; comments are given too. */
static bool
load_line(struct codes_load *ld, struct slice *out)
{
	struct slice text = ld->src->text;

	while (ld->rest < text.len) {
		const char *p = text.p + ld->rest;
		const char *nl = memchr(p, '\n', text.len - ld->rest);
		size_t n = nl ? (size_t)(nl - p) : text.len - ld->rest;

		ld->rest += n + 1;
		if (n > 0 && p[n - 1] == '\r')
			n--;
		*out = (struct slice){ p, n };
		if (slice_trim(*out).len > 0)
			return true;
	}
	return false;
}

/* "# list NAME complete|open ..." */
static bool
load_name(struct codes_load *ld)
{
	struct slice line = SLICE_LIT(""), word, at;
	bool any = load_line(ld, &line), complete;

	if (any && slice_starts(line, "\xEF\xBB\xBF"))
		line = slice_sub(line, 3, line.len);
	if (!any || !slice_starts(line, "# list ")) {
		codes_wrong(ld, any ? line : ld->src->text,
		    "the first line is not '# list NAME complete' or "
		    "'# list NAME open'");
		return false;
	}
	at = slice_sub(line, line.len, 0);
	line = slice_trim(slice_sub(line, 7, line.len));
	word = slice_cut(&line, ' ');
	line = slice_trim(line);
	ld->list->name = arena_str(ld->mem, word);
	word = line.len == 0 ? at : slice_cut(&line, ' ');
	complete = slice_is(word, "complete");
	if (!complete && !slice_is(word, "open")) {
		if (word.len == 0)
			codes_wrong(ld, word,
			    "the line ends here, want a name, and complete or "
			    "open behind it");
		else
			codes_wrong(ld, word,
			    "'%.*s' is not understood, want complete or open",
			    SLICE_ARG(word));
		return false;
	}
	ld->list->complete = complete;
	return ld->list->name != NULL;
}

/* Cells of a line; how many there are, at most CODES_COLUMNS are filled. */
static uint32_t
line_cells(struct slice line, struct slice *cell)
{
	uint32_t n = 0;
	size_t from = 0;

	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && line.p[i] != '\t')
			continue;
		if (n < CODES_COLUMNS)
			cell[n] = slice_trim(
			    (struct slice){ line.p + from, i - from });
		if (n < CODES_COLUMNS && cell[n].len == 0)
			cell[n] = (struct slice){ line.p + from, 0 };
		n++;
		from = i + 1;
	}
	return n;
}

static bool
load_heads(struct codes_load *ld)
{
	struct slice cell[CODES_COLUMNS], line;
	uint32_t n;

	do
		if (!load_line(ld, &line)) {
			codes_wrong(ld,
			    slice_sub(ld->src->text, ld->src->text.len, 0),
			    "the list has no heads, want a line: code, a tab, "
			    "a scheme");
			return false;
		}
	while (line.p[0] == '#');
	n = line_cells(line, cell);
	if (n > CODES_COLUMNS || !slice_is(cell[0], "code")) {
		codes_wrong(ld, line,
		    "the heads are %u columns and begin with "
		    "'%.*s', want 'code' first and at most %d",
		    n, SLICE_ARG(cell[0]), CODES_COLUMNS);
		return false;
	}
	ld->head = arena_get(ld->mem, n * sizeof(*ld->head));
	if (ld->head == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < i; k++)
			if (slice_eq(cell[i], cell[k]))
				codes_wrong(ld, cell[i],
				    "column '%.*s' stands here twice",
				    SLICE_ARG(cell[i]));
		if (cell[i].len == 0)
			codes_wrong(ld, cell[i],
			    "column %u has no name, want one, or no tab",
			    i + 1);
		ld->head[i] = cell[i];
	}
	ld->list->head = ld->head;
	ld->list->nheads = (uint16_t)n;
	ld->from = codelist_column(ld->list, slice_of("from"));
	ld->until = codelist_column(ld->list, slice_of("to"));
	return true;
}

/* 2024-06-01 or 20240601; empty is open. */
static uint32_t
load_day(struct codes_load *ld, struct slice cell)
{
	char digit[9] = "";
	size_t n = 0;
	uint32_t day;

	for (size_t i = 0; i < cell.len; i++) {
		if (cell.p[i] == '-' && (i == 4 || i == 7))
			continue;
		if (cell.p[i] < '0' || cell.p[i] > '9' || n == 8) {
			n = 0;
			break;
		}
		digit[n++] = cell.p[i];
	}
	if (cell.len == 0)
		return 0;
	day = (uint32_t)strtoul(digit, NULL, 10);
	if (n == 8 && civil_is(day / 10000, day / 100 % 100, day % 100))
		return day;
	codes_wrong(
	    ld, cell, "'%.*s' is no day, want YYYY-MM-DD", SLICE_ARG(cell));
	return 0;
}

static bool
is_one_of(struct slice cell, const char *const *word)
{
	for (; *word != NULL; word++)
		if (slice_is(cell, *word))
			return true;
	return false;
}

/* Columns that mean something by themselves, whatever the list is of. */
static void
load_note(struct codes_load *ld, struct slice head, struct slice cell)
{
	static const char *const finals[] = { "yes", "no", NULL };
	static const char *const amends[] = { "change", "cancel", NULL };
	struct decimal d;
	const char *want = NULL;
	uint64_t n;

	if (slice_is(head, "final") && !is_one_of(cell, finals))
		want = "yes, no";
	else if (slice_is(head, "amends") && !is_one_of(cell, amends))
		want = "change, cancel";
	else if (slice_is(head, "rank") && !slice_u64(cell, &n))
		want = "a whole number";
	else if (slice_is(head, "factor") &&
		 (!decimal_parse(cell, &d) || d.m <= 0))
		want = "a number above 0";
	if (want != NULL && cell.len > 0)
		codes_wrong(ld, cell,
		    "'%.*s' in column '%.*s', want %s or nothing",
		    SLICE_ARG(cell), SLICE_ARG(head), want);
}

bool
codes_prefix(struct slice v)
{
	return v.len > 0 && v.p[v.len - 1] == '*';
}

/* The value that is written: the first one that is no prefix. */
static struct slice
cell_best(struct slice cell, enum column_kind kind)
{
	struct slice rest = cell, v;

	if (kind != COLUMN_SCHEME)
		return cell;
	while (rest.len > 0) {
		v = slice_cut(&rest, ' ');
		if (v.len > 0 && v.p[0] == '!')
			v = slice_sub(v, 1, v.len);
		if (v.len > 0 && !codes_prefix(v))
			return v;
	}
	return (struct slice){ NULL, 0 };
}

static bool
code_sound(struct slice code)
{
	return code.len > 0 && memchr(code.p, ' ', code.len) == NULL &&
	       code.p[0] != '!' && code.p[code.len - 1] != '*';
}

static void
load_row(struct codes_load *ld, struct slice line)
{
	struct slice cell[CODES_COLUMNS], *keep;
	uint32_t n = line_cells(line, cell), heads = ld->list->nheads;
	struct code_row *row = &ld->row[ld->list->nrows];

	if (n != heads) {
		codes_wrong(ld, line,
		    "%u cells under %u heads, want as many, with a tab for "
		    "each that is empty",
		    n, heads);
		return;
	}
	if (!code_sound(cell[0])) {
		codes_wrong(ld, cell[0],
		    "'%.*s' cannot be a code, want one word without '!' in "
		    "front and '*' behind",
		    SLICE_ARG(cell[0]));
		return;
	}
	keep = arena_get(ld->mem, 2 * heads * sizeof(*keep));
	if (keep == NULL)
		return;
	row->code = cell[0];
	row->cell = keep;
	row->best = keep + heads;
	for (uint32_t i = 0; i < heads; i++) {
		load_note(ld, ld->head[i], cell[i]);
		keep[i] = cell[i];
		keep[heads + i] = cell_best(cell[i], codes_kind(ld->head[i]));
	}
	keep[heads] = cell[0];
	if (ld->from >= 0)
		row->from = load_day(ld, cell[ld->from]);
	if (ld->until >= 0)
		row->to = load_day(ld, cell[ld->until]);
	if (row->to != 0 && row->to < row->from)
		codes_wrong(ld, cell[ld->until],
		    "the row ends on %u and begins on %u, want the last day "
		    "behind the first",
		    row->to, row->from);
	ld->list->timed |= row->from != 0 || row->to != 0;
	ld->list->nrows++;
}

static void
load_rows(struct codes_load *ld)
{
	struct slice line;
	size_t rest = ld->rest;
	uint32_t n = 0;

	while (load_line(ld, &line))
		n++;
	ld->rest = rest;
	if (n > CODES_ROWS) {
		codes_wrong(
		    ld, ld->src->text, "%u rows, limit is %d", n, CODES_ROWS);
		return;
	}
	ld->row = arena_get(ld->mem, (n + 1) * sizeof(*ld->row));
	if (ld->row == NULL)
		return;
	ld->list->row = ld->row;
	while (load_line(ld, &line))
		if (line.p[0] != '#')
			load_row(ld, line);
}

static bool
list_load(
    struct codelists *all, const struct source *src, struct complaints *to)
{
	struct codelist *list = &all->list[all->n];
	struct codes_load ld = { .src = src,
		.mem = all->mem,
		.to = to,
		.list = list,
		.from = -1,
		.until = -1 };

	if (!source_sound(src, to) || !load_name(&ld) || !load_heads(&ld))
		return !arena_failed(all->mem);
	if (codelist_find(all, slice_of(list->name)) != NULL)
		codes_wrong(
		    &ld, src->text, "list '%s' is there already", list->name);
	load_rows(&ld);
	if (ld.row == NULL || !codes_index_make(&ld))
		return !arena_failed(all->mem);
	all->n++;
	return true;
}

enum rc
codelists_load(struct codelists **out, const char *folder,
    struct complaints *to, struct err *err)
{
	struct codelists *all = calloc(1, sizeof(*all));
	struct sources files;
	uint32_t before = to->errors;
	enum rc rc;

	if (all != NULL)
		all->mem = arena_new(CODES_BYTES);
	if (all == NULL || all->mem == NULL) {
		codelists_free(all);
		return err_set(err, RC_LATER, "out of memory");
	}
	rc = sources_load(&files, folder, ".tsv", all->mem, err);
	if (rc == RC_OK) {
		all->list =
		    arena_get(all->mem, (files.n + 1) * sizeof(*all->list));
		if (all->list == NULL)
			rc = err_set(err, RC_LATER, "out of memory");
	}
	for (uint32_t i = 0; rc == RC_OK && i < files.n; i++)
		if (!list_load(all, &files.file[i], to))
			rc = err_set(err, RC_LATER, "out of memory");
	if (rc == RC_OK && to->errors > before)
		rc = err_set(err, RC_REFUSED, "%u %s in code lists in %s",
		    to->errors - before, complaints_word(to->errors - before),
		    folder);
	if (rc != RC_OK) {
		codelists_free(all);
		return rc;
	}
	*out = all;
	return RC_OK;
}

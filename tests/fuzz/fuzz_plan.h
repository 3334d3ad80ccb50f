/*
 * tests/fuzz/fuzz_plan.h - what a format that loads makes of a record, and of
 * what it has written: neither may fall over, whatever its lines say. Used by
 * fuzz_language.c.
 */
#ifndef TESTS_FUZZ_FUZZ_PLAN_H
#define TESTS_FUZZ_FUZZ_PLAN_H

#include "src/base/buf.h"
#include "src/format/formats.h"
#include "src/read/read.h"
#include "src/syntax/csv.h"
#include "src/syntax/json.h"
#include "src/syntax/xml.h"
#include "src/write/write.h"
#include "tests/fuzz/fuzz.h"

#define PLAN_BODY (1u << 20)

/* All that the directory of fuzz_language.c can hold. */
static const char plan_record[] =
    "number\tA1\nname\tName of it, \xe6\xb5\xb7\xe5\x85\xb3\n"
    "note\tone\\ntwo\nmade\t2026-01-02T03:04:05.67+08:00\n"
    "declared\t2026-01-02\ndirection\timport\ntest_it\tyes\n"
    "gross_mass\t12.5\npackages\t3\n"
    "importer.name\tAcme\nimporter.country\tCN\n"
    "item[1].sequence\t1\nitem[1].commodity\t12\nitem[1].origin\tCN\n"
    "item[1].total\t9.99\nitem[2].sequence\t2\nitem[2].origin\tDE\n"
    "box[1].number\tB1\n";

static enum rc
plan_filing(void *arg, struct record *r, struct findings *found, uint32_t at,
    uint32_t span)
{
	struct buf said;

	(void)arg;
	(void)at;
	(void)span;
	MUST(r != NULL || found->errors > 0);
	buf_init(&said, PLAN_BODY);
	if (r != NULL)
		record_print(r->root, &said);
	buf_clear(&said);
	return RC_OK;
}

static inline struct wnode *
plan_tree(const struct plan *p, const struct fuzz *f, struct findings *found)
{
	struct csv_style style = { p->delimiter, p->header, p->heading,
		p->nheadings, false };

	return p->syntax == SYN_XML ? xml_tree(&f->text, p->tags, f->mem, found)
	       : p->syntax == SYN_JSON
		   ? json_tree(&f->text, p->tags, f->mem, found)
	       : p->syntax == SYN_CSV
		   ? csv_tree(&f->text, &style, p->tags, f->mem, found)
		   : NULL;
}

static inline void
plan_read(const struct plan *p, const struct directory *dir, struct fuzz *f,
    struct slice body)
{
	struct read_in in = {
		.plan = p, .dir = dir, .text = &f->text, .base_year = 2026
	};
	struct slice none = { NULL, 0 };

	if (text_decode(&f->text, body, p->encoding, p->nencodings, none,
		f->mem, &f->findings, &f->err) != RC_OK)
		return;
	in.tree = plan_tree(p, f, &f->findings);
	if (in.tree == NULL)
		return;
	MUST(
	    read_filings(&in, f->mem, plan_filing, NULL, &f->err) != RC_BROKEN);
}

/* The record as it is, and one that has its number alone. */
static inline void
plan_write(const struct plan *p, const struct directory *dir, const char *text)
{
	struct fuzz *f = fuzz_start();
	struct record r = { .mem = f->mem, .dir = dir }, *list = &r;
	struct write_in in = { .plan = p,
		.record = &list,
		.nrecords = 1,
		.alias = SLICE_LIT("a1"),
		.now = SLICE_LIT("2026-01-02T03:04:05.00+08:00") };
	struct trace trace = { NULL, 0 };
	struct buf body;
	struct write_out out = { .body = &body, .trace = &trace };
	enum rc rc;

	r.root = node_new(f->mem, p->document, NULL);
	MUST(r.root != NULL);
	MUST(record_parse(&r, r.root, slice_of(text), &f->err) == RC_OK);
	buf_init(&body, PLAN_BODY);
	rc = write_message(&in, &out, f->mem, &f->findings, &f->err);
	MUST(rc == RC_OK || rc == RC_REFUSED);
	MUST(rc == RC_OK || f->findings.errors > 0 || f->err.text[0] != '\0');
	if (rc == RC_OK)
		plan_read(p, dir, f, buf_look(&body));
	buf_clear(&body);
}

static inline void
plan_try(const struct formats *all, const struct plan *p)
{
	if (p == NULL || strcmp(p->document->name, "declaration") != 0 ||
	    p->each.nsteps > 0 || p->syntax == SYN_X12 ||
	    p->syntax == SYN_FLAT || p->syntax == SYN_FIXED ||
	    p->syntax == SYN_ZIP)
		return;
	plan_write(p, formats_directory(all), plan_record);
	plan_write(p, formats_directory(all), "number\tA1\n");
}

#endif

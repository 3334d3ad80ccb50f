/*
 * format/rules.c - rule files become rules, every mistake told in one run.
 * Trusts whoever wrote them to mean well, not to be right. Called by the
 * pipeline when it opens.
 */
#include "src/format/rules_parse.h"
#include <stdlib.h>

#define RULES_BYTES (16u << 20)

struct rules {
	struct arena *mem;
	struct sources sources;
	struct ruleset {
		struct ruleset *next;
		const struct group *document;
		const struct rule *first;
		const struct rule **end;
	} * set;
};

const struct rule *
rules_first(const struct rules *rs, const struct group *document)
{
	for (const struct ruleset *s = rs == NULL ? NULL : rs->set; s != NULL;
	     s = s->next)
		if (s->document == document)
			return s->first;
	return NULL;
}

static struct ruleset *
ruleset_need(struct rules *rs, const struct group *document)
{
	struct ruleset *s;

	for (s = rs->set; s != NULL; s = s->next)
		if (s->document == document)
			return s;
	s = arena_get(rs->mem, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->document = document;
	s->end = &s->first;
	s->next = rs->set;
	rs->set = s;
	return s;
}

/* "rules declaration", the first line of each file. */
static struct ruleset *
head_parse(struct rules *rs, const struct directory *dir, struct lex *lx)
{
	const struct group *document;
	struct slice name;
	size_t at;

	if (!lex_take(lx, "rules")) {
		(void)lex_want(lx, "'rules DOCUMENT'");
		return NULL;
	}
	(void)lex_end(lx);
	at = lx->at;
	name = lex_name(lx);
	if (name.len == 0) {
		(void)lex_want(lx, "the name of a document");
		return NULL;
	}
	document = directory_document(dir, name);
	if (document == NULL) {
		lex_wrong(lx, at, "the directory has no document '%.*s'",
		    SLICE_ARG(name));
		return NULL;
	}
	if (!lex_end(lx))
		(void)lex_want(lx, "the end of the line");
	return ruleset_need(rs, document);
}

/* Codes of checks are said once in all files. */
static bool
code_known(const struct rules *rs, struct slice code)
{
	for (const struct ruleset *s = rs->set; s != NULL; s = s->next)
		for (const struct rule *r = s->first; r != NULL; r = r->next)
			if (r->kind == RULE_CHECK && slice_eq(r->code, code))
				return true;
	return false;
}

/* A rule goes on in the lines indented below it: they are one text. */
static void
line_whole(const struct source_line *l, uint32_t *end)
{
	for (const struct source_line *c = l->child; c != NULL; c = c->next) {
		if (c->end > *end)
			*end = c->end;
		line_whole(c, end);
	}
}

static void
file_parse(struct rules *rs, const struct source *src,
    const struct formats *formats, struct complaints *to)
{
	struct source_line *tree = source_tree(src, rs->mem, to);
	struct source_line *l = tree == NULL ? NULL : tree->child;
	const struct directory *dir = formats_directory(formats);
	struct ruleset *set;
	struct lex lx;

	if (l == NULL)
		return;
	lex_init(&lx, l, rs->mem, to);
	set = head_parse(rs, dir, &lx);
	if (set == NULL)
		return;
	for (l = l->next; l != NULL; l = l->next) {
		struct rule *r = arena_get(rs->mem, sizeof(*r));
		uint32_t end = l->end;

		if (r == NULL)
			return;
		line_whole(l, &end);
		lex_init(&lx, l, rs->mem, to);
		lx.end = end;
		r->file = src->name;
		r->line = l->number;
		if (!rule_parse(&lx, formats, set->document, r))
			continue;
		if (r->kind == RULE_CHECK && code_known(rs, r->code)) {
			lex_wrong(&lx, l->at, "code %.*s stands twice",
			    SLICE_ARG(r->code));
			continue;
		}
		if (r->kind == RULE_HOLD && rule_hold_circles(set->first, r)) {
			lex_wrong(&lx, l->at,
			    "leg '%.*s' would wait for itself",
			    SLICE_ARG(r->leg));
			continue;
		}
		*set->end = r;
		set->end = &r->next;
	}
}

enum rc
rules_load(struct rules **out, const char *folder,
    const struct formats *formats, struct complaints *to, struct err *err)
{
	struct rules *rs = calloc(1, sizeof(*rs));
	uint32_t errors = to->errors;
	enum rc rc;

	if (rs == NULL || (rs->mem = arena_new(RULES_BYTES)) == NULL) {
		rules_free(rs);
		return err_set(err, RC_LATER, "no memory for the rules");
	}
	rc = sources_load(&rs->sources, folder, ".rules", rs->mem, err);
	for (uint32_t i = 0; rc == RC_OK && i < rs->sources.n; i++)
		file_parse(rs, &rs->sources.file[i], formats, to);
	if (rc == RC_OK && arena_failed(rs->mem))
		rc = err_set(
		    err, RC_REFUSED, "%s: the rules are too many", folder);
	if (rc == RC_OK && to->errors > errors)
		rc = err_set(err, RC_REFUSED, "%s: %u %s", folder,
		    to->errors - errors, complaints_word(to->errors - errors));
	if (rc != RC_OK) {
		rules_free(rs);
		return rc;
	}
	*out = rs;
	return RC_OK;
}

void
rules_free(struct rules *rs)
{
	if (rs == NULL)
		return;
	arena_free(rs->mem);
	free(rs);
}

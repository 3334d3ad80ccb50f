/*
 * write/write.c - one message from one record, or from several where the plan
 * has a place for several. Trusts plan and record. Called by the convert
 * pipeline.
 */
#include <stdio.h>
#include <string.h>
#include "src/write/writer.h"
#include "src/syntax/csv.h"
#include "src/syntax/edifact.h"
#include "src/syntax/json.h"
#include "src/syntax/xml.h"

#define BODY_MAX   (8u << 20) /* one document, DESIGN 8 */
#define TRACE_ROOM 256

/* A number without code list or pieces stands in JSON without quotes. */
static bool
is_number(const struct line *l)
{
	const struct path *p = l->kind == LINE_ELEMENT && l->choice.narms > 0
				   ? &l->choice.arm[0].path
				   : NULL;
	const struct element *el =
	    p == NULL || p->nsteps == 0 ? NULL : p->step[p->nsteps - 1];

	for (const struct codec *c = l->codec; c != NULL; c = c->next)
		if (c->kind != CODEC_DECIMALS)
			return false;
	return el != NULL && (el->type == EL_INT || el->type == EL_DEC);
}

static void
json_mark(const struct line *parent, bool *many, bool *bare)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		many[l->tag[0]] |= l->most != 1;
		bare[l->tag[0]] |= is_number(l);
		json_mark(l, many, bare);
	}
}

/* What repeats in the format's lines is an array. */
static bool
json_style_of(const struct plan *p, struct json_style *s, struct arena *mem)
{
	uint32_t n = tags_count(p->tags) + 1;
	bool *many = arena_get(mem, n * sizeof(*many));
	bool *bare = arena_get(mem, n * sizeof(*bare));

	if (many == NULL || bare == NULL || p->root->child == NULL)
		return false;
	json_mark(p->root->child, many, bare);
	s->list = p->root->child->most != 1;
	s->many = many;
	s->bare = bare;
	s->ntags = n;
	return true;
}

static struct wire_out *
out_new(const struct plan *p, bool indent, struct buf *b, struct arena *mem)
{
	switch (p->syntax) {
	case SYN_XML: {
		struct xml_style s = { .space = p->space,
			.prefix = p->prefix,
			.indent = indent,
			.encoding =
			    p->nencodings > 0 ? p->encoding[0] : ENC_UTF8 };

		return xml_out(b, &s, mem);
	}
	case SYN_EDIFACT: {
		struct edifact_style s = { .newline = indent };

		return edifact_out(b, &s, mem);
	}
	case SYN_CSV: {
		struct csv_style s = { p->delimiter, p->header, p->heading,
			p->nheadings, false };

		return csv_out(b, &s, mem);
	}
	case SYN_JSON: {
		struct json_style s = { .indent = indent };

		return json_style_of(p, &s, mem) ? json_out(b, &s, mem) : NULL;
	}
	default:
		return NULL;
	}
}

/* The syntax tells where a leaf went when it knows. */
static void
leaf_placed(void *arg, uint32_t number, size_t at, size_t len)
{
	struct writer *w = arg;

	if (number < w->nentries) {
		w->entry[number].out_at = (uint32_t)at;
		w->entry[number].out_len = (uint32_t)len;
	}
}

static bool
writer_init(struct writer *w, const struct write_in *in, struct write_out *out,
    struct arena *mem, struct findings *found, struct buf *b)
{
	memset(w, 0, offsetof(struct writer, said));
	w->nsaid = w->said_from = 0;
	w->turn = 0;
	w->repeating = w->more = false;
	w->nkeys = 0;
	w->absent = NULL;
	w->in = in;
	w->plan = in->plan;
	w->mem = mem;
	w->found = found;
	w->record = in->record[0];
	w->key = arena_get(mem, KEYS_MAX * sizeof(*w->key));
	w->out = out_new(in->plan, in->indent, b, mem);
	if (w->out == NULL || w->key == NULL)
		return false;
	/* What breaks a table is told by the values it was made of. */
	if (out->trace != NULL || in->plan->table != NULL) {
		w->entry = arena_get(mem, TRACE_ROOM * sizeof(*w->entry));
		w->room = TRACE_ROOM;
		if (w->entry == NULL)
			return false;
		w->out->placed = leaf_placed;
		w->out->placed_arg = w;
	}
	return true;
}

static struct node *
root_of(struct writer *w)
{
	const struct path *p = &w->plan->each;
	struct scope scope = { .record = w->record, .here = w->record->root };
	struct node *n = w->record->root;

	if (p->nsteps == 0)
		return n;
	n = path_node(p, &scope, w->mem, false);
	return n == NULL ? NULL : n->slot[p->step[p->nsteps - 1]->slot].node;
}

/* How many bytes a piece of the text takes in that encoding. */
static size_t
encoded_len(struct slice utf8, enum encoding to, struct buf *aside)
{
	uint32_t lost = 0;
	struct err err;

	buf_reset(aside);
	return text_encode(utf8, to, aside, &lost, &err) == RC_OK ? aside->len
								  : 0;
}

/* The trace was made of the text; what goes out is its bytes. */
static void
trace_recode(struct writer *w, struct slice utf8, enum encoding to)
{
	size_t at = 0, out = 0;
	struct buf aside;

	buf_init(&aside, BODY_MAX);
	for (uint32_t i = 0; i < w->nentries; i++) {
		struct trace_entry *e = &w->entry[i];
		size_t from = e->out_at;

		if (from < at)
			at = out = 0;
		out += encoded_len(slice_sub(utf8, at, from - at), to, &aside);
		at = from;
		e->out_at = (uint32_t)out;
		e->out_len = (uint32_t)encoded_len(
		    slice_sub(utf8, from, e->out_len), to, &aside);
	}
	buf_clear(&aside);
}

static enum rc
encode(struct writer *w, struct slice utf8, struct buf *body, struct err *err)
{
	enum encoding to =
	    w->plan->nencodings == 0 ? ENC_UTF8 : w->plan->encoding[0];
	struct leaf none = { w->plan->root, NULL };
	uint32_t lost = 0;
	enum rc rc = text_encode(utf8, to, body, &lost, err);

	if (rc == RC_OK && lost > 0) {
		(void)complain_out(w, FIND_NOT_WRITABLE, &none, NULL, NULL,
		    NULL, (struct slice){ NULL, 0 }, encoding_name(to), "");
		rc = RC_REFUSED;
	}
	if (rc == RC_OK && w->entry != NULL)
		trace_recode(w, utf8, to);
	return rc;
}

static void
results(struct writer *w, struct write_out *out)
{
	struct leaf none = { w->plan->root, w->record->root };
	struct origin first;

	if (out->trace != NULL)
		*out->trace = (struct trace){ w->entry, w->nentries };
	out->keys = w->key;
	out->nkeys = w->nkeys;
	out->segments =
	    w->plan->syntax == SYN_EDIFACT ? edifact_out_segments(w->out) : 0;
	out->file_name = (struct slice){ NULL, 0 };
	if (w->plan->nfiles > 0)
		(void)pattern_fill(w, &none, w->plan->file[0].piece,
		    w->plan->file[0].npieces, &out->file_name, &first);
}

static enum rc
message_write(
    struct writer *w, struct write_out *out, struct buf *b, struct err *err)
{
	uint32_t errors = w->found->errors;
	struct node *here = root_of(w);
	struct slice text;
	enum rc rc = RC_OK;

	if (here == NULL)
		return err_set(
		    err, RC_REFUSED, "%s: nothing to write", w->plan->name);
	(void)lines_write(w, w->plan->root, here);
	deals_check(w);
	if (w->plan->syntax == SYN_EDIFACT && w->plan->table != NULL &&
	    w->found->errors == errors)
		table_check(w, b);
	text = w->out->finish(w->out);
	if (arena_failed(w->mem) || buf_failed(b))
		return err_set(
		    err, RC_LATER, "the message needs more memory than it may");
	if (b != out->body)
		rc = encode(w, text, out->body, err);
	if (rc == RC_OK)
		results(w, out);
	if (rc == RC_OK && w->found->errors > errors)
		rc = err_set(err, RC_REFUSED, "%s cannot say this record",
		    w->plan->name);
	return rc;
}

/* What an answer is about; NULL: nothing, or it is no answer. */
static const struct group *
about_of(const struct group *g)
{
	const struct element *e = group_element(g, SLICE_LIT("about"));

	return e == NULL ? NULL : e->group;
}

/* An answer about an interchange is another thing than one about a filing. */
static bool
same_kind(const struct group *a, const struct group *b)
{
	const struct group *x = about_of(a), *y = about_of(b);

	return a == b || (strcmp(a->name, b->name) == 0 &&
			     (x == y || x == NULL || y == NULL ||
				 strcmp(x->name, y->name) == 0));
}

static enum rc
kind_refuse(const struct write_in *in, const struct group *got,
    struct findings *found, struct err *err)
{
	const struct group *want = in->plan->document;
	char is[80], wants[80];

	(void)snprintf(is, sizeof(is), "%s", got->name);
	(void)snprintf(wants, sizeof(wants), "%s", want->name);
	if (strcmp(is, wants) == 0) {
		(void)snprintf(is, sizeof(is), "%s about a %s", got->name,
		    about_of(got)->name);
		(void)snprintf(wants, sizeof(wants), "%s about a %s",
		    want->name, about_of(want)->name);
	}
	(void)finding_add(found, FIND_OTHER_KIND, SLICE_LIT(""), SLICE_LIT(""),
	    slice_of(is), slice_of(wants));
	return err_set(err, RC_REFUSED,
	    "record is a %s, format '%s' writes a %s", is, in->plan->name,
	    wants);
}

/* Slots are the document's: another kind of record must not come near them. */
static enum rc
kind_check(const struct write_in *in, struct findings *found, struct err *err)
{
	const struct group *want = in->plan->document;

	for (uint32_t i = 0; i < in->nrecords; i++) {
		const struct group *got = in->record[i]->root->group;

		if (same_kind(got, want))
			continue;
		return kind_refuse(in, got, found, err);
	}
	return RC_OK;
}

enum rc
write_message(const struct write_in *in, struct write_out *out,
    struct arena *mem, struct findings *found, struct err *err)
{
	bool utf8 =
	    in->plan->nencodings == 0 || in->plan->encoding[0] == ENC_UTF8;
	struct writer w;
	struct buf aside;
	enum rc rc;

	buf_reset(out->body);
	rc = kind_check(in, found, err);
	if (rc != RC_OK)
		return rc;
	buf_init(&aside, BODY_MAX);
	if (!writer_init(&w, in, out, mem, found, utf8 ? out->body : &aside)) {
		buf_clear(&aside);
		return err_set(err, RC_BROKEN, "no writer for the syntax of %s",
		    in->plan->name);
	}
	rc = message_write(&w, out, utf8 ? out->body : &aside, err);
	buf_clear(&aside);
	if (rc != RC_OK)
		buf_reset(out->body);
	return rc;
}

/*
 * cli/simulate_answer.c - what was delivered, scanned as plain text, and the
 * answer to it, a template with its marks filled in. Called by
 * verb_simulate.c; shares nothing with the gateway's readers and writers.
 */
#include "src/cli/simulate.h"
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define TEMPLATE_BYTES 16384u
#define ZONE_S         (8 * 3600) /* the agency's clock is China's */

void
sim_doc_read(struct sim_doc *d, const struct sim_tongue *tongue,
    struct slice stem, struct slice body, uint64_t *drawn, int64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000) + ZONE_S;
	struct tm tm;

	memset(d, 0, sizeof(*d));
	(void)gmtime_r(&now, &tm);
	d->tongue = tongue;
	sim_copy(d->stem, sizeof(d->stem), stem);
	tongue->read(d, body);
	if (strlen(d->office) != 4)
		sim_copy(d->office, sizeof(d->office), SLICE_LIT("7900"));
	d->received_ms = now_ms;
	/* 13 digits: milliseconds now, but never one twice. */
	*drawn = *drawn < (uint64_t)now_ms ? (uint64_t)now_ms : *drawn + 1;
	if (d->seq[0] == '\0')
		(void)snprintf(d->seq, sizeof(d->seq), "%c%04d%013llu",
		    d->exports ? 'E' : 'I', (tm.tm_year + 1900) % 10000,
		    (unsigned long long)(*drawn % 10000000000000u));
	(void)snprintf(d->entry, sizeof(d->entry), "%.4s%04d%c%s", d->office,
	    (tm.tm_year + 1900) % 10000, d->exports ? '0' : '1',
	    strlen(d->seq) > 9 ? d->seq + strlen(d->seq) - 9 : "000000000");
}

static enum rc
file_load(struct slice *out, struct arena *mem, const char *folder,
    const char *name, struct err *err)
{
	char path[4096], text[TEMPLATE_BYTES];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, RC_REFUSED, "template '%s'", path);
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	if (n <= 0 || n == sizeof(text))
		return err_set(err, RC_REFUSED,
		    "template '%s' is empty or over %u bytes", path,
		    TEMPLATE_BYTES - 1);
	*out = arena_dup(mem, (struct slice){ text, (size_t)n });
	return out->p == NULL ? err_set(err, RC_LATER, "out of memory") : RC_OK;
}

enum rc
sim_templates_load(struct sim_templates *t, struct arena *mem,
    const char *folder, struct err *err)
{
	enum rc rc;

	rc = file_load(&t->client, mem, folder, "client-failed.xml", err);
	for (size_t i = 0; rc == RC_OK && i < sim_ntongues; i++) {
		const struct sim_tongue *g = &sim_tongues[i];

		for (int k = 0; rc == RC_OK && k < SIM_TEXTS; k++)
			rc = file_load(
			    &t->text[i][k], mem, folder, g->file[k], err);
		if (rc == RC_OK)
			rc =
			    file_load(&t->notes[i], mem, folder, g->notes, err);
	}
	return rc;
}

/* What the agency calls a code of the script, and what it says with it. */
struct note {
	struct slice own, words;
};

static struct note
note_find(struct slice notes, const char *code)
{
	struct note n = { .own = slice_of(code) };

	while (notes.len > 0) {
		struct slice line = slice_cut(&notes, '\n');

		if (!slice_is(slice_cut(&line, '\t'), code))
			continue;
		n.own = slice_cut(&line, '\t');
		n.words = line;
		break;
	}
	return n;
}

struct mark {
	const char *name;
	struct slice text;
	bool ready; /* it is put as it is: it holds marks of the syntax */
};

static const struct mark *
mark_find(struct slice *t, const struct mark *mark, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(mark[i].name);

		if (slice_starts(*t, mark[i].name) && t->len > len &&
		    t->p[len] == '@') {
			(void)slice_cut(t, '@');
			return &mark[i];
		}
	}
	return NULL;
}

/*
 * "@NAME@" is the mark's text. "@?NAME@" is nothing, and without such a text
 * the line ends there, its own end with it.
 */
static void
template_fill(const struct sim_tongue *g, struct slice t,
    const struct mark *mark, size_t n, struct buf *out)
{
	while (t.len > 0) {
		struct slice before = slice_cut(&t, '@');
		const struct mark *m;
		bool asks;

		buf_slice(out, before);
		if (t.len == 0)
			break;
		if (slice_starts(t, "SEGMENTS@")) {
			buf_fmt(out, "%u", sim_edifact_count(out));
			(void)slice_cut(&t, '@');
			continue;
		}
		asks = t.p[0] == '?';
		if (asks)
			t = slice_sub(t, 1, t.len - 1);
		m = mark_find(&t, mark, n);
		if (m == NULL)
			buf_byte(out, '@');
		else if (asks && m->text.len == 0)
			(void)slice_cut(&t, '\n');
		else if (!asks && m->ready)
			buf_slice(out, m->text);
		else if (!asks)
			g->put(out, m->text);
	}
}

/* Customs has given its number: not yet at import, declaring, returning. */
static bool
entry_known(const char *code)
{
	return strchr("01345679YZ", code[0]) == NULL;
}

static const char *
time_print(int64_t ms, const char *form, char out[32])
{
	time_t s = (time_t)(ms / 1000) + ZONE_S;
	struct tm tm;

	(void)gmtime_r(&s, &tm);
	(void)strftime(out, 32, form, &tm);
	return out;
}

static enum sim_text
text_of(enum sim_act act)
{
	return act == SIM_STORED   ? SIM_STORED_T
	       : act == SIM_RESULT ? SIM_RESULT_T
				   : SIM_REFUSED_T;
}

/* yyyyMMddHHmmssSSS and four digits of a count. */
static const char *
stamp_print(int64_t event_ms, uint64_t stamp, char out[40])
{
	char when[32];

	(void)snprintf(out, 40, "%s%03d%04u",
	    time_print(event_ms, "%Y%m%d%H%M%S", when), (int)(event_ms % 1000),
	    (unsigned int)(stamp % 10000));
	return out;
}

void
sim_answer(const struct sim_templates *t, const struct sim_doc *d,
    const struct sim_step *s, int64_t event_ms, uint64_t stamp,
    struct buf *body, char name[256])
{
	const struct sim_tongue *g = d->tongue;
	size_t at = (size_t)(g - sim_tongues);
	enum sim_text kind = text_of(s->act);
	struct note note = note_find(t->notes[at], s->code);
	char now[32], day[32], second[32], prepared[32], digits[40];
	const struct mark marks[] = {
		{ "CLIENT_SEQ_NO", slice_of(d->client_seq), false },
		{ "SEQ_NO", slice_of(d->seq), false },
		{ "ENTRY_ID", slice_of(entry_known(s->code) ? d->entry : ""),
		    false },
		{ "NOW",
		    slice_of(time_print(event_ms, "%Y-%m-%dT%H:%M:%S", now)),
		    false },
		{ "TODAY", slice_of(time_print(event_ms, "%Y%m%d", day)),
		    false },
		{ "SECOND",
		    slice_of(time_print(event_ms, "%Y%m%d%H%M%S", second)),
		    false },
		{ "PREPARED",
		    slice_of(time_print(event_ms, "%y%m%d:%H%M", prepared)),
		    true },
		{ "CHANNEL", note.own, false },
		{ "NOTE", s->text.len > 0 ? s->text : note.words, false },
		{ "OFFICE", slice_of(d->office), false },
		{ "SENDER", slice_of(d->sender), true },
		{ "RECEIVER", slice_of(d->receiver), true },
		{ "INTERCHANGE", slice_of(d->interchange), false },
		{ "MESSAGE", slice_of(d->message), false },
		{ "TYPE", slice_of(d->type), true },
		{ "STAMP", slice_of(stamp_print(event_ms, stamp, digits)),
		    false },
		{ "COUNT", slice_of(digits + strlen(digits) - 14), false },
	};

	buf_reset(body);
	template_fill(g, s->act == SIM_CLIENT ? t->client : t->text[at][kind],
	    marks, sizeof(marks) / sizeof(marks[0]), body);
	if (s->half)
		buf_cut(body, body->len / 2);
	(void)snprintf(name, 256, g->form[kind],
	    kind == SIM_RESULT_T ? d->seq : d->stem, digits);
}

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

#define TEMPLATE_BYTES 65536u
#define ZONE_S         (8 * 3600) /* the agency's clock is China's */

/* "<NAME" at a place where a tag begins, with or without a prefix. */
static bool
tag_at(struct slice xml, size_t i, const char *name, bool closing)
{
	size_t len = strlen(name), at = i + 1;

	if (closing) {
		if (at >= xml.len || xml.p[at] != '/')
			return false;
		at++;
	}
	for (size_t k = at; k < xml.len && k < at + 32; k++) {
		if (xml.p[k] == ':')
			at = k + 1;
		if (xml.p[k] == '>' || xml.p[k] == ' ' || xml.p[k] == '/')
			break;
	}
	return at + len < xml.len && memcmp(xml.p + at, name, len) == 0 &&
	       strchr("> \t\r\n/", xml.p[at + len]) != NULL;
}

struct slice
sim_scan(struct slice xml, const char *name)
{
	size_t from = 0;

	for (size_t i = 0; i < xml.len; i++) {
		if (xml.p[i] != '<')
			continue;
		if (from == 0 && tag_at(xml, i, name, false)) {
			while (i < xml.len && xml.p[i] != '>')
				i++;
			if (i > 0 && i < xml.len && xml.p[i - 1] == '/')
				continue; /* <NAME/>: look on */
			from = i + 1;
		} else if (from > 0 && tag_at(xml, i, name, true)) {
			return slice_trim(slice_sub(xml, from, i - from));
		}
	}
	return SLICE_LIT("");
}

static void
text_copy(char *out, size_t size, struct slice s)
{
	size_t n = s.len < size ? s.len : size - 1;

	memcpy(out, s.p == NULL ? "" : s.p, n);
	out[n] = '\0';
}

void
sim_doc_read(struct sim_doc *d, struct slice stem, struct slice xml,
    uint64_t *drawn, int64_t now_ms)
{
	struct slice office = sim_scan(xml, "CustomMaster");
	bool out = slice_is(sim_scan(xml, "IEFlag"), "E");
	time_t now = (time_t)(now_ms / 1000) + ZONE_S;
	struct tm tm;

	memset(d, 0, sizeof(*d));
	(void)gmtime_r(&now, &tm);
	text_copy(d->stem, sizeof(d->stem), stem);
	text_copy(
	    d->client_seq, sizeof(d->client_seq), sim_scan(xml, "ClientSeqNo"));
	text_copy(d->seq, sizeof(d->seq), sim_scan(xml, "SeqNo"));
	text_copy(d->office, sizeof(d->office),
	    office.len == 4 ? office : SLICE_LIT("7900"));
	d->received_ms = now_ms;
	/* 13 digits: milliseconds now, but never one twice. */
	*drawn = *drawn < (uint64_t)now_ms ? (uint64_t)now_ms : *drawn + 1;
	if (d->seq[0] == '\0')
		(void)snprintf(d->seq, sizeof(d->seq), "%c%04d%013llu",
		    out ? 'E' : 'I', (tm.tm_year + 1900) % 10000,
		    (unsigned long long)(*drawn % 10000000000000u));
	(void)snprintf(d->entry, sizeof(d->entry), "%.4s%04d%c%s", d->office,
	    (tm.tm_year + 1900) % 10000, out ? '0' : '1',
	    strlen(d->seq) > 9 ? d->seq + strlen(d->seq) - 9 : "000000000");
}

static enum rc
file_load(struct slice *out, struct arena *mem, const char *folder,
    const char *name, struct err *err)
{
	char path[4096], *p = arena_raw(mem, TEMPLATE_BYTES);
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || p == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return err_errno(err, RC_REFUSED, "template '%s'", path);
	}
	n = read(fd, p, TEMPLATE_BYTES);
	(void)close(fd);
	if (n <= 0 || n == TEMPLATE_BYTES)
		return err_set(err, RC_REFUSED,
		    "template '%s' is empty or over %u bytes", path,
		    TEMPLATE_BYTES - 1);
	*out = (struct slice){ p, (size_t)n };
	return RC_OK;
}

enum rc
sim_templates_load(struct sim_templates *t, struct arena *mem,
    const char *folder, struct err *err)
{
	enum rc rc;

	rc = file_load(&t->stored, mem, folder, "response-ok.xml", err);
	if (rc == RC_OK)
		rc = file_load(
		    &t->refused, mem, folder, "response-failed.xml", err);
	if (rc == RC_OK)
		rc = file_load(&t->result, mem, folder, "result.xml", err);
	if (rc == RC_OK)
		rc = file_load(
		    &t->client, mem, folder, "client-failed.xml", err);
	if (rc == RC_OK)
		rc = file_load(&t->notes, mem, folder, "notes.tsv", err);
	return rc;
}

static struct slice
note_find(struct slice notes, const char *code)
{
	while (notes.len > 0) {
		struct slice line = slice_cut(&notes, '\n');

		if (slice_is(slice_cut(&line, '\t'), code))
			return line;
	}
	return SLICE_LIT("");
}

static void
xml_put(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		switch (s.p[i]) {
		case '&':
			buf_str(b, "&amp;");
			break;
		case '<':
			buf_str(b, "&lt;");
			break;
		case '>':
			buf_str(b, "&gt;");
			break;
		default:
			buf_byte(b, s.p[i]);
		}
}

struct mark {
	const char *name;
	struct slice text;
};

static void
template_fill(
    struct slice t, const struct mark *mark, size_t n, struct buf *out)
{
	while (t.len > 0) {
		struct slice before = slice_cut(&t, '@');
		size_t i;

		buf_slice(out, before);
		if (t.len == 0)
			break;
		for (i = 0; i < n; i++)
			if (slice_starts(t, mark[i].name) &&
			    t.len > strlen(mark[i].name) &&
			    t.p[strlen(mark[i].name)] == '@')
				break;
		if (i == n) {
			buf_byte(out, '@');
			continue;
		}
		xml_put(out, mark[i].text);
		(void)slice_cut(&t, '@');
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

static struct slice
template_of(const struct sim_templates *t, enum sim_act act)
{
	return act == SIM_STORED    ? t->stored
	       : act == SIM_REFUSED ? t->refused
	       : act == SIM_CLIENT  ? t->client
				    : t->result;
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
	char now[32], day[32], digits[40];
	const char *form = "Receipt_%s_%s.xml", *subject = d->seq;
	struct slice note =
	    s->text.len > 0 ? s->text : note_find(t->notes, s->code);
	const struct mark marks[] = {
		{ "CLIENT_SEQ_NO", slice_of(d->client_seq) },
		{ "SEQ_NO", slice_of(d->seq) },
		{ "ENTRY_ID", slice_of(entry_known(s->code) ? d->entry : "") },
		{ "NOW",
		    slice_of(time_print(event_ms, "%Y-%m-%dT%H:%M:%S", now)) },
		{ "TODAY", slice_of(time_print(event_ms, "%Y%m%d", day)) },
		{ "CHANNEL", slice_of(s->code) },
		{ "NOTE", note },
		{ "OFFICE", slice_of(d->office) },
		{ "STAMP", slice_of(stamp_print(event_ms, stamp, digits)) },
	};

	buf_reset(body);
	template_fill(template_of(t, s->act), marks,
	    sizeof(marks) / sizeof(marks[0]), body);
	if (s->half)
		buf_cut(body, body->len / 2);
	if (s->act != SIM_RESULT) {
		form = s->act == SIM_STORED ? "Successed_%s_%s.xml"
					    : "Failed_%s_%s.xml";
		subject = d->stem;
	}
	(void)snprintf(name, 256, form, subject, digits);
}

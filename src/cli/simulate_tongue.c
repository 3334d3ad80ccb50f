/*
 * cli/simulate_tongue.c - how agencies are spoken to, and how they answer: a
 * row for each tongue. A document is scanned as plain text; nothing is shared
 * with the gateway's readers and writers. Called by verb_simulate.c.
 */
#include "src/cli/simulate.h"

#define SW_NAMES "urn:entrepot:sw-xml:" /* of its namespace */

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

void
sim_copy(char *out, size_t size, struct slice s)
{
	size_t n = s.len < size ? s.len : size - 1;

	memcpy(out, s.p == NULL ? "" : s.p, n);
	out[n] = '\0';
}

static void
xml_each(struct slice name, struct slice body, sim_entry_fn *fn, void *arg)
{
	fn(arg, name, body);
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

static void
dec_read(struct sim_doc *d, struct slice xml)
{
	sim_copy(
	    d->client_seq, sizeof(d->client_seq), sim_scan(xml, "ClientSeqNo"));
	sim_copy(d->seq, sizeof(d->seq), sim_scan(xml, "SeqNo"));
	sim_copy(d->office, sizeof(d->office), sim_scan(xml, "CustomMaster"));
	d->exports = slice_is(sim_scan(xml, "IEFlag"), "E");
}

static bool
sw_speaks(struct slice body)
{
	return memmem(body.p, body.len < 512 ? body.len : 512, SW_NAMES,
		   strlen(SW_NAMES)) != NULL;
}

static void
sw_read(struct sim_doc *d, struct slice xml)
{
	sim_copy(d->client_seq, sizeof(d->client_seq), sim_scan(xml, "number"));
	sim_copy(d->seq, sizeof(d->seq), sim_scan(xml, "platform_number"));
	sim_copy(d->office, sizeof(d->office), sim_scan(xml, "office"));
	d->exports = slice_is(sim_scan(xml, "direction"), "export");
}

static bool
any_speaks(struct slice body)
{
	(void)body;
	return true;
}

#define EDIFACT(what, is, result)                                              \
	{                                                                      \
		.name = what, .speaks = is, .each = sim_edifact_each,          \
		.read = sim_edifact_read, .put = sim_edifact_put,              \
		.file = { "contrl-ok.edi", "contrl-failed.edi", result },      \
		.notes = "notes-cusres.tsv", .form = {                         \
			"CONTRL_%s_%s.edi",                                    \
			"CONTRL_%s_%s.edi",                                    \
			"CUSRES_%s_%s.edi"                                     \
		}                                                              \
	}

/* The first that fits is the one; whatever else comes is asked as customs. */
const struct sim_tongue sim_tongues[] = {
	EDIFACT("CUSDEC D.21A", sim_edifact_is_d21a, "cusres-d21a.edi"),
	EDIFACT("CUSDEC", sim_edifact_is, "cusres-d96b.edi"),
	{ .name = "sw-xml",
	    .speaks = sw_speaks,
	    .each = xml_each,
	    .read = sw_read,
	    .put = xml_put,
	    .file = { "sw-stored.xml", "sw-refused.xml", "sw-result.xml" },
	    .notes = "notes-sw.tsv",
	    .form = { "stored_%s_%s.xml", "refused_%s_%s.xml",
		"receipt_%s_%s.xml" } },
	{ .name = "customs",
	    .speaks = any_speaks,
	    .each = xml_each,
	    .read = dec_read,
	    .put = xml_put,
	    .file = { "response-ok.xml", "response-failed.xml", "result.xml" },
	    .notes = "notes.tsv",
	    .form = { "Successed_%s_%s.xml", "Failed_%s_%s.xml",
		"Receipt_%s_%s.xml" } },
};
const size_t sim_ntongues = sizeof(sim_tongues) / sizeof(sim_tongues[0]);

_Static_assert(sizeof(sim_tongues) / sizeof(sim_tongues[0]) <= SIM_TONGUES,
    "a tongue without room for its templates");

const struct sim_tongue *
sim_tongue_of(struct slice body)
{
	size_t i = 0;

	while (!sim_tongues[i].speaks(body))
		i++;
	return &sim_tongues[i];
}

/*
 * conf/build.c - what the grammar's actions do; trusts no value. Called while
 * parsing; every mistake is a complaint, and the value is then a harmless one.
 */
#include "src/conf/parser.h"
#include "src/base/rc.h"
#include "src/syntax/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ID_MAX      32
#define FIRST_ROOM  16
#define SECOND_MS   1000u
#define LIMIT_USUAL ((uint64_t)64 << 20)
/* Whoever never fetches its replies must not fill the disk with names. */
#define WINDOW_USUAL 10000

void
conf_wrong(struct conf_parser *p, size_t at, const char *fmt, ...)
{
	struct err text;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text.text, sizeof(text.text), fmt, ap);
	va_end(ap);
	complaints_add(p->complaints, false,
	    p->other_name != NULL ? p->other_name : p->w->conf.file,
	    p->other_name != NULL ? p->other : p->w->text, at, "%s", text.text);
}

static uint32_t
line_of(const struct conf_parser *p, size_t at)
{
	uint32_t line = 1;

	for (size_t i = 0; i < at && i < p->w->text.len; i++)
		line += p->w->text.p[i] == '\n';
	return line;
}

static const char *const dir_names[] = {
#define DIRECTIVE(word, token, where, meaning) [DIR_##token] = word,
#include "src/conf/directives.def"
};

static const char *const option_names[] = {
#define OPTION(word, token, where, meaning) [OPT_##token] = word,
#include "src/conf/directives.def"
};

static bool
dir_is_top(enum conf_word dir)
{
	return dir <= DIR_KEEP; /* in the order of directives.def */
}

bool
conf_once(struct conf_parser *p, enum conf_word dir, size_t at)
{
	size_t *given =
	    dir_is_top(dir) ? &p->given[dir] : &conf_note_now(p)->given[dir];

	p->options = 0;
	if (*given != 0 && dir != DIR_SUBMIT) {
		conf_wrong(p, at, "'%s' is given twice, first at line %u",
		    dir_names[dir], line_of(p, *given - 1));
		return false;
	}
	if (*given == 0)
		*given = at + 1;
	return true;
}

void
conf_option(struct conf_parser *p, enum conf_option option, size_t at)
{
	_Static_assert(OPTS <= 64, "a bit for each option");

	if ((p->options >> option & 1u) != 0)
		conf_wrong(p, at, "'%s' is given twice in this line",
		    option_names[option]);
	p->options |= UINT64_C(1) << option;
}

void
conf_line_lost(struct conf_parser *p)
{
	uint64_t *lost = p->within ? &conf_note_now(p)->lost : &p->lost;

	for (unsigned int i = 0; i < DIRS; i++)
		if (slice_is(p->word, dir_names[i])) {
			*lost |= UINT64_C(1) << i;
			return;
		}
	*lost = UINT64_MAX; /* a word misspelt: any of them */
}

/* Of a block that has not begun, or not ended, any line may be missing. */
void
conf_block_lost(struct conf_parser *p)
{
	if (p->within)
		conf_note_now(p)->lost = UINT64_MAX;
	p->within = false;
}

bool
conf_is_lost(uint64_t lost, enum conf_word dir)
{
	_Static_assert(DIRS <= 64, "a bit for each directive");

	return (lost >> dir & 1u) != 0;
}

struct conf_partner *
conf_now(struct conf_parser *p)
{
	return &p->w->partner[p->current];
}

struct conf_note *
conf_note_now(struct conf_parser *p)
{
	return &p->w->note[p->current];
}

/* Room for one more; the last place is never a partner's: a place to write
 * to when there are too many or no memory. */
static bool
room_make(struct conf_whole *w)
{
	unsigned int room = w->room == 0 ? FIRST_ROOM : w->room * 2;
	struct conf_partner *partner;
	struct conf_note *note;

	if (w->conf.npartners + 1 < w->room)
		return true;
	partner = arena_get(w->mem, room * sizeof(*partner));
	note = arena_get(w->mem, room * sizeof(*note));
	if (partner == NULL || note == NULL)
		return false;
	if (w->room > 0) {
		memcpy(partner, w->partner, w->room * sizeof(*partner));
		memcpy(note, w->note, w->room * sizeof(*note));
	}
	w->partner = partner;
	w->note = note;
	w->room = room;
	w->conf.partner = partner;
	return true;
}

static bool
id_is_good(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= ID_MAX && s[n] == '\0';
}

const char *
conf_id(struct conf_parser *p, struct conf_text t, const char *what)
{
	if (t.p != NULL && !id_is_good(t.p))
		conf_wrong(p, t.at,
		    "%s is called '%s', want 1 to %d of a to z, 0 to 9 and -",
		    what, t.p, ID_MAX);
	return t.p == NULL ? "" : t.p;
}

static void
partner_defaults(struct conf_partner *c)
{
	c->layout = LAYOUT_PLAIN;
	c->in = "in";
	c->out = "out";
	c->marker = ".ok";
	c->reply_encoding = -1;
	c->reply_window = WINDOW_USUAL;
	c->limit = LIMIT_USUAL;
	c->retry_every_ms = 60 * SECOND_MS;
	c->retry_upto_ms = 3600 * SECOND_MS;
	c->retry_for_ms = (uint64_t)3 * 86400 * SECOND_MS;
	c->retry_doubling = true;
}

void
conf_partner_begin(
    struct conf_parser *p, unsigned int kinds, struct conf_text name, size_t at)
{
	struct conf_whole *w = p->w;
	struct conf_partner *c;

	if (!room_make(w))
		p->failed = true;
	if (w->room == 0)
		return;
	p->current = w->conf.npartners;
	p->within = true;
	for (unsigned int i = 0; i < w->conf.npartners; i++)
		if (name.p != NULL && strcmp(w->partner[i].name, name.p) == 0)
			conf_wrong(p, at,
			    "partner '%s' is given twice, first at line %u",
			    name.p, w->partner[i].line);
	if (w->conf.npartners >= CONF_PARTNERS) {
		conf_wrong(p, at, "more than %d partners", CONF_PARTNERS);
		p->failed = true;
	}
	c = conf_now(p);
	memset(c, 0, sizeof(*c));
	memset(conf_note_now(p), 0, sizeof(struct conf_note));
	partner_defaults(c);
	c->name = conf_id(p, name, "partner");
	c->en = c->zh = c->name;
	c->filer = (kinds & 1u) != 0;
	c->agency = (kinds & 2u) != 0;
	c->subscriber = (kinds & 4u) != 0;
	c->peer = (kinds & 8u) != 0;
	c->line = line_of(p, at);
	conf_note_now(p)->at = at;
	if (!p->failed)
		w->conf.npartners++;
}

/* Absolute, without ".", ".." or "//": what is compared must be comparable. */
const char *
conf_path(struct conf_parser *p, struct conf_text t)
{
	const char *s = t.p == NULL ? "" : t.p;
	size_t n = strlen(s);
	char *copy;

	if (s[0] != '/') {
		conf_wrong(p, t.at,
		    "path '%s' is not absolute, want one that begins with '/'",
		    s);
		return NULL;
	}
	if (strstr(s, "//") != NULL || strstr(s, "/../") != NULL ||
	    strstr(s, "/./") != NULL || (n >= 3 && !strcmp(s + n - 3, "/..")) ||
	    (n >= 2 && !strcmp(s + n - 2, "/."))) {
		conf_wrong(p, t.at,
		    "path '%s' holds '//', '.' or '..', want it plain", s);
		return NULL;
	}
	if (n == 1 || s[n - 1] != '/')
		return s;
	copy = arena_str(p->w->mem, (struct slice){ s, n - 1 });
	if (copy == NULL)
		p->failed = true;
	return copy;
}

void
conf_mappings(struct conf_parser *p, struct conf_text t)
{
	struct conf *c = &p->w->conf;
	const char *path = conf_path(p, t);

	if (path == NULL)
		return;
	for (unsigned int i = 0; i < c->nmappings; i++)
		if (strcmp(c->mappings[i], path) == 0)
			conf_wrong(p, t.at, "'%s' is given twice", path);
	if (c->nmappings == CONF_BUNDLES)
		conf_wrong(
		    p, t.at, "more than %d mappings folders", CONF_BUNDLES);
	else
		c->mappings[c->nmappings++] = path;
}

const char *
conf_part(struct conf_parser *p, struct conf_text t)
{
	const char *s = t.p == NULL ? "" : t.p;

	if (s[0] == '\0' || strchr(s, '/') != NULL || strcmp(s, ".") == 0 ||
	    strcmp(s, "..") == 0)
		conf_wrong(p, t.at,
		    "'%s' is not one name in a folder, want one without '/'",
		    s);
	return s;
}

/* transport/folder.h: what is ours alone stands beside it, or in it. */
const char *
conf_box(struct conf_parser *p, struct conf_text t)
{
	const char *s = conf_part(p, t);

	if (strcmp(s, ".taken") == 0 || strcmp(s, ".entrepot") == 0)
		conf_wrong(p, t.at,
		    "'%s' is a folder of the gateway's own, want another name",
		    s);
	return s;
}

/* The digits and the letter behind them ('\0': none). */
static uint64_t
amount_split(struct conf_text t, char *unit)
{
	struct slice s = slice_of(t.p);
	uint64_t n;

	*unit = '\0';
	if (s.len > 0 && (s.p[s.len - 1] | 0x20) >= 'a') {
		*unit = s.p[s.len - 1];
		s.len--;
	}
	return slice_u64(s, &n) ? n : UINT64_MAX; /* the lexer saw digits */
}

uint64_t
conf_number(
    struct conf_parser *p, struct conf_text t, uint64_t min, uint64_t max)
{
	char unit;
	uint64_t n = amount_split(t, &unit);

	if (unit == '\0' && n >= min && n <= max)
		return n;
	conf_wrong(p, t.at, "found '%s', want a number from %ju to %ju",
	    t.p == NULL ? "" : t.p, (uintmax_t)min, (uintmax_t)max);
	return min;
}

/* What a number with a unit may be: with none of them, factor 0. */
static uint64_t
amount_of(struct conf_parser *p, struct conf_text t, uint64_t n, char unit,
    uint64_t factor, uint64_t max, const char *want)
{
	char most[32];

	if (t.p == NULL)
		return 1;
	if (factor > 0 && n > 0 && n <= max / factor)
		return n * factor;
	(void)snprintf(most, sizeof(most), "%ju%c",
	    (uintmax_t)(factor == 0 ? 0 : max / factor), unit);
	if (factor == 0)
		conf_wrong(p, t.at, "found '%s', want %s", t.p, want);
	else if (n == 0)
		conf_wrong(p, t.at, "'%s' is too small, want 1 at least", t.p);
	else
		conf_wrong(
		    p, t.at, "'%s' is too large, want at most %s", t.p, most);
	return 1;
}

uint64_t
conf_size(struct conf_parser *p, struct conf_text t, uint64_t max)
{
	char unit;
	uint64_t n = amount_split(t, &unit);
	uint64_t factor = unit == '\0'  ? 1
			  : unit == 'K' ? 1u << 10
			  : unit == 'M' ? 1u << 20
			  : unit == 'G' ? 1u << 30
					: 0;

	return amount_of(p, t, n, unit, factor, max,
	    "a size: bytes, or a number with K, M or G");
}

uint64_t
conf_time(struct conf_parser *p, struct conf_text t, uint64_t max_ms)
{
	char unit;
	uint64_t n = amount_split(t, &unit);
	uint64_t factor = unit == 's'   ? SECOND_MS
			  : unit == 'm' ? 60 * SECOND_MS
			  : unit == 'h' ? 3600 * SECOND_MS
			  : unit == 'd' ? 86400 * SECOND_MS
					: 0;

	return amount_of(p, t, n, unit, factor,
	    max_ms < INT64_MAX ? max_ms : INT64_MAX,
	    "a time: a number with s, m, h or d");
}

void
conf_accept(struct conf_parser *p, struct conf_text t)
{
	struct conf_partner *c = conf_now(p);

	for (unsigned int i = 0; i < c->naccept; i++)
		if (t.p != NULL && strcmp(c->accept[i], t.p) == 0)
			conf_wrong(p, t.at, "format '%s' is given twice", t.p);
	if (c->naccept == CONF_NAMES) {
		conf_wrong(p, t.at, "more than %d formats", CONF_NAMES);
		return;
	}
	conf_note_now(p)->accept_at[c->naccept] = t.at;
	c->accept[c->naccept++] = conf_id(p, t, "format");
}

void
conf_default(
    struct conf_parser *p, struct conf_text path, struct conf_text text)
{
	struct conf_partner *c = conf_now(p);

	if (conf_note_now(p)->given[DIR_DEFAULT] == 0)
		conf_note_now(p)->given[DIR_DEFAULT] = path.at + 1;
	for (unsigned int i = 0; i < c->npresets; i++)
		if (path.p != NULL && strcmp(c->preset[i].path, path.p) == 0)
			conf_wrong(p, path.at, "'%s' is given twice", path.p);
	if (path.p == NULL || text.p == NULL)
		return;
	if (c->npresets == CONF_DEFAULTS) {
		conf_wrong(p, path.at, "more than %d defaults", CONF_DEFAULTS);
		return;
	}
	conf_note_now(p)->preset_at[c->npresets] = path.at;
	c->preset[c->npresets++] = (struct conf_default){ path.p, text.p };
}

/* "pdf": letters and digits, as they stand behind a name's last dot. */
void
conf_ending(struct conf_parser *p, struct conf_text t)
{
	struct conf_partner *c = conf_now(p);
	bool fine = t.p != NULL && strlen(t.p) <= 16;

	for (unsigned int i = 0; i < c->nattachments; i++)
		if (t.p != NULL && strcmp(c->attachment[i], t.p) == 0)
			conf_wrong(p, t.at, "ending '%s' is given twice", t.p);
	for (const char *s = t.p; fine && *s != '\0'; s++)
		fine = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9');
	if (!fine)
		conf_wrong(p, t.at,
		    "'%s' is no ending, want up to 16 small letters and digits",
		    t.p == NULL ? "" : t.p);
	else if (c->nattachments == CONF_NAMES)
		conf_wrong(p, t.at, "more than %d endings", CONF_NAMES);
	else
		c->attachment[c->nattachments++] = t.p;
}

bool
conf_is_attachment(const struct conf_partner *c, struct slice name)
{
	for (unsigned int i = 0; i < c->nattachments; i++) {
		size_t n = strlen(c->attachment[i]);

		if (name.len > n + 1 && name.p[name.len - n - 1] == '.' &&
		    strncasecmp(name.p + name.len - n, c->attachment[i], n) ==
			0)
			return true;
	}
	return false;
}

struct conf_submit *
conf_submit_new(struct conf_parser *p, struct conf_text document,
    struct conf_text format, size_t at)
{
	struct conf_partner *c = conf_now(p);
	unsigned int i = c->nsubmit;

	for (unsigned int k = 0; k < c->nsubmit; k++)
		if (document.p != NULL && format.p != NULL &&
		    strcmp(c->submit[k].document, document.p) == 0 &&
		    strcmp(c->submit[k].format, format.p) == 0)
			conf_wrong(p, at, "'%s as %s' is given twice",
			    document.p, format.p);
	if (i == CONF_NAMES) {
		conf_wrong(p, at, "more than %d submit lines", CONF_NAMES);
		i--;
	} else {
		c->nsubmit++;
	}
	conf_note_now(p)->submit_at[i] = document.at;
	conf_note_now(p)->submit_format_at[i] = format.at;
	c->submit[i] = (struct conf_submit){
		.document = conf_id(p, document, "document kind"),
		.format = conf_id(p, format, "format"),
		.window = 500,
		.batch = 1,
	};
	return &c->submit[i];
}

/*
 * The import client's folders are named from where its user stands: who is
 * fed through a client has our files in OutBox, who feeds us puts them there.
 * A name given before the layout stays.
 */
void
conf_layout(struct conf_parser *p, enum layout layout)
{
	struct conf_partner *c = conf_now(p);
	struct conf_note *n = conf_note_now(p);
	bool fed = c->agency || c->peer;

	c->layout = layout;
	if (layout != LAYOUT_IMPORT_CLIENT)
		return;
	if (!n->in_given)
		c->in = fed ? "InBox" : "OutBox";
	if (!n->out_given)
		c->out = fed ? "OutBox" : "InBox";
	if (c->sent == NULL)
		c->sent = "SentBox";
	if (c->refused == NULL)
		c->refused = "FailBox";
}

int
conf_encoding(struct conf_parser *p, struct conf_text t)
{
	static const struct {
		const char *name;
		enum encoding encoding;
	} known[] = {
		{ "utf-8", ENC_UTF8 },
		{ "gb18030", ENC_GB18030 },
		{ "gbk", ENC_GB18030 },
		{ "gb2312", ENC_GB2312 },
		{ "latin-1", ENC_LATIN1 },
		{ "iso-8859-1", ENC_LATIN1 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (t.p != NULL && strcasecmp(t.p, known[i].name) == 0)
			return (int)known[i].encoding;
	conf_wrong(p, t.at,
	    "encoding '%s' is not known, want utf-8, gb18030, gbk, gb2312 or "
	    "iso-8859-1",
	    t.p == NULL ? "" : t.p);
	return -1;
}

/*
 * record/finding.c - findings are collected and their sentences made.
 *
 * Everything in a sentence may come from outside: long texts are cut, control
 * bytes are escaped where a finding is printed.
 */
#include <stdio.h>
#include "src/base/json.h"
#include "src/record/directory.h"
#include "src/record/finding.h"
#include "src/record/wording.h"

#define SHOWN_MAX    120 /* bytes of one text in a sentence */
#define SENTENCE_MAX 1500

static const struct {
	const char *code;
	enum severity severity;
	const char *en, *zh;
} kinds[FIND_KINDS] = {
#define FINDING(name, code, sev, en, zh) { code, sev, en, zh },
#include "src/record/finding.def"
#undef FINDING
};

const char *
severity_name(enum severity s)
{
	return s == SEV_ERROR ? "error" : s == SEV_WARNING ? "warning" : "hint";
}

void
findings_init(struct findings *fs, struct arena *mem)
{
	*fs = (struct findings){ .mem = mem };
}

/* The element that a path like "item[2].quantity" names; NULL. */
static const struct element *
path_element(const struct group *g, struct slice path)
{
	const struct element *e = NULL;

	while (path.len > 0 && g != NULL) {
		struct slice step = slice_cut(&path, '.');

		e = group_element(g, slice_cut(&step, '['));
		if (e == NULL)
			return NULL;
		g = e->type == EL_GROUP || e->type == EL_ABOUT ? e->group
							       : NULL;
	}
	return path.len > 0 ? NULL : e;
}

/* What a sentence is filled with. */
struct fill {
	struct slice tag, element, found, wanted, label;
};

static void
text_put(char *out, size_t *len, struct slice s, size_t most)
{
	size_t at = *len < SENTENCE_MAX ? *len : SENTENCE_MAX;
	size_t room = SENTENCE_MAX - at, n = s.len;

	if (n > most) {
		n = most; /* not in the middle of a character */
		while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
			n--;
	}
	if (n > room)
		n = room;
	if (n > 0)
		memcpy(out + at, s.p, n);
	at += n;
	if (n < s.len && SENTENCE_MAX - at >= 3) {
		memcpy(out + at, "...", 3);
		at += 3;
	}
	*len = at;
}

/* The text that stands for {name}; false: none of ours. */
static bool
fill_find(const struct fill *f, struct slice name, struct slice *out)
{
	if (slice_is(name, "tag"))
		*out = f->tag;
	else if (slice_is(name, "element"))
		*out = f->element;
	else if (slice_is(name, "found"))
		*out = f->found;
	else if (slice_is(name, "wanted"))
		*out = f->wanted;
	else if (slice_is(name, "label"))
		*out = f->label;
	else
		return false;
	return true;
}

static struct slice
sentence(struct arena *mem, const char *form, const struct fill *f)
{
	char out[SENTENCE_MAX];
	size_t len = 0;

	while (*form != '\0') {
		size_t n = strcspn(form, "{");
		const char *close;
		struct slice name, what;

		text_put(out, &len, (struct slice){ form, n }, n);
		form += n;
		if (*form == '\0')
			break;
		close = strchr(form, '}');
		name = (struct slice){ form + 1,
			close == NULL ? 0 : (size_t)(close - form) - 1 };
		if (close != NULL && fill_find(f, name, &what)) {
			text_put(out, &len, what, SHOWN_MAX);
			form = close + 1;
		} else {
			text_put(out, &len, (struct slice){ form, 1 }, 1);
			form++;
		}
	}
	return arena_dup(mem, (struct slice){ out, len });
}

/* "Importer" of "importer.uscc", where that says which of many is meant. */
static const char *
label_around(const struct group *g, struct slice element, bool chinese)
{
	size_t n = element.len;
	const struct element *e;

	while (n > 0 && element.p[n - 1] != '.')
		n--;
	e = n == 0 ? NULL : path_element(g, slice_sub(element, 0, n - 1));
	return e == NULL || e->repeats ? "" : chinese ? e->zh : e->en;
}

/* What is absent has no place of its own: its sentence says whose it is. */
static bool
is_absence(enum finding_kind kind)
{
	return kind == FIND_MISSING_OUT || kind == FIND_REQUIRED;
}

static struct slice
label_of(const struct findings *fs, const struct finding *f, struct slice tag,
    bool chinese)
{
	const struct element *e = fs->document == NULL
				      ? NULL
				      : path_element(fs->document, f->element);
	const char *label = e == NULL ? "" : chinese ? e->zh : e->en;
	const char *around;
	char whole[400];
	int n;

	if (label[0] == '\0')
		return f->element.len > 0 ? f->element : tag;
	around = is_absence(f->kind)
		     ? label_around(fs->document, f->element, chinese)
		     : "";
	if (around[0] == '\0')
		return slice_of(label);
	n = snprintf(whole, sizeof(whole), "%s%s%s", around,
	    chinese ? "：" : ": ", label);
	return n < 0 || (size_t)n >= sizeof(whole)
		   ? slice_of(label)
		   : arena_dup(fs->mem, slice_of(whole));
}

/* Is what was wanted told in our own words? It is no value of somebody's. */
static bool
is_wanted_worded(enum finding_kind kind)
{
	return kind == FIND_LENGTH || kind == FIND_NUMBER ||
	       kind == FIND_CHARACTERS;
}

/* Are found and wanted our own words, or somebody's? */
static bool
is_worded(enum finding_kind kind)
{
	switch (kind) {
	case FIND_SYNTAX:
	case FIND_LIMIT:
	case FIND_FORBIDDEN:
	case FIND_ENVELOPE:
	case FIND_ENCODING:
	case FIND_NO_FORMAT:
	case FIND_NOT_ACCEPTED:
	case FIND_OTHER_KIND:
	case FIND_MISSING:
	case FIND_UNEXPECTED:
		return true;
	default:
		return false;
	}
}

static void
finding_say(struct findings *fs, struct finding *f)
{
	struct fill fill = { .tag = f->tag,
		.element = f->element,
		.found = f->found,
		.wanted = f->wanted };

	if (fill.tag.len == 0)
		fill.tag =
		    f->element.len > 0 ? f->element : SLICE_LIT("message");
	fill.label = label_of(fs, f, fill.tag, false);
	f->en = sentence(fs->mem, kinds[f->kind].en, &fill);
	if (f->tag.len == 0 && f->element.len == 0)
		fill.tag = SLICE_LIT("报文");
	if (is_worded(f->kind)) {
		fill.tag = wording_zh(fs->mem, fill.tag);
		fill.found = wording_zh(fs->mem, fill.found);
	}
	if (is_worded(f->kind) || is_wanted_worded(f->kind))
		fill.wanted = wording_zh(fs->mem, fill.wanted);
	fill.label = label_of(fs, f, fill.tag, true);
	f->zh = sentence(fs->mem, kinds[f->kind].zh, &fill);
}

struct finding *
finding_add(struct findings *fs, enum finding_kind kind, struct slice element,
    struct slice tag, struct slice found, struct slice wanted)
{
	static struct finding nowhere; /* memory is gone: written, never read */
	enum severity sev = kinds[kind].severity;
	struct finding *f = NULL;

	if (fs->lenient && sev == SEV_ERROR)
		sev = SEV_WARNING;
	fs->errors += sev == SEV_ERROR;
	fs->warnings += sev == SEV_WARNING;
	fs->hints += sev == SEV_HINT;
	if (fs->n >= FINDINGS_MAX && fs->spare != NULL)
		f = fs->spare;
	else
		f = arena_get(fs->mem, sizeof(*f));
	if (f == NULL) {
		fs->dropped++;
		nowhere = (struct finding){ .kind = kind, .severity = sev };
		return &nowhere;
	}
	*f = (struct finding){ .kind = kind,
		.severity = sev,
		.code = slice_of(kinds[kind].code) };
	if (fs->n >= FINDINGS_MAX) {
		fs->spare = f;
		fs->dropped++;
		return f;
	}
	f->element = arena_dup(fs->mem, element);
	f->tag = arena_dup(fs->mem, tag);
	f->found = arena_dup(fs->mem, found);
	f->wanted = arena_dup(fs->mem, wanted);
	finding_say(fs, f);
	if (fs->last == NULL)
		fs->first = f;
	else
		fs->last->next = f;
	fs->last = f;
	fs->n++;
	return f;
}

/* Control bytes as \xNN: a message cannot forge a line of a report. */
static void
put_safe(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c == 0x7F)
			buf_fmt(out, "\\x%02X", c);
		else if (c == 0xC2 && i + 1 < s.len &&
			 (unsigned char)s.p[i + 1] < 0xA0) {
			/* C1 controls, as terminals understand them */
			buf_fmt(out, "\\x%02X", (unsigned char)s.p[++i]);
		} else
			buf_byte(out, (char)c);
	}
}

/* The table's and the reader's word for one mistake. */
static bool
is_same(const struct finding *a, const struct finding *b)
{
	if (a->kind != b->kind || a->kind == FIND_RULE ||
	    a->severity != b->severity || !slice_eq(a->found, b->found))
		return false;
	if (a->element.len == 0 && b->element.len == 0)
		return slice_eq(a->tag, b->tag);
	return a->found.len > 0 && (a->element.len == 0 || b->element.len == 0);
}

/* How much a finding says of what a value should have been; 0: no such. */
static int
form_rank(const struct finding *f)
{
	switch (f->kind) {
	case FIND_DISAGREE: /* what is no such value disagrees with any */
	case FIND_NO_TARGET:
		return 1;
	case FIND_LENGTH:
		return 2;
	case FIND_CODE_UNKNOWN:
	case FIND_CODE_OPEN:
	case FIND_DATE:
	case FIND_NUMBER:
	case FIND_CHARACTERS:
	case FIND_PATTERN:
		return 3;
	default:
		return 0;
	}
}

/* One value that is wrong in several ways is one mistake for its writer. */
static bool
is_one_value(const struct finding *a, const struct finding *b)
{
	int x = form_rank(a), y = form_rank(b);

	return x > 0 && y > 0 && x + y > 2 && slice_eq(a->found, b->found) &&
	       (a->element.len == 0 || b->element.len == 0 ||
		   slice_eq(a->element, b->element));
}

static bool
is_better(const struct finding *b, const struct finding *a)
{
	if (b->severity != a->severity)
		return b->severity > a->severity;
	if (form_rank(b) != form_rank(a))
		return form_rank(b) > form_rank(a);
	return a->element.len == 0 && b->element.len > 0;
}

/* b goes; what it says better than a is a's from now on. */
static void
finding_join(struct findings *fs, struct finding *a, const struct finding *b)
{
	const struct finding *gone = b;
	struct finding was = *a;

	if (is_better(b, a)) {
		*a = *b;
		a->next = was.next;
		gone = &was;
	}
	if (a->fault == 0)
		a->fault = gone->fault;
	if (a->element.len == 0)
		a->element = gone->element;
	fs->n--;
	fs->errors -= gone->severity == SEV_ERROR;
	fs->warnings -= gone->severity == SEV_WARNING;
	fs->hints -= gone->severity == SEV_HINT;
}

void
findings_merge(struct findings *fs)
{
	for (struct finding *a = fs->first; a != NULL; a = a->next) {
		struct finding *before = a, *b;

		while (a->text_span > 0 && (b = before->next) != NULL) {
			struct finding *after = b->next;

			if (a->text_at != b->text_at ||
			    a->text_span != b->text_span ||
			    (!is_same(a, b) && !is_one_value(a, b))) {
				before = b;
				continue;
			}
			before->next = after; /* a's own next, if b is that */
			if (after == NULL)
				fs->last = before;
			finding_join(fs, a, b);
		}
	}
}

void
finding_print(const struct finding *f, const char *file, struct buf *out)
{
	const struct place *p = &f->place;

	put_safe(out, slice_of(file));
	if (p->line > 0)
		buf_fmt(out, ":%u:%u", p->line, p->column);
	buf_fmt(out, ": %s ", severity_name(f->severity));
	put_safe(out, f->code);
	buf_str(out, ": ");
	put_safe(out, f->en);
	if (p->segment > 0) {
		buf_fmt(out, " (segment %u", p->segment);
		if (p->element > 0)
			buf_fmt(out, ", element %u", p->element);
		if (p->component > 0)
			buf_fmt(out, ", component %u", p->component);
		buf_byte(out, ')');
	}
	if (f->element.len > 0) {
		buf_str(out, " [");
		put_safe(out, f->element);
		buf_byte(out, ']');
	}
	buf_byte(out, '\n');
}

static void
json_place(struct buf *out, const char *name, uint64_t n)
{
	if (n > 0)
		json_number(out, name, n);
}

void
finding_json(const struct finding *f, struct buf *out)
{
	const struct place *p = &f->place;

	json_open(out);
	json_text(out, "severity", slice_of(severity_name(f->severity)));
	json_text(out, "code", f->code);
	if (f->element.len > 0)
		json_text(out, "element", f->element);
	if (f->tag.len > 0)
		json_text(out, "tag", f->tag);
	if (f->found.len > 0)
		json_text(out, "found", f->found);
	if (f->wanted.len > 0)
		json_text(out, "wanted", f->wanted);
	json_place(out, "line", p->line);
	json_place(out, "column", p->column);
	if (p->line > 0)
		json_number(out, "byte", p->at);
	json_place(out, "span", p->span);
	json_place(out, "segment", p->segment);
	json_place(out, "part", p->element);
	json_place(out, "component", p->component);
	json_place(out, "syntax", f->fault);
	json_text(out, "en", f->en);
	json_text(out, "zh", f->zh);
	json_close(out);
}

/*
 * cli/simulate_edifact.c - an interchange as an agency sees it: segments cut
 * at the service characters that UNA names (ISO 9735 part 1, clause 8), their
 * elements by position. Nothing is checked. Called by simulate_tongue.c;
 * shares no code with src/syntax.
 */
#include "src/cli/simulate.h"

#define DOCUMENT_MAX (64u << 20)

struct marks {
	char component, element, release, end;
};

bool
sim_edifact_is(struct slice body)
{
	body = slice_trim(body);
	return slice_starts(body, "UNA") || slice_starts(body, "UNB+");
}

/* From D.00B on the indicator of CUSRES is GEI instead of GIS. */
bool
sim_edifact_is_d21a(struct slice body)
{
	return sim_edifact_is(body) &&
	       memmem(body.p, body.len, ":D:21A:UN", 9) != NULL;
}

static struct marks
marks_of(struct slice *body)
{
	struct marks m = { ':', '+', '?', '\'' };

	*body = slice_trim(*body);
	if (slice_starts(*body, "UNA") && body->len > 9) {
		m = (struct marks){ body->p[3], body->p[4], body->p[6],
			body->p[8] };
		*body = slice_sub(*body, 9, body->len - 9);
	}
	return m;
}

/* Up to the mark, which is dropped; a released one does not count. */
static struct slice
piece_cut(struct slice *rest, char mark, char release)
{
	size_t i = 0;
	struct slice piece;

	while (i < rest->len && rest->p[i] != mark)
		i += rest->p[i] == release ? 2 : 1;
	if (i > rest->len)
		i = rest->len;
	piece = slice_sub(*rest, 0, i);
	*rest = slice_sub(
	    *rest, i < rest->len ? i + 1 : i, rest->len - i - (i < rest->len));
	return piece;
}

/* Component c of element e, both from 1; c 0: all of it; e 0 is the tag. */
static struct slice
component_of(struct slice segment, int e, int c, const struct marks *m)
{
	struct slice at = segment;

	for (int i = 0; i <= e; i++)
		at = piece_cut(&segment, m->element, m->release);
	segment = at;
	for (int i = 0; i < c; i++)
		at = piece_cut(&segment, m->component, m->release);
	return at;
}

static void
plain_copy(char *out, size_t size, struct slice s, const struct marks *m)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n + 1 < size; i++) {
		if (s.p[i] == m->release && i + 1 < s.len)
			i++;
		out[n++] = s.p[i];
	}
	out[n] = '\0';
}

/*
 * A document is UNB, as it stood, and one message: so read() sees both the
 * way they came.
 */
void
sim_edifact_each(
    struct slice name, struct slice body, sim_entry_fn *fn, void *arg)
{
	struct slice rest = body, head = SLICE_LIT("");
	struct marks m = marks_of(&rest);
	const char *from = NULL;
	struct buf one;

	buf_init(&one, DOCUMENT_MAX);
	while (rest.len > 0) {
		struct slice s = slice_trim(piece_cut(&rest, m.end, m.release));

		if (slice_starts(s, "UNB"))
			head = s;
		else if (slice_starts(s, "UNH"))
			from = s.p;
		else if (slice_starts(s, "UNT") && from != NULL) {
			buf_reset(&one);
			buf_fmt(&one, "UNA%c%c.%c %c", m.component, m.element,
			    m.release, m.end);
			buf_slice(&one, head);
			buf_byte(&one, m.end);
			buf_slice(&one, (struct slice){ from,
					    (size_t)(s.p + s.len - from) });
			if (!buf_failed(&one))
				fn(arg, name, buf_look(&one));
			from = NULL;
		}
	}
	buf_clear(&one);
}

void
sim_edifact_read(struct sim_doc *d, struct slice body)
{
	struct marks m = marks_of(&body);

	while (body.len > 0) {
		struct slice s = slice_trim(piece_cut(&body, m.end, m.release));

		if (slice_starts(s, "UNB")) {
			/* whole composites, in their own marks */
			sim_copy(d->sender, sizeof(d->sender),
			    component_of(s, 2, 0, &m));
			sim_copy(d->receiver, sizeof(d->receiver),
			    component_of(s, 3, 0, &m));
			plain_copy(d->interchange, sizeof(d->interchange),
			    component_of(s, 5, 0, &m), &m);
		} else if (slice_starts(s, "UNH")) {
			plain_copy(d->message, sizeof(d->message),
			    component_of(s, 1, 0, &m), &m);
			sim_copy(d->type, sizeof(d->type),
			    component_of(s, 2, 0, &m));
		} else if (slice_starts(s, "BGM")) {
			plain_copy(d->client_seq, sizeof(d->client_seq),
			    component_of(s, 2, 1, &m), &m);
		} else if (slice_starts(s, "LOC") &&
			   slice_is(component_of(s, 1, 0, &m), "22")) {
			plain_copy(d->office, sizeof(d->office),
			    component_of(s, 2, 1, &m), &m);
		} else if (slice_starts(s, "RFF") &&
			   slice_is(component_of(s, 1, 1, &m), "AFM")) {
			plain_copy(d->seq, sizeof(d->seq),
			    component_of(s, 1, 2, &m), &m);
		}
	}
}

/* UNT 0074: UNH and UNT count, too; one segment stands on one line. */
unsigned int
sim_edifact_count(const struct buf *b)
{
	unsigned int n = 1;
	size_t i = b->len;

	while (i > 3 && memcmp(b->p + i - 3, "UNH", 3) != 0) {
		n += b->p[i - 1] == '\n';
		i--;
	}
	return n;
}

void
sim_edifact_put(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (strchr("'+:?", s.p[i]) != NULL)
			buf_byte(b, '?');
		buf_byte(b, s.p[i]);
	}
}

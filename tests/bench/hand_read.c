/*
 * bench/hand_read.c - the reading half of the translation by hand: one look at
 * each byte, qualifiers by switch. Called by hand.c.
 */
#include "tests/bench/hand.h"

#define ELEMENTS 12
#define PARTS    6

/* One segment in parts, released. */
struct hand_segment {
	struct slice tag, part[ELEMENTS][PARTS];
};

static struct slice
released(struct slice s, struct arena *mem)
{
	char *out;
	size_t n = 0;

	if (memchr(s.p, '?', s.len) == NULL)
		return s;
	out = arena_raw(mem, s.len);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '?' && i + 1 < s.len)
			i++;
		out[n++] = s.p[i];
	}
	return (struct slice){ out, n };
}

static const char *
segment_read(
    const char *p, const char *end, struct hand_segment *g, struct arena *mem)
{
	unsigned int e = 0, k = 0;
	const char *from;

	while (p < end && (*p == '\n' || *p == '\r'))
		p++;
	if (end - p < 4)
		return end;
	memset(g, 0, sizeof(*g));
	g->tag = (struct slice){ p, 3 };
	for (from = p += 4; p < end; p++) {
		if (*p == '?') {
			p++;
			continue;
		}
		if (*p != '+' && *p != ':' && *p != '\'')
			continue;
		if (e < ELEMENTS && k < PARTS && p > from)
			g->part[e][k] = released(
			    (struct slice){ from, (size_t)(p - from) }, mem);
		from = p + 1;
		if (*p == '\'')
			return from;
		if (*p == ':') {
			k++;
		} else {
			e++;
			k = 0;
		}
	}
	return end;
}

static void
loc_take(struct message *m, const struct hand_segment *g)
{
	struct slice v = g->part[1][0];

	switch (word(g->part[0][0])) {
	case '9':
		m->loading = v;
		break;
	case W2('1', '3'):
		m->via = v;
		break;
	case W2('6', '0'):
		m->entry = v;
		break;
	case W2('1', '4'):
		m->place = g->part[1][3];
		break;
	case W2('2', '2'):
		m->office = v;
		break;
	case W2('4', '1'):
		m->border = v;
		break;
	case W3('1', '2', '2'):
		m->destination = v;
		break;
	case W2('3', '5'):
		m->dispatch = v;
		break;
	case W2('4', '0'):
		m->trade = v;
		break;
	case W2('2', '7'):
		m->item->origin = v;
		break;
	case W2('2', '8'):
		m->item->destination = v;
		break;
	case '7':
		m->item->dest = v;
		break;
	case W2('4', '7'):
		m->item->district = v;
		break;
	default:
		break;
	}
}

static void
gis_take(struct message *m, const struct hand_segment *g)
{
	struct slice v = g->part[0][0];

	switch (word(g->part[0][1])) {
	case W3('O', 'P', 'T'):
		m->operation = v;
		break;
	case W3('S', 'P', 'R'):
		m->special = v;
		break;
	case W3('I', 'N', 'F'):
		m->influence = v;
		break;
	case W3('R', 'O', 'Y'):
		m->royalty = v;
		break;
	case W3('F', 'R', 'M'):
		m->formula = v;
		break;
	case W3('P', 'R', 'V'):
		m->provisional = v;
		break;
	case W3('N', 'O', 'P'):
		m->other_pack = v;
		break;
	case W3('D', 'T', 'Y'):
		m->item->duty = v;
		break;
	case W3('G', 'A', 'T'):
		m->item->attributes = v;
		break;
	case W3('P', 'U', 'R'):
		m->item->purpose = v;
		break;
	case W3('C', 'I', 'Q'):
		m->item->ciq = v;
		break;
	default:
		break;
	}
}

static void
mea_take(struct message *m, const struct hand_segment *g)
{
	struct slice v = g->part[2][1], unit = g->part[2][0];

	switch (word(g->part[0][0])) {
	case W3('A', 'A', 'E'):
		if (slice_is(g->part[1][0], "G"))
			m->gross = v;
		else
			m->net = v;
		break;
	case W3('A', 'A', 'F'):
		m->item->quantity = v;
		m->item->unit = unit;
		break;
	case W3('A', 'A', 'R'):
		m->item->quantity1 = v;
		m->item->unit1 = unit;
		break;
	case W3('A', 'A', 'S'):
		m->item->quantity2 = v;
		m->item->unit2 = unit;
		break;
	default:
		break;
	}
}

static void
moa_take(struct message *m, const struct hand_segment *g)
{
	const struct slice *v = g->part[0];

	switch (word(v[0])) {
	case W2('6', '4'):
		m->freight = v[1];
		m->freight_currency = v[2];
		m->freight_mark = v[4];
		break;
	case W2('6', '7'):
		m->insurance = v[1];
		m->insurance_currency = v[2];
		m->insurance_mark = v[4];
		break;
	case W2('3', '8'):
		m->item->total = v[1];
		m->item->currency = v[2];
		break;
	case W3('1', '4', '6'):
		m->item->price = v[1];
		break;
	default:
		break;
	}
}

static struct slice
joined(const struct slice *part, struct arena *mem)
{
	size_t n = 0;
	char *out;

	if (part[1].len == 0)
		return part[0];
	for (unsigned int i = 0; i < PARTS; i++)
		n += part[i].len;
	out = arena_raw(mem, n);
	n = 0;
	for (unsigned int i = 0; i < PARTS; i++) {
		memcpy(
		    out + n, part[i].p == NULL ? "" : part[i].p, part[i].len);
		n += part[i].len;
	}
	return (struct slice){ out, n };
}

static void
ftx_take(struct message *m, const struct hand_segment *g, struct arena *mem)
{
	struct slice v = joined(g->part[3], mem);

	switch (word(g->part[0][0])) {
	case W3('A', 'A', 'I'):
		m->note = v;
		break;
	case W3('A', 'A', 'A'):
		m->item->name = v;
		break;
	case W3('I', 'N', 'D'):
		m->item->foreign = v;
		break;
	case W3('P', 'R', 'D'):
		m->item->model = v;
		break;
	case W3('Q', 'I', 'N'):
		m->item->ciq_name = v;
		break;
	default:
		break;
	}
}

static void
nad_take(struct message *m, const struct hand_segment *g, struct arena *mem)
{
	struct party *p = NULL;

	switch (word(g->part[0][0])) {
	case W2('C', 'N'):
		p = &m->cn;
		break;
	case W2('C', 'Z'):
		p = &m->cz;
		break;
	case W2('G', 'O'):
		p = &m->go;
		break;
	case W2('D', 'T'):
		p = &m->dt;
		break;
	case W2('M', 'S'):
		p = &m->ms;
		break;
	default:
		break;
	}
	m->last = p;
	if (p == NULL)
		return;
	p->id = g->part[1][0];
	p->foreign = joined(g->part[2], mem);
	p->name = g->part[3][0];
	p->street = g->part[4][0];
	if (p == &m->cz) {
		p->foreign = g->part[3][0];
		p->street = g->part[4][0];
	}
}

static void
rff_take(struct message *m, const struct hand_segment *g)
{
	struct slice v = g->part[0][1];

	switch (word(g->part[0][0])) {
	case W3('A', 'A', 'S'):
		m->bill = v;
		break;
	case W2('C', 'T'):
		m->contract = v;
		break;
	case W2('X', 'A'):
		if (m->last != NULL)
			m->last->code = v;
		break;
	default:
		break;
	}
}

static void
cst_take(struct message *m, const struct hand_segment *g)
{
	if (g->part[0][0].len == 0) {
		m->regime = g->part[1][0];
		m->levy = g->part[2][0];
	} else if (m->ngoods < GOODS) {
		m->item = &m->goods[m->ngoods++];
		m->item->number = g->part[0][0];
		m->item->code = g->part[1][0];
	}
}

static void
dtm_take(struct message *m, const struct hand_segment *g)
{
	if (slice_is(g->part[0][0], "178"))
		m->border_date = g->part[0][1];
	else if (slice_is(g->part[0][0], "133"))
		m->departure = g->part[0][1];
}

static void
segment_take(struct message *m, const struct hand_segment *g, struct arena *mem)
{
	switch (word(g->tag)) {
	case W3('B', 'G', 'M'):
		m->number = g->part[1][0];
		break;
	case W3('C', 'S', 'T'):
		cst_take(m, g);
		break;
	case W3('L', 'O', 'C'):
		loc_take(m, g);
		break;
	case W3('D', 'T', 'M'):
		dtm_take(m, g);
		break;
	case W3('G', 'I', 'S'):
		gis_take(m, g);
		break;
	case W3('M', 'E', 'A'):
		mea_take(m, g);
		break;
	case W3('F', 'T', 'X'):
		ftx_take(m, g, mem);
		break;
	case W3('R', 'F', 'F'):
		rff_take(m, g);
		break;
	case W3('P', 'A', 'C'):
		m->packages = g->part[0][0];
		m->packing = g->part[2][0];
		break;
	case W3('P', 'C', 'I'):
		m->marks = g->part[1][0];
		break;
	case W3('T', 'D', 'T'):
		m->voyage = g->part[1][0];
		m->mode = g->part[2][0];
		break;
	case W3('N', 'A', 'D'):
		nad_take(m, g, mem);
		break;
	case W3('C', 'T', 'A'):
		if (m->last != NULL) {
			m->last->clerk_id = g->part[1][0];
			m->last->clerk = g->part[1][1];
		}
		break;
	case W3('T', 'O', 'D'):
		m->terms = g->part[2][0];
		break;
	case W3('M', 'O', 'A'):
		moa_take(m, g);
		break;
	default:
		break;
	}
}

void
hand_read(struct message *m, struct slice in, struct arena *mem)
{
	const char *p = in.p, *end = in.p + in.len;
	struct hand_segment g;

	m->item = &m->goods[0];
	if (slice_starts(in, "UNA"))
		p += 9;
	while (p < end) {
		p = segment_read(p, end, &g, mem);
		segment_take(m, &g, mem);
	}
}

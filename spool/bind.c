/*
 * spool/bind.c - legs into deliveries: up to the agency's batch size, never
 * test and real ones together; the number and the name are drawn in the
 * transaction that makes the delivery, and never again. Called while claims
 * are applied, and when a lane becomes free.
 */
#include "spool/leg.h"
#include "spool/delivery.h"
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 255

const struct conf_submit *
route_find(const struct conf *conf, struct slice agency, struct slice kind,
    struct slice format, bool test)
{
	const struct conf_partner *p = conf_partner(conf, agency);

	if (p == NULL || !p->agency)
		return NULL;
	for (unsigned int i = 0; i < p->nsubmit; i++)
		if (slice_is(kind, p->submit[i].document) &&
		    slice_is(format, p->submit[i].format) &&
		    (!test || p->submit[i].test))
			return &p->submit[i];
	return NULL;
}

static bool
ends_in(struct slice s, const char *end)
{
	size_t n = strlen(end);

	return s.len > n && memcmp(s.p + s.len - n, end, n) == 0;
}

/*
 * A single leg goes under the name its format gave it; several share a name
 * made of the control number.
 */
static struct slice
name_make(struct spool *s, const struct bind_leg *l, uint64_t delivery,
    uint32_t legs, uint64_t number, bool zip)
{
	char text[NAME_MAX_BYTES + 1], id[ID_TEXT];
	struct slice stem = l->file_name;
	const char *end = zip ? ".zip" : "";

	if (ends_in(stem, ".zip") || (zip && ends_in(stem, ".xml"))) {
		stem.len -= 4;
		end = zip ? ".zip" : ".xml";
	}
	if (stem.len > NAME_MAX_BYTES - 8)
		stem.len = NAME_MAX_BYTES - 8;
	if (legs > 1)
		snprintf(text, sizeof(text), "%.*s-%llu%s",
		    SLICE_ARG(l->format), (unsigned long long)number,
		    zip ? ".zip" : "");
	else if (stem.len == 0)
		snprintf(text, sizeof(text), "%.*s-%s%s", SLICE_ARG(l->format),
		    id_print(delivery, id), end);
	else
		snprintf(text, sizeof(text), "%.*s%s", SLICE_ARG(stem), end);
	return arena_dup(s->mem, slice_of(text));
}

static enum rc
group_close(struct batch *b, struct bind *bd, unsigned int i, struct err *err)
{
	struct spool *s = b->s;
	const struct bind_leg *l = &bd->group[i].first;
	const struct conf_submit *sub = bd->group[i].submit;
	bool zip =
	    sub->zip || bd->group[i].agency->layout == LAYOUT_IMPORT_CLIENT;
	bool wrap = zip || l->message || sub->batch > 1;
	struct delivery_new d = { .id = bd->group[i].delivery,
		.partner = l->agency,
		.kind = "legs",
		.format = l->format,
		.state = wrap ? STATE_delivery_PLANNED : STATE_delivery_READY,
		.test = l->test,
		.wrap = wrap,
		.legs = bd->group[i].legs };

	d.number = number_draw(s, l->agency, "number");
	d.name = name_make(s, l, d.id, d.legs, d.number, zip);
	if (!wrap) {
		d.body = l->claims;
		d.body_at = l->body_at;
		d.body_len = l->body_len;
	}
	bd->group[i] = bd->group[--bd->n];
	return delivery_add(b, &d, err);
}

enum rc
bind_close(struct batch *b, struct bind *bd, struct err *err)
{
	while (bd->n > 0) {
		enum rc rc = group_close(b, bd, bd->n - 1, err);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static unsigned int
group_find(const struct bind *bd, const struct conf_submit *sub, bool test)
{
	unsigned int i = 0;

	while (i < bd->n &&
	       (bd->group[i].submit != sub || bd->group[i].test != test))
		i++;
	return i;
}

enum rc
bind_leg(struct batch *b, struct bind *bd, const struct bind_leg *l,
    uint64_t *delivery, struct err *err)
{
	const struct conf_submit *sub =
	    route_find(b->s->conf, l->agency, l->kind, l->format, l->test);
	unsigned int i;
	enum rc rc = RC_OK;

	if (sub == NULL)
		return err_set(err, RC_REFUSED,
		    "'%.*s' does not take '%.*s' as '%.*s'",
		    SLICE_ARG(l->agency), SLICE_ARG(l->kind),
		    SLICE_ARG(l->format));
	i = group_find(bd, sub, l->test);
	if (i == BIND_GROUPS) {
		rc = group_close(b, bd, 0, err);
		if (rc != RC_OK)
			return rc;
		i = bd->n;
	}
	if (i == bd->n) {
		bd->n++;
		bd->group[i].agency = conf_partner(b->s->conf, l->agency);
		bd->group[i].submit = sub;
		bd->group[i].test = l->test;
		bd->group[i].delivery = id_new(&b->s->ids);
		bd->group[i].legs = 0;
		bd->group[i].first = *l;
	}
	*delivery = bd->group[i].delivery;
	if (++bd->group[i].legs >= (sub->batch == 0 ? 1 : sub->batch))
		rc = group_close(b, bd, i, err);
	return rc;
}

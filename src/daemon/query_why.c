/*
 * daemon/query_why.c - why a delivery that is ready does not go out now: what
 * the journal and the configuration say of its partner at this moment. Called
 * for `show` and `why`.
 */
#include "src/daemon/query.h"
#include <stdio.h>

#define WHY_ROOM 1024

/* As the spool reckons it: the smallest window named; 0: none. */
static uint32_t
window_of(const struct conf_partner *p)
{
	uint32_t w = 0;

	for (unsigned int i = 0; p != NULL && i < p->nsubmit; i++)
		if (p->submit[i].window > 0 &&
		    (w == 0 || p->submit[i].window < w))
			w = p->submit[i].window;
	return w;
}

static void
why_put(
    struct query_page *p, struct view_thing *t, const char *en, const char *zh)
{
	t->why_en = arena_dup(p->mem, slice_of(en));
	t->why_zh = arena_dup(p->mem, slice_of(zh));
}

static void
paused_put(
    struct query_page *p, struct view_thing *t, const struct view_pause *pause)
{
	char en[WHY_ROOM], zh[WHY_ROOM], at[CLOCK_TEXT];

	(void)clock_print(pause->since_ms, at);
	(void)snprintf(en, sizeof(en), "%.*s is paused since %s by %.*s%s%.*s",
	    SLICE_ARG(t->partner), at, SLICE_ARG(pause->by),
	    pause->why.len > 0 ? ": " : "", SLICE_ARG(pause->why));
	(void)snprintf(zh, sizeof(zh), "%.*s 自 %s 起暂停投递（%.*s）%s%.*s",
	    SLICE_ARG(t->partner), at, SLICE_ARG(pause->by),
	    pause->why.len > 0 ? "：" : "", SLICE_ARG(pause->why));
	why_put(p, t, en, zh);
}

static void
gate_put(struct query_page *p, struct view_thing *t,
    const struct view_hinder *h, int64_t now_t)
{
	char en[WHY_ROOM], zh[WHY_ROOM];
	int64_t s = h->gate_t > now_t ? (h->gate_t - now_t + 999) / 1000 : 0;

	(void)snprintf(en, sizeof(en),
	    "%.*s is left alone for %lld s more after a failure: %.*s",
	    SLICE_ARG(t->partner), (long long)s, SLICE_ARG(h->gate_why));
	(void)snprintf(zh, sizeof(zh), "%.*s 投递失败，%lld 秒后重试：%.*s",
	    SLICE_ARG(t->partner), (long long)s, SLICE_ARG(h->gate_why));
	why_put(p, t, en, zh);
}

enum rc
query_hindered(struct query_page *p, struct view_thing *t, struct err *err)
{
	const struct conf_partner *partner;
	char en[WHY_ROOM], zh[WHY_ROOM];
	struct view_hinder h;
	uint32_t window;
	enum rc rc;

	if (t->state != STATE_delivery_READY)
		return RC_OK;
	rc = view_hinder(p->q->view, t, p->mem, &h, err);
	if (rc != RC_OK)
		return rc;
	partner = conf_partner(p->q->conf, t->partner);
	window = window_of(partner);
	if (h.pause.since_ms != 0) {
		paused_put(p, t, &h.pause);
	} else if (view_field_text(t, "why").len > 0) {
		return RC_OK; /* its own try says more */
	} else if (partner == NULL) {
		(void)snprintf(en, sizeof(en),
		    "the configuration has no partner '%.*s' any more",
		    SLICE_ARG(t->partner));
		why_put(p, t, en, "配置中已无此参与方");
	} else if (h.same_name) {
		why_put(p, t, "an earlier file of its name is not gone yet",
		    "同名的前一份文件尚未取走");
	} else if (window > 0 && h.standing >= window) {
		(void)snprintf(en, sizeof(en),
		    "%u files stand in its folder, the window is %u",
		    h.standing, window);
		(void)snprintf(zh, sizeof(zh),
		    "收件目录中已有 %u 个文件，上限为 %u", h.standing, window);
		why_put(p, t, en, zh);
	} else if (h.gate_t != 0) {
		gate_put(
		    p, t, &h, view_time(p->q->view, clock_wall(p->q->clock)));
	}
	return RC_OK;
}

/*
 * conf/build_allow.c - who may do what with the tools: lines of allow. Called
 * by the grammar.
 */
#include "src/conf/parser.h"
#include <string.h>

void
conf_allow_begin(struct conf_parser *p)
{
	p->rights = 0;
}

void
conf_allow_right(struct conf_parser *p, struct conf_text t)
{
	static const struct {
		const char *word;
		enum right right;
	} words[] = { { "view", RIGHT_VIEW }, { "operate", RIGHT_OPERATE },
		{ "configure", RIGHT_CONFIGURE }, { "audit", RIGHT_AUDIT } };

	for (size_t i = 0; t.p != NULL && i < sizeof(words) / sizeof(words[0]);
	     i++)
		if (strcmp(t.p, words[i].word) == 0) {
			p->rights |= words[i].right;
			return;
		}
	conf_wrong(p, t.at,
	    "'%s' is no right, want view, operate, configure or audit",
	    t.p == NULL ? "" : t.p);
}

/* Who acts must see what he acts on: every right brings that of looking. */
void
conf_allow_end(struct conf_parser *p, struct conf_text who, bool group)
{
	struct conf *c = &p->w->conf;
	struct conf_allow *all = (struct conf_allow *)(uintptr_t)c->allow;

	if (c->nallow == CONF_ALLOWS) {
		conf_wrong(
		    p, who.at, "more than %d lines of allow", CONF_ALLOWS);
		return;
	}
	if (all == NULL)
		all = arena_get(p->w->mem, CONF_ALLOWS * sizeof(*all));
	if (all == NULL || who.p == NULL) {
		p->failed = true;
		return;
	}
	c->allow = all;
	all[c->nallow++] = (struct conf_allow){
		.rights = p->rights | RIGHT_VIEW, .group = group, .name = who.p
	};
}

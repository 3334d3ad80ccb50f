/*
 * spool/states.c - what states.def says, as questions. Pure; trusts the
 * table alone. Called by every step, the views and the manual's check.
 */
#include "spool/states.h"
#include <string.h>

#define NAME_MAX_LEN 15

struct state_row {
	enum machine machine;
	const char *word;
	bool final;
	const char *en, *zh;
};

static const struct state_row rows[STATES] = {
	[STATE_NONE] = { .machine = MACHINES, .word = "", .en = "", .zh = "" },
#define STATE(m, n, final, en, zh)                                             \
	[STATE_##m##_##n] = { MACHINE_##m, #n, final, en, zh },
#include "spool/states.def"
};

static const struct edge {
	enum state from, to;
	const char *why;
} edges[] = {
#define FIRST(m, n, why)       { STATE_NONE, STATE_##m##_##n, why },
#define EDGE(m, from, to, why) { STATE_##m##_##from, STATE_##m##_##to, why },
#include "spool/states.def"
};

/* The table's words in small letters; filling it twice does no harm. */
static char names[STATES][NAME_MAX_LEN + 1];

const char *
state_name(enum state st)
{
	char *p = names[st];

	if (p[0] == '\0')
		for (int i = 0; rows[st].word[i] != '\0'; i++)
			p[i] = (char)(rows[st].word[i] - 'A' + 'a');
	return p;
}

const char *
state_en(enum state st)
{
	return rows[st].en;
}

const char *
state_zh(enum state st)
{
	return rows[st].zh;
}

bool
state_final(enum state st)
{
	return rows[st].final;
}

/* A filing waits in its legs; what was given up waits for a person. */
bool
state_waits(enum state st)
{
	if (st == STATE_NONE || st == STATE_filing_TAKEN)
		return false;
	return !rows[st].final || st == STATE_delivery_FAILED;
}

enum machine
state_machine(enum state st)
{
	return rows[st].machine;
}

enum state
state_find(enum machine m, struct slice word)
{
	for (int i = STATE_NONE + 1; i < STATES; i++)
		if (rows[i].machine == m &&
		    slice_is(word, state_name((enum state)i)))
			return (enum state)i;
	return STATE_NONE;
}

const char *
machine_name(enum machine m)
{
	static const char *const of[MACHINES] = { "arrival", "filing", "leg",
		"delivery", "receipt" };

	return of[m];
}

bool
state_may_move(enum state from, enum state to)
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		if (edges[i].from == from && edges[i].to == to)
			return true;
	return false;
}

bool
state_edge(unsigned int n, enum state *from, enum state *to, const char **why)
{
	if (n >= sizeof(edges) / sizeof(edges[0]))
		return false;
	*from = edges[n].from;
	*to = edges[n].to;
	*why = edges[n].why;
	return true;
}

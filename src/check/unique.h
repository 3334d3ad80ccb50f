/*
 * check/unique.h - has a value been said before in its list?
 *
 * Members are asked about in their order, list after list, as rule_each()
 * comes to them: what is remembered is forgotten with each new list, and the
 * time taken grows with the members alone. Pure.
 */
#ifndef CHECK_UNIQUE_H
#define CHECK_UNIQUE_H

#include "src/format/rules.h"

struct unique {
	const struct rule *rule;   /* of whose path these values are ... */
	const struct node *parent; /* ... and in which list */
	struct slice *said;        /* mask + 1 of them; p NULL: free */
	size_t mask;
};

/*
 * Numbers are the same by value. What is absent or was not understood is the
 * same as nothing. mem keeps what is remembered.
 */
bool unique_again(struct unique *, const struct rule *,
    const struct node *member, const struct element *, const struct value *,
    struct arena *mem);

#endif

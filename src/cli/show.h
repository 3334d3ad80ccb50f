/*
 * cli/show.h - one thing for people: what it is, its fields, the states it
 * went through, the answers it got; or the same rows as JSON.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "src/cli/ask.h"

struct show {
	bool json;
	unsigned int
	    depth; /* of the thing that follows: how far it is set in */
};

/* An ask_row_fn for the rows of the question "show"; arg is the struct. */
enum rc show_row(
    void *arg, struct slice line, const struct row *, struct err *);

/* A row "item" in one line, escaped, cut at size. */
void show_short(const struct row *, char *out, size_t size);

#endif

/*
 * identify/identify.h - which of our formats is it? By what bytes and messages
 * say of themselves: a syntax by its first letters, a message by UNH, a tree by
 * its root, a table by its headings. No format says twice what it looks like:
 * the guards of its root line are its identity.
 *
 * Pure. Who sent it is not asked here: identity is the channel's, and `may` is
 * what the channel takes, in the order in which they are tried.
 */
#ifndef IDENTIFY_IDENTIFY_H
#define IDENTIFY_IDENTIFY_H

#include "src/format/plan.h"
#include "src/syntax/edifact.h"

/* EDIFACT, JSON, XML; anything else can only be a table: CSV. */
enum syntax_kind identify_syntax(struct slice raw);
/* The syntax identifier of UNB in the raw bytes, "UNOC"; empty: none. */
struct slice identify_label(struct slice raw);
/* The first whose constants for UNH hold; NULL: none. */
const struct plan *identify_message(const struct plan *const *may,
    unsigned int n, const struct edifact_message *);
/* "CUSDEC:D:96B" for people, or that UNH names no type. */
struct slice identify_said(const struct edifact_message *, char out[64]);
/*
 * The next from *i on that has an outermost element of this name; its guards
 * are still to be held against the tree (plan_fits). NULL: no more.
 */
const struct plan *identify_root(const struct plan *const *may, unsigned int n,
    struct slice name, unsigned int *i);
/*
 * The one that most of the headings belong to; without headings, one with as
 * many columns as some of the first rows. NULL: none.
 */
const struct plan *identify_table(
    const struct plan *const *may, unsigned int n, struct slice utf8);

#endif

/*
 * identify/identify.h - which of our formats is it? By what bytes and messages
 * say of themselves: a syntax by its first letters, a message by UNH, a tree by
 * its root, a table by its headings. No format says twice what it looks like:
 * the guards of its root line are its identity.
 *
 * Who sent it is not asked here: identity is the channel's, and `may` is what
 * the channel takes.
 */
#ifndef IDENTIFY_IDENTIFY_H
#define IDENTIFY_IDENTIFY_H

#include "src/format/plan.h"
#include "src/syntax/edifact.h"

/* EDIFACT, JSON, XML; anything else can only be a table: CSV. */
enum syntax_kind identify_syntax(struct slice raw);
/* The syntax identifier of UNB in the raw bytes, "UNOC"; empty: none. */
struct slice identify_label(struct slice raw);
/*
 * The head of every format in one table, made once: what something is costs the
 * same however many formats there are. `may`, by plan number, is when a
 * format is tried, 0: never (NULL: all, as they were given); of several that
 * fit the first is taken.
 */
#define IDENTIFY_PLANS 512
#define IDENTIFY_FOUND 64 /* formats of one root's name */

struct identify;
enum rc identify_new(struct identify **, const struct plan *const *,
    unsigned int n, struct err *) MUST_USE;
void identify_free(struct identify *); /* accepts NULL */

/* The one whose constants for UNH hold; NULL: none. */
const struct plan *identify_message(const struct identify *,
    const uint16_t *may, const struct edifact_message *);
/* "CUSDEC:D:96B" for people, or that UNH names no type. */
struct slice identify_said(const struct edifact_message *, char out[64]);
/*
 * Those with an outermost element of this name, in their order; their guards
 * are still to be held against the tree (plan_fits).
 */
unsigned int identify_root(const struct identify *, const uint16_t *may,
    struct slice name, const struct plan **out, unsigned int most);
/* The same of JSON, by the members of the first object. */
unsigned int identify_object(const struct identify *, const uint16_t *may,
    struct slice utf8, const struct plan **out, unsigned int most);
/*
 * The one that most of the headings belong to; without headings, one with as
 * many columns as some of the first rows. NULL: none.
 */
const struct plan *identify_table(
    const struct identify *, const uint16_t *may, struct slice utf8);

#endif

/*
 * format/rules_parse.h - one rule from one line; for rules.c only.
 */
#ifndef FORMAT_RULES_PARSE_H
#define FORMAT_RULES_PARSE_H

#include "src/format/rules.h"
#include "src/format/lex.h"

/* False: it is wrong, and was said. */
bool rule_parse(struct lex *, const struct formats *,
    const struct group *document, struct rule *);

/* rules_legs.c: does it ask of legs what can be known? said, when not. */
bool rule_legs_check(
    struct lex *, const struct group *document, const struct rule *);
/* Would this hold make legs wait for one another? They would never go. */
bool rule_hold_circles(const struct rule *first, const struct rule *hold);

#endif

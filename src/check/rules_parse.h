/*
 * check/rules_parse.h - one rule from one line; for rules.c only.
 */
#ifndef CHECK_RULES_PARSE_H
#define CHECK_RULES_PARSE_H

#include "src/check/rules.h"
#include "src/format/lex.h"

/* False: it is wrong, and was said. */
bool rule_parse(struct lex *, const struct formats *,
    const struct group *document, struct rule *);

#endif

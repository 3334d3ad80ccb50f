/*
 * cli/prove.h - the walk over the spool, told: what was looked at, and each
 * fault in a sentence. For `entrepot spool verify` and `entrepot audit verify`.
 */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include "src/cli/ask.h"

/* from: NULL, or "chain" for the audit chain alone. The exit status. */
int prove_run(struct ask *, const char *verb, const char *from, bool json);

#endif

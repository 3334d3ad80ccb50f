/*
 * spool/seek_in.h - how an entry of a run is made: bytes that sort as they
 * are. Inside seek*.c only.
 */
#ifndef SPOOL_SEEK_IN_H
#define SPOOL_SEEK_IN_H

#include "spool/seek.h"

/*
 * The entry's first bytes: SEEK_BEGIN of the value as it is compared, zeros
 * behind a shorter one, and the hash of the whole. false: nothing of it
 * counts, so that nobody can look for it.
 */
bool entry_begin(unsigned char e[SEEK_ENTRY], struct slice text);

#endif

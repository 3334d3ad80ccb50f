/*
 * spool/journal_inner.h - what the library below the journal is given: a way
 * to its files and memory. Called by journal.c only.
 */
#ifndef SPOOL_JOURNAL_INNER_H
#define SPOOL_JOURNAL_INNER_H

/*
 * The files of the one who writes: NULL when the library has none to build on.
 * Made once; the name is for sqlite3_open_v2().
 */
const char *joined_files(void);
/* Before anything else is asked of the library. */
void library_memory(void);

#endif

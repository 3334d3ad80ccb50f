/*
 * spool/list.h - the daily list of what a partner was given. Inside spool/
 * only.
 */
#ifndef SPOOL_LIST_H
#define SPOOL_LIST_H

#include "spool/inner.h"

/*
 * Is the i-th partner's list due? *wall_next: when the one after it is; left
 * alone for a partner without lists.
 */
bool list_is_due(struct spool *, unsigned int i, int64_t *wall_next);
/*
 * One delivery a day, in the zone of the partner's hours; a step's work. Where
 * more was given than one file should name it is due again until all is told,
 * in files of one day; a stop between two of them goes on there.
 */
enum rc list_give(struct batch *, unsigned int i, struct err *) MUST_USE;
/*
 * When something given now was given, for the lists: not before the moment of
 * the last one, which is told already, should the clock have been set back.
 */
int64_t list_stamp(struct spool *, unsigned int i);

#endif

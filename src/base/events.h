/*
 * base/events.h - is this the name of an event? The table is events.def.
 */
#ifndef BASE_EVENTS_H
#define BASE_EVENTS_H

#include <stdbool.h>

/* The name may go on behind a blank, as a line does. */
bool event_chained(const char *line);
bool event_logged(const char *line);

#endif

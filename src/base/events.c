/*
 * base/events.c - names of events, looked up for each line that is written.
 * Called by the log and the audit chain.
 */
#include "src/base/events.h"
#include <stddef.h>
#include <string.h>

static const char *const chained[] = {
#define CHAIN(name, meaning) name,
#include "src/base/events.def"
};

static const char *const logged[] = {
#define LOGGED(name, level, meaning) name,
#include "src/base/events.def"
};

/* Sorted: the table's check sees to it. */
static bool
found(const char *const *names, size_t n, const char *line)
{
	size_t len = strcspn(line, " "), lo = 0;

	while (lo < n) {
		size_t mid = lo + (n - lo) / 2;
		int order = strncmp(line, names[mid], len);

		if (order == 0 && names[mid][len] == '\0')
			return true;
		if (order > 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return false;
}

bool
event_chained(const char *line)
{
	return found(chained, sizeof(chained) / sizeof(chained[0]), line);
}

bool
event_logged(const char *line)
{
	return found(logged, sizeof(logged) / sizeof(logged[0]), line);
}

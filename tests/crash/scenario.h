/*
 * tests/crash/scenario.h - between the crash scenarios (scenario.c, declare.c,
 * attach.c) and the bugs that are planted in them to see whether they find them
 * (bugs.c).
 */
#ifndef TESTS_CRASH_SCENARIO_H
#define TESTS_CRASH_SCENARIO_H

enum bug {
	BUG_NONE,
	BUG_UNLINK_EARLY,   /* the file is gone before it is accepted */
	BUG_PUBLISH_EARLY,  /* it appears before its row says STAGED */
	BUG_NO_ASIDE,       /* it is taken, but left in the folder */
	BUG_NO_RENAME,      /* published, says deliver, and did nothing */
	BUG_NO_SYNC,        /* a file is said to be synced, and is not */
	BUG_NO_FOLDER_SYNC, /* the same of a folder */
	BUG_COMMIT_LATE,    /* answered first, committed later */
	BUG_NO_DEDUP,       /* a filing that comes again is a new one */
	BUG_FILES_LATE,     /* what goes beside a message comes after it */
};

/* The one that SCENARIO_BUG names, or none. */
void bug_plant(void);

#endif

/*
 * bench/count.h - the calls of one gateway, all its processes together, in a
 * file that they and the bench have mapped.
 */
#ifndef TESTS_BENCH_COUNT_H
#define TESTS_BENCH_COUNT_H

#include <stdatomic.h>
#include <stdint.h>

#define COUNT_FILE "ENTREPOT_BENCH_COUNT" /* in the environment: its path */

struct count {
	_Atomic uint64_t processes;
	/* syncs: of the spool's own files, of others, of folders */
	_Atomic uint64_t log_syncs, file_syncs, folder_syncs;
	_Atomic uint64_t renames, unlinks;
};

#endif

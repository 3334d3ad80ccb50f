/*
 * envelope/zip.h - archives in memory: opened within limits, and written so
 * that the same content gives the same bytes. Base 64 beside them.
 *
 * Names in an archive are data, never paths: nothing here opens or makes a
 * file. Ceilings: 1,000 entries, one level (what is inside is the caller's to
 * look at), 100 times its size and 100 MiB unpacked.
 */
#ifndef ENVELOPE_ZIP_H
#define ENVELOPE_ZIP_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/record/finding.h"

struct zip_entry {
	struct slice name; /* raw bytes, UTF-8 or GBK; a DOS "\\" is "/" */
	struct slice body;
	struct zip_entry *next;
	bool left; /* not asked for: it has no body here */
	/* For zip_write(): len bytes that are not here go in as they are, at
	 * this place of what is written. */
	bool absent;
	uint64_t len;
	uint32_t crc;
	size_t at;
};

/* Before a role gives up its files: the locale that entry names need. */
enum rc zip_ready(struct err *) MUST_USE;
struct slice zip_name_last(struct slice name); /* without folders */
bool zip_probe(struct slice head); /* "PK" of a file or of an empty archive */
/*
 * All entries in order, unpacked into mem; folders are left out. RC_REFUSED
 * with a finding: damaged or cut off, encrypted, an entry that is a link, over
 * a ceiling. RC_LATER: mem is full.
 */
enum rc zip_read(struct slice raw, struct zip_entry **first, struct arena *mem,
    struct findings *, struct err *) MUST_USE;
/*
 * The same, but only what is wanted is unpacked; the others are told by name.
 * What is left packed is bounded by the archive's own size.
 */
typedef bool zip_want(void *arg, struct slice name);
enum rc zip_read_some(struct slice raw, zip_want *, void *arg,
    struct zip_entry **first, struct arena *mem, struct findings *,
    struct err *) MUST_USE;
/*
 * One archive of these entries, names UTF-8. dos_date and dos_time as in the
 * format (a date of 0x0021 is 1980-01-01): the caller says what time it is.
 * Of entries that are absent only what stands around them is written, each's
 * place is in `at`; the archive is whole once their bytes stand there.
 * RC_REFUSED: it would be over 4 GiB, or over the ceiling of the buffer.
 */
enum rc zip_write(struct zip_entry *first, uint16_t dos_date, uint16_t dos_time,
    struct buf *out, struct err *) MUST_USE;

/*
 * Base 64 (RFC 4648) with line ends and blanks anywhere; padding must be right
 * and nothing may follow it. False: *bad is the offset of the first wrong byte.
 */
bool base64_decode(struct slice, struct buf *out, size_t *bad);
void base64_encode(struct slice, struct buf *out); /* one line */

#endif

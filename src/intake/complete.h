/*
 * intake/complete.h - is a file that stands in a drop folder whole?
 *
 * One rule a channel (entrepot.conf(5), "complete"). Pure: names, times and
 * bytes in, a verdict out. A rescan asks again with newer facts.
 */
#ifndef INTAKE_COMPLETE_H
#define INTAKE_COMPLETE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/slice.h"
#include "src/conf/conf.h"

#define COMPLETE_NAME_MAX 255 /* bytes of a file name */

struct complete_facts {
	int64_t now_ms, mtime_ms; /* wall clock */
	bool marker; /* NAME and the marker's suffix stands there */
	bool writer; /* somebody has it open for writing */
};

/* False: nobody offers this name: hidden, temporary, a marker. */
bool complete_is_offer(const struct conf_partner *, struct slice name);
/* Why a file of this name can never be taken; NULL: it can. */
const char *complete_name_wrong(struct slice name);
/* By the folder's facts alone. */
bool complete_is_whole(
    const struct conf_partner *, const struct complete_facts *);
/*
 * Rules that only guess need the syntax's own end as well: UNZ, the root's
 * end tag, the end of a ZIP archive, the last bracket. Text of no such syntax
 * has its end wherever it ends.
 */
bool complete_has_end(const struct conf_partner *, struct slice bytes);

#endif

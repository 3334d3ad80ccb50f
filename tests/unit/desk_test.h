/*
 * tests/unit/desk_test.h - the role spool over a queue, in the folder of a box:
 * the test plays the roles that talk to it.
 */
#ifndef TESTS_UNIT_DESK_TEST_H
#define TESTS_UNIT_DESK_TEST_H

#include "tests/unit/spool_test.h"
#include "src/daemon/role_spool.h"
#include "src/wire/msg.h"

struct desk {
	struct box x; /* folder, conf and clock; its spool is the role's now */
	struct exchange *ex;
	struct role role;
};

/* What stands in the box's spool, after box_new(), goes on with the role. */
void desk_begin(struct desk *);
void desk_end(struct desk *);
void desk_say(
    struct desk *, enum role_id from, enum msg_type, const void *body, int fd);
/* Its messages and one round; returns when it wants the next one. */
int64_t desk_step(struct desk *);
struct spool *desk_spool(struct desk *);
int64_t desk_sql(struct desk *, const char *sql);
const char *desk_text(struct desk *, const char *sql);

#endif

/*
 * tests/unit/convert_world.h - the convert role over an exchange, with a fake
 * pipeline and a clock that stands still; for its tests.
 */
#ifndef TESTS_UNIT_CONVERT_WORLD_H
#define TESTS_UNIT_CONVERT_WORLD_H

#include <stdbool.h>
#include "src/conf/conf.h"
#include "src/daemon/role.h"
#include "src/wire/claim.h"
#include "src/wire/msg.h"

#define WALL_MS INT64_C(1718418605000)
#define FIRST   1000 /* of the ids an order may use */

struct world {
	struct exchange *x;
	struct wire *spool;
	struct clock clock;
	struct conf conf;
	struct conf_partner partner[6];
	struct role role;
};

int world_new(void **state); /* for cmocka */
int world_free(void **state);
struct msg_ORDER order_of(uint64_t id, const char *partner, const char *skip);
/* To read these lines; skip: the filings to be left out. */
void order_send(struct world *, uint64_t id, const char *partner,
    const char *skip, const char *lines);
/* What was sent is taken, and the role has its time once. */
void role_step(struct world *, int64_t *due, bool *worked);
struct msg *answer_wait(struct world *); /* its next word to the spool */

struct claims {
	struct claim c[16];
	unsigned int n;
	struct msg *m; /* holds them */
	struct slice bytes;
};

/* The message is this order's result, and stays in out. */
void result_take(struct msg *, uint64_t order, struct claims *out);

#endif

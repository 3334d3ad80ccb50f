/*
 * wire/msg.h - a struct for each message, made from msg.def; its encoder and
 * decoder, which walk the same table.
 *
 * struct msg_TAKE { uint64_t arrival; struct slice partner; ... }: u32 u64
 * i64 are integers, str is a slice, dig a struct digest. On the wire: the
 * type, then the fields in the table's order, little endian, str with its
 * length before it, and nothing behind the last one.
 */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include "src/base/buf.h"
#include "src/base/hash.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/wire/wire.h"

#define MSG_STR_MAX 1024 /* bytes of one str */

typedef uint32_t wire_u32;
typedef uint64_t wire_u64;
typedef int64_t wire_i64;
typedef struct slice wire_str;
typedef struct digest wire_dig;

/* Each MSG closes the struct before it; no struct is empty. */
struct msg_NONE {
#define MSG(name, from, to, size, beside)                                      \
	uint8_t end;                                                           \
	}                                                                      \
	;                                                                      \
	struct msg_##name {
#define FIELD(name, type, field) wire_##type field;
#include "src/wire/msg.def"
	uint8_t end;
};

const char *msg_name(enum msg_type);
/* May that role send this message to the other one? */
bool msg_may_go(enum msg_type, enum role_id from, enum role_id to);
/* RC_BROKEN: not by the table (sender, size, length of a str, descriptor). */
enum rc msg_encode(struct buf *, enum msg_type, enum role_id from,
    enum role_id to, const void *body, int fd, struct err *) MUST_USE;
/* Behind an encoded message that goes without a descriptor. */
enum rc msg_encode_bytes(
    struct buf *, enum msg_type, struct slice, struct err *) MUST_USE;
/*
 * RC_REFUSED: the bytes are not a message that from may send to to; fd is
 * closed then. RC_LATER: no memory, fd is still the caller's.
 */
enum rc msg_decode(struct msg **, enum role_id from, enum role_id to,
    struct slice raw, int fd, struct err *) MUST_USE;

#endif

/*
 * base/hash.h - SHA-256: what a body is known by, and what the audit chain is
 * linked with. The only door to OpenSSL outside crypto and transport.
 *
 * The first call loads OpenSSL's own configuration: a role that gives up its
 * files calls hash_ready() before.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/rc.h"
#include "src/base/slice.h"

#define DIGEST_LEN  32
#define DIGEST_TEXT 65 /* lower-case hexadecimal and NUL */

struct digest {
	uint8_t b[DIGEST_LEN];
};

struct hash;

enum rc hash_ready(struct err *) MUST_USE;
/* In one go. RC_LATER: out of memory. */
enum rc hash_of(struct slice, struct digest *, struct err *) MUST_USE;
/*
 * In pieces: start, add ..., end, start again. A hash that has failed stays
 * failed, does nothing, and hash_end() says so.
 */
struct hash *hash_new(void);   /* started; NULL: out of memory */
void hash_free(struct hash *); /* accepts NULL */
void hash_start(struct hash *);
void hash_add(struct hash *, const void *, size_t);
enum rc hash_end(struct hash *, struct digest *, struct err *) MUST_USE;

bool digest_eq(const struct digest *, const struct digest *);
const char *digest_print(const struct digest *, char out[DIGEST_TEXT]);
/* 64 hexadecimal digits, either case; false if it is not that. */
bool digest_parse(struct slice, struct digest *);

#endif

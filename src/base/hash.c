/*
 * base/hash.c - SHA-256 by libcrypto; trusts it. Called by the spool, intake,
 * deliver and the audit chain.
 */
#include "src/base/hash.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct hash {
	EVP_MD_CTX *ctx;
	bool failed;
};

/*
 * Looking the algorithm up by name costs more than hashing 1 KiB, so it is
 * fetched once a process. Immutable from then on, shared by all.
 */
static EVP_MD *sha256;

static bool
sha256_fetch(void)
{
	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	return sha256 != NULL;
}

enum rc
hash_ready(struct err *err)
{
	if (sha256_fetch())
		return RC_OK;
	return err_set(err, RC_BROKEN,
	    "libcrypto offers no SHA256, want its default provider");
}

enum rc
hash_of(struct slice s, struct digest *out, struct err *err)
{
	enum rc rc = hash_ready(err);
	struct digest d;

	if (rc != RC_OK)
		return rc;
	if (EVP_Digest(s.len == 0 ? "" : s.p, s.len, d.b, NULL, sha256, NULL) !=
	    1)
		return err_set(
		    err, RC_LATER, "no memory to hash %zu bytes", s.len);
	*out = d;
	return RC_OK;
}

struct hash *
hash_new(void)
{
	struct hash *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL) {
		free(h);
		return NULL;
	}
	hash_start(h);
	return h;
}

void
hash_free(struct hash *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
hash_start(struct hash *h)
{
	h->failed =
	    !sha256_fetch() || EVP_DigestInit_ex2(h->ctx, sha256, NULL) != 1;
}

void
hash_add(struct hash *h, const void *p, size_t n)
{
	if (h->failed || n == 0)
		return;
	h->failed = EVP_DigestUpdate(h->ctx, p, n) != 1;
}

enum rc
hash_end(struct hash *h, struct digest *out, struct err *err)
{
	struct digest d;

	if (h->failed || EVP_DigestFinal_ex(h->ctx, d.b, NULL) != 1) {
		h->failed = true;
		return err_set(err, RC_LATER, "hashing failed in libcrypto");
	}
	*out = d;
	h->failed = true; /* until it is started again */
	return RC_OK;
}

bool
digest_eq(const struct digest *a, const struct digest *b)
{
	return memcmp(a->b, b->b, DIGEST_LEN) == 0;
}

const char *
digest_print(const struct digest *d, char out[DIGEST_TEXT])
{
	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < DIGEST_LEN; i++) {
		out[2 * i] = hex[d->b[i] >> 4];
		out[2 * i + 1] = hex[d->b[i] & 15];
	}
	out[2 * DIGEST_LEN] = '\0';
	return out;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
digest_parse(struct slice s, struct digest *out)
{
	struct digest d;

	if (s.len != 2 * DIGEST_LEN)
		return false;
	for (int i = 0; i < DIGEST_LEN; i++) {
		int high = hex_value(s.p[2 * i]);
		int low = hex_value(s.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		d.b[i] = (uint8_t)(high << 4 | low);
	}
	*out = d;
	return true;
}

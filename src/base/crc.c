/*
 * base/crc.c - CRC-32 by a table of bytes. Called by the spool for what goes
 * into archives as it is, and by the envelope that makes them.
 */
#include "src/base/crc.h"

#define POLYNOMIAL UINT32_C(0xedb88320)

static uint32_t table[256];

static void
table_fill(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = (c >> 1) ^ ((c & 1) != 0 ? POLYNOMIAL : 0);
		table[i] = c;
	}
}

uint32_t
crc_add(uint32_t crc, const void *p, size_t n)
{
	const unsigned char *b = p;

	if (table[1] == 0)
		table_fill();
	crc = ~crc;
	for (size_t i = 0; i < n; i++)
		crc = table[(crc ^ b[i]) & 0xff] ^ (crc >> 8);
	return ~crc;
}

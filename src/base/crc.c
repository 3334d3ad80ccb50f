/*
 * base/crc.c - CRC-32, libdeflate's. Called by the spool for what goes into
 * archives as it is, and by the envelope that makes them.
 */
#include "src/base/crc.h"
#include <libdeflate.h>

uint32_t
crc_add(uint32_t crc, const void *p, size_t n)
{
	return libdeflate_crc32(crc, p, n);
}

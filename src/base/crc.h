/*
 * base/crc.h - CRC-32 as archives have it (ISO 3309), in pieces: begin with 0.
 */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc_add(uint32_t crc, const void *, size_t);

#endif

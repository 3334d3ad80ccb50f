/*
 * spool/segments_head.h - what a body's head looks like on disk; shared by
 * segments.c and segments_read.c only.
 *
 *   0 magic  8 kind  12 zero  16 length  24 subject  32 event  40 wall time
 *   48 SHA-256 of the body  80 zero  88 first 8 bytes of the head's SHA-256
 *
 * Numbers are little-endian; a body is followed by zeros up to a multiple of 8.
 */
#ifndef SPOOL_SEGMENTS_HEAD_H
#define SPOOL_SEGMENTS_HEAD_H

#include "spool/segments.h"

#define SEG_MAGIC  "EPBODY1\n"
#define SEG_NAME   32
#define SEG_ALIGN  8u
#define REF_SHIFT  40
#define REF_OFFSET ((UINT64_C(1) << REF_SHIFT) - 1)
#define REF_FILE   (UINT64_C(1) << 63)

void segment_name(uint32_t number, char out[SEG_NAME]);
void body_file_name(uint64_t ref, char out[SEG_NAME]);
enum rc body_head_put(
    const struct body_head *, uint8_t out[SEG_HEAD], struct err *) MUST_USE;
/* No descriptor, no memory: that passes, and says nothing of the file. */
bool is_shortage(int errno_number);
/* false: these are not the bytes of a head. */
bool body_head_get(const uint8_t in[SEG_HEAD], struct body_head *);

#endif

/*
 * record/wording.h - what findings are filled with, in Chinese.
 *
 * Readers and syntaxes say in English what they found and wanted ("a closing
 * quote"); the Chinese sentence has it in Chinese, from one table. What is no
 * row of it (a name, a value of somebody's) stays as it is.
 */
#ifndef RECORD_WORDING_H
#define RECORD_WORDING_H

#include "src/base/arena.h"
#include "src/base/slice.h"

struct slice wording_zh(struct arena *, struct slice english);

#endif

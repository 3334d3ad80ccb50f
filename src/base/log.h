/*
 * base/log.h - one event is one line, id first; bodies and keys stay out.
 *
 *   leg.moved leg=0A3F9Q2-7MBXPTC from=written to=staged try=3 gen=12
 *
 * Lines go to standard error, with "<N>" before them under systemd. Control
 * bytes in values are escaped here, so a file name can never forge a line. Who
 * writes it stands last, "role=spool", but in a line that begins with the role
 * which it is about.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "src/base/rc.h"
#include "src/base/slice.h"

enum log_level { LOG_ALARM, LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_DETAIL };

void log_open(const char *role, enum log_level upto, int fd);
void log_event(enum log_level, const char *event, const char *, ...)
    PRINTF(3, 4);
/* A sentence from a failed call, as "EVENT rc=later why=\"...\"". */
void log_rc(const char *event, enum rc, const struct err *);
/* s with control bytes, quotes and backslash as \xNN, into out, cut. */
const char *log_quote(struct slice s, char *out, size_t size);

#endif

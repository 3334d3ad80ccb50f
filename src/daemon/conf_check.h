/*
 * daemon/conf_check.h - the configuration is parsed by a child that has no
 * rights and gives back one word.
 */
#ifndef DAEMON_CONF_CHECK_H
#define DAEMON_CONF_CHECK_H

#define CONF_CHECK_START 3

/*
 * In the child: 0 good, 1 mistakes (told on standard error),
 * CONF_CHECK_START something changes that wants a new start, else as
 * sysexits. before: the running one, -1: none; what cannot change while the
 * spool runs must be the same.
 */
int conf_check_child(const char *file, int conf, int before);

#endif

/*
 * daemon/notify.h - one word to the service manager, if there is one.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

/* "READY=1", "STOPPING=1"; does nothing without NOTIFY_SOCKET. */
void notify_service(const char *state);

#endif

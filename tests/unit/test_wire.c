/*
 * Messages between roles: through a queue, through sockets, and bytes that
 * are no message.
 */
#include "tests/unit/test.h"
#include "src/base/fsx.h"
#include "src/wire/msg.h"
#include "src/wire/wire.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct msg_TAKE take = {
	.arrival = 0x1122334455667788u,
	.partner = { "acme", 4 },
	.channel = { "folder", 6 },
	.name = { "a\0b", 3 },
	.dev = 1,
	.ino = 2,
	.size = UINT64_MAX,
	.mtime_ns = -5,
	.sha256 = { { 1, 2, 3 } },
};

static int
body_new(const char *text)
{
	struct err err;
	int fd = fsx_memfd("body", slice_of(text), &err);

	assert_true(fd >= 0);
	return fd;
}

static void
take_is_the_same(const struct msg *m)
{
	const struct msg_TAKE *t = m->body;

	assert_int_equal(m->type, MSG_TAKE);
	assert_int_equal(m->from, ROLE_INTAKE);
	assert_int_equal(m->to, ROLE_SPOOL);
	assert_int_equal(t->arrival, take.arrival);
	test_slice_is(t->partner, "acme");
	assert_true(slice_eq(t->name, take.name));
	assert_int_equal(t->size, UINT64_MAX);
	assert_int_equal(t->mtime_ns, -5);
	assert_memory_equal(t->sha256.b, take.sha256.b, DIGEST_LEN);
}

static void
body_is(int fd, const char *want)
{
	struct slice s;
	struct err err;

	assert_int_equal(fsx_memfd_map(fd, 100, &s, &err), RC_OK);
	test_slice_is(s, want);
	fsx_unmap(s);
}

static void
test_a_message_crosses_a_queue_whole_with_its_descriptor(void **state)
{
	struct exchange *x = exchange_new();
	struct wire *intake = exchange_wire(x, ROLE_INTAKE);
	struct wire *spool = exchange_wire(x, ROLE_SPOOL);
	struct err err;
	struct msg *m;

	(void)state;
	assert_true(exchange_quiet(x));
	assert_int_equal(wire_send(intake, ROLE_SPOOL, MSG_TAKE, &take,
			     body_new("bytes"), &err),
	    RC_OK);
	assert_int_equal(wire_waiting(intake, ROLE_SPOOL), 1);
	assert_false(exchange_quiet(x));
	assert_null(wire_next(intake));
	m = wire_next(spool);
	assert_non_null(m);
	take_is_the_same(m);
	body_is(m->fd, "bytes");
	msg_free(m);
	assert_int_equal(wire_waiting(intake, ROLE_SPOOL), 0);
	assert_true(exchange_quiet(x));
	exchange_free(x);
}

static void
test_a_role_sends_only_what_the_table_gives_it(void **state)
{
	struct exchange *x = exchange_new();
	struct wire *w = exchange_wire(x, ROLE_CONVERT);
	struct err err;
	int fd = body_new("");

	(void)state;
	assert_int_equal(
	    wire_send(w, ROLE_SPOOL, MSG_TAKE, &take, -1, &err), RC_BROKEN);
	assert_string_equal(
	    err.text, "message TAKE does not go from convert to spool");
	assert_int_equal(wire_send(w, ROLE_SPOOL, MSG_DIED,
			     &(struct msg_DIED){ .order = 1 }, fd, &err),
	    RC_BROKEN);
	assert_string_equal(err.text, "message DIED carries no descriptor");
	assert_true(exchange_quiet(x));
	(void)close(fd);
	exchange_free(x);
}

static void
test_a_text_over_its_ceiling_is_not_sent(void **state)
{
	struct exchange *x = exchange_new();
	struct msg_TAKE t = take;
	struct err err;
	char *big = calloc(1, MSG_STR_MAX + 1);

	(void)state;
	t.name = (struct slice){ big, MSG_STR_MAX };
	assert_int_equal(wire_send(exchange_wire(x, ROLE_INTAKE), ROLE_SPOOL,
			     MSG_TAKE, &t, -1, &err),
	    RC_OK);
	t.name.len++;
	assert_int_equal(wire_send(exchange_wire(x, ROLE_INTAKE), ROLE_SPOOL,
			     MSG_TAKE, &t, -1, &err),
	    RC_BROKEN);
	assert_string_equal(err.text, "message TAKE: a text over 1024 bytes");
	exchange_free(x);
	free(big);
}

static void
test_a_full_queue_says_later_and_leaves_the_descriptor(void **state)
{
	struct exchange *x = exchange_new();
	struct wire *w = exchange_wire(x, ROLE_INTAKE);
	struct msg_ACCEPT a = { .arrival = 1 };
	struct err err;
	unsigned int n = 0;
	int fd = body_new("kept");

	(void)state;
	while (wire_send(w, ROLE_SPOOL, MSG_ACCEPT, &a, -1, &err) == RC_OK)
		n++;
	assert_int_equal(n, 1024);
	assert_string_equal(err.text, "1024 messages wait for spool");
	assert_int_equal(
	    wire_send(w, ROLE_SPOOL, MSG_TAKE, &take, fd, &err), RC_LATER);
	body_is(fd, "kept");
	msg_free(wire_next(exchange_wire(x, ROLE_SPOOL)));
	assert_int_equal(
	    wire_send(w, ROLE_SPOOL, MSG_TAKE, &take, fd, &err), RC_OK);
	exchange_free(x);
}

/* Every prefix, one byte more, other senders, other types: none gets in. */
static void
test_bytes_that_are_not_the_whole_message_are_refused(void **state)
{
	struct buf b;
	struct err err;
	struct msg *m;

	(void)state;
	buf_init(&b, WIRE_MAX);
	assert_int_equal(
	    msg_encode(&b, MSG_TAKE, ROLE_INTAKE, ROLE_SPOOL, &take, -1, &err),
	    RC_OK);
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL,
				     (struct slice){ b.p, n }, -1, &err),
		    RC_REFUSED);
	assert_string_equal(err.text, "message from intake: cut short");
	assert_int_equal(
	    msg_decode(&m, ROLE_DELIVER, ROLE_SPOOL, buf_look(&b), -1, &err),
	    RC_REFUSED);
	assert_string_equal(
	    err.text, "message from deliver: not one it may send");
	assert_int_equal(
	    msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL, buf_look(&b), -1, &err),
	    RC_OK);
	take_is_the_same(m);
	msg_free(m);
	b.p[0] = (char)0xff;
	assert_int_equal(
	    msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL, buf_look(&b), -1, &err),
	    RC_REFUSED);
	buf_clear(&b);
}

/* Bytes beside it: behind the fields up to a size, where the table has them. */
static void
test_bytes_behind_a_message_are_its_own_or_refused(void **state)
{
	static char many[WIRE_INLINE + 1];
	struct slice bytes;
	struct buf b;
	struct err err;
	struct msg *m;
	int fd = body_new("x");

	(void)state;
	buf_init(&b, 2 * WIRE_MAX);
	assert_int_equal(
	    msg_encode(&b, MSG_TAKE, ROLE_INTAKE, ROLE_SPOOL, &take, -1, &err),
	    RC_OK);
	assert_int_equal(
	    msg_encode_bytes(&b, MSG_TAKE, SLICE_LIT("a\0b"), &err), RC_OK);
	assert_int_equal(
	    msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL, buf_look(&b), -1, &err),
	    RC_OK);
	take_is_the_same(m);
	assert_int_equal(msg_bytes(m, 2, &bytes, &err), RC_REFUSED);
	assert_string_equal(err.text, "3 bytes, limit is 2");
	assert_int_equal(msg_bytes(m, 3, &bytes, &err), RC_OK);
	assert_true(slice_eq(bytes, SLICE_LIT("a\0b")));
	msg_free(m);
	/* not both */
	assert_int_equal(
	    msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL, buf_look(&b), fd, &err),
	    RC_REFUSED);
	assert_string_equal(err.text, "message from intake: bytes left over");
	assert_int_equal(msg_encode_bytes(&b, MSG_TAKE,
			     (struct slice){ many, sizeof(many) }, &err),
	    RC_BROKEN);
	buf_add(&b, many, sizeof(many) - 4);
	assert_int_equal(
	    msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL, buf_look(&b), -1, &err),
	    RC_OK);
	msg_free(m);
	buf_byte(&b, 'x');
	assert_int_equal(
	    msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL, buf_look(&b), -1, &err),
	    RC_REFUSED);
	assert_string_equal(err.text, "message from intake: too large");
	/* a message that has nothing beside it */
	buf_reset(&b);
	assert_int_equal(msg_encode(&b, MSG_ACCEPT, ROLE_INTAKE, ROLE_SPOOL,
			     &(struct msg_ACCEPT){ .arrival = 1 }, -1, &err),
	    RC_OK);
	assert_int_equal(
	    msg_encode_bytes(&b, MSG_ACCEPT, SLICE_LIT("x"), &err), RC_BROKEN);
	assert_string_equal(err.text, "message ACCEPT: 1 bytes beside it");
	buf_byte(&b, 'x');
	assert_int_equal(
	    msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL, buf_look(&b), -1, &err),
	    RC_REFUSED);
	assert_string_equal(err.text, "message from intake: bytes left over");
	buf_clear(&b);
}

/* Few or many: whoever holds the message has them, the last one ends it. */
static void
test_bytes_beside_a_message_cross_however_many_they_are(void **state)
{
	static const size_t sizes[] = { 0, 1, WIRE_INLINE, WIRE_INLINE + 1,
		1 << 20 };
	char *many = calloc(1, 1 << 20);

	(void)state;
	assert_non_null(many);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct exchange *x = exchange_new();
		struct slice got, s = { many, sizes[i] };
		struct err err;
		struct msg *m;

		if (s.len > 0)
			many[s.len - 1] = 'z';
		assert_int_equal(wire_send_bytes(exchange_wire(x, ROLE_INTAKE),
				     ROLE_SPOOL, MSG_TAKE, &take, s, &err),
		    RC_OK);
		m = msg_hold(wire_next(exchange_wire(x, ROLE_SPOOL)));
		assert_int_equal(m->fd >= 0, s.len > WIRE_INLINE);
		exchange_free(x);
		msg_free(m);
		take_is_the_same(m);
		assert_int_equal(msg_bytes(m, 1 << 20, &got, &err), RC_OK);
		assert_true(slice_eq(got, s));
		assert_int_equal(msg_bytes(m, 1 << 20, &got, &err), RC_OK);
		msg_free(m);
	}
	free(many);
}

static void
test_a_length_that_reaches_beyond_the_message_is_refused(void **state)
{
	struct buf b;
	struct err err;
	struct msg *m;

	(void)state;
	buf_init(&b, WIRE_MAX);
	assert_int_equal(
	    msg_encode(&b, MSG_TAKE, ROLE_INTAKE, ROLE_SPOOL, &take, -1, &err),
	    RC_OK);
	memset(b.p + 12, 0xff, 4); /* the length of the partner's name */
	assert_int_equal(
	    msg_decode(&m, ROLE_INTAKE, ROLE_SPOOL, buf_look(&b), -1, &err),
	    RC_REFUSED);
	assert_string_equal(err.text, "message from intake: cut short");
	buf_clear(&b);
}

struct pair {
	struct wire *intake, *spool;
};

static struct pair
pair_new(void)
{
	int sv[2];
	int fds[ROLES];
	struct pair p;

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
	memset(fds, 0xff, sizeof(fds));
	fds[ROLE_SPOOL] = sv[0];
	p.intake = wire_sockets(ROLE_INTAKE, fds);
	memset(fds, 0xff, sizeof(fds));
	fds[ROLE_INTAKE] = sv[1];
	p.spool = wire_sockets(ROLE_SPOOL, fds);
	assert_non_null(p.intake);
	assert_non_null(p.spool);
	return p;
}

static void
test_a_message_crosses_a_socket_whole_with_its_descriptor(void **state)
{
	struct pair p = pair_new();
	struct err err;
	struct msg *m;

	(void)state;
	assert_int_equal(wire_send(p.intake, ROLE_SPOOL, MSG_TAKE, &take,
			     body_new("bytes"), &err),
	    RC_OK);
	assert_null(wire_next(p.spool));
	assert_int_equal(
	    wire_fill(p.spool, wire_fd(p.spool, ROLE_INTAKE), &err), RC_OK);
	m = wire_next(p.spool);
	assert_non_null(m);
	take_is_the_same(m);
	body_is(m->fd, "bytes");
	msg_free(m);
	wire_free(p.intake);
	wire_free(p.spool);
}

static void
test_what_finds_no_room_in_the_socket_waits_in_order(void **state)
{
	struct pair p = pair_new();
	struct err err;
	uint64_t sent = 0, got = 0;

	(void)state;
	for (; wire_waiting(p.intake, ROLE_SPOOL) < 10; sent++)
		assert_int_equal(
		    wire_send(p.intake, ROLE_SPOOL, MSG_ACCEPT,
			&(struct msg_ACCEPT){ .arrival = sent }, -1, &err),
		    RC_OK);
	while (got < sent) {
		struct msg *m;

		assert_int_equal(
		    wire_fill(p.spool, wire_fd(p.spool, ROLE_INTAKE), &err),
		    RC_OK);
		while ((m = wire_next(p.spool)) != NULL) {
			const struct msg_ACCEPT *a = m->body;

			assert_int_equal(a->arrival, got++);
			msg_free(m);
		}
		assert_int_equal(wire_flush(p.intake, &err), RC_OK);
	}
	assert_int_equal(wire_waiting(p.intake, ROLE_SPOOL), 0);
	wire_free(p.intake);
	wire_free(p.spool);
}

static void
test_a_peer_that_is_gone_closes_the_link_and_sending_is_harmless(void **state)
{
	struct pair p = pair_new();
	struct err err;

	(void)state;
	wire_free(p.intake);
	assert_int_equal(
	    wire_fill(p.spool, wire_fd(p.spool, ROLE_INTAKE), &err),
	    RC_REFUSED);
	assert_string_equal(err.text, "intake is gone");
	assert_int_equal(wire_fd(p.spool, ROLE_INTAKE), -1);
	assert_int_equal(wire_send(p.spool, ROLE_INTAKE, MSG_TAKEN,
			     &(struct msg_TAKEN){ .arrival = 1 }, -1, &err),
	    RC_OK);
	wire_free(p.spool);
}

/* What goes with one flush is gathered; a descriptor goes with its own. */
static void
test_messages_share_packets_and_keep_their_order(void **state)
{
	struct pair p = pair_new();
	char large[9000];
	struct err err;
	struct msg *m;

	(void)state;
	memset(large, 'x', sizeof(large));
	wire_gather(p.intake);
	for (uint64_t i = 0; i < 300; i++) {
		struct msg_TAKE t = take;
		bool bytes = i % 7 == 3, beside = i % 11 == 5;

		t.arrival = i;
		assert_int_equal(
		    bytes ? wire_send_bytes(p.intake, ROLE_SPOOL, MSG_TAKE, &t,
				(struct slice){ large, sizeof(large) }, &err)
			  : wire_send(p.intake, ROLE_SPOOL, MSG_TAKE, &t,
				beside ? body_new("bytes") : -1, &err),
		    RC_OK);
	}
	for (uint64_t i = 0; i < 300; i++) {
		bool bytes = i % 7 == 3, beside = !bytes && i % 11 == 5;

		while ((m = wire_next(p.spool)) == NULL) {
			assert_int_equal(wire_flush(p.intake, &err), RC_OK);
			assert_int_equal(
			    wire_fill(
				p.spool, wire_fd(p.spool, ROLE_INTAKE), &err),
			    RC_OK);
		}
		assert_int_equal(
		    ((const struct msg_TAKE *)m->body)->arrival, i);
		assert_int_equal(m->bytes.len, bytes ? sizeof(large) : 0);
		if (beside)
			body_is(m->fd, "bytes");
		else
			assert_int_equal(m->fd, -1);
		msg_free(m);
	}
	assert_null(wire_next(p.spool));
	wire_free(p.intake);
	wire_free(p.spool);
}

static void
cut_off(const char *packet, size_t len, int fd, const char *why)
{
	struct pair p = pair_new();
	struct iovec iov = { (void *)(uintptr_t)packet, len };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} room = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
		       .cmsg_level = SOL_SOCKET,
		       .cmsg_type = SCM_RIGHTS } };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct err err;
	struct msg *m;

	if (fd >= 0) {
		memcpy(CMSG_DATA(&room.head), &fd, sizeof(fd));
		mh.msg_control = &room;
		mh.msg_controllen = sizeof(room.room);
	}
	assert_int_equal(
	    sendmsg(wire_fd(p.intake, ROLE_SPOOL), &mh, 0), (ssize_t)len);
	assert_int_equal(
	    wire_fill(p.spool, wire_fd(p.spool, ROLE_INTAKE), &err),
	    RC_REFUSED);
	assert_string_equal(err.text, why);
	assert_int_equal(wire_fd(p.spool, ROLE_INTAKE), -1);
	while ((m = wire_next(p.spool)) != NULL)
		msg_free(m); /* those before the wrong one */
	wire_free(p.intake);
	wire_free(p.spool);
}

static void
test_a_peer_that_sends_no_message_is_cut_off(void **state)
{
	char packet[64] = { 12, 0, 0, 0, MSG_ACCEPT };
	const char *length = "message from intake: not its length";
	int fd = body_new("bytes");

	(void)state;
	memcpy(packet + 16, packet, 16);
	cut_off("x", 1, -1, length);
	cut_off("\377\377\377\377\1\0\0\0", 8, -1, length);
	cut_off(packet, 15, -1, length);
	cut_off(packet, 18, -1, length); /* the second one */
	cut_off(
	    "\0\0\0\0", 4, -1, "message from intake: too short for its type");
	cut_off("\5\0\0\0\377\0\0\0x", 9, -1,
	    "message from intake: not one it may send");
	cut_off(packet, 16, fd, "message from intake: a descriptor too many");
	cut_off(packet, 32, fd, length); /* of which of the two? */
	assert_int_equal(close(fd), 0);
}

/* It would be answered to somebody who never asked. */
static void
test_what_a_peer_said_last_is_dropped_when_another_is_in_its_place(void **state)
{
	struct pair p = pair_new();
	struct err err;

	(void)state;
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(wire_send(p.intake, ROLE_SPOOL, MSG_TAKE,
				     &take, body_new("bytes"), &err),
		    RC_OK);
	assert_int_equal(
	    wire_fill(p.spool, wire_fd(p.spool, ROLE_INTAKE), &err), RC_OK);
	wire_relink(p.spool, ROLE_INTAKE, -1);
	assert_int_equal(wire_fd(p.spool, ROLE_INTAKE), -1);
	assert_null(wire_next(p.spool));
	wire_free(p.intake);
	wire_free(p.spool);
}

static void
test_every_message_has_a_way_and_a_size_for_its_fields(void **state)
{
	char zero[512] = { 0 };

	(void)state;
	for (int t = MSG_NONE + 1; t < MSG_TYPES; t++) {
		unsigned int ways = 0;

		for (int f = 0; f < ROLES; f++)
			for (int to = 0; to < ROLES; to++) {
				struct buf b;
				struct err err;

				if (!msg_may_go((enum msg_type)t,
					(enum role_id)f, (enum role_id)to))
					continue;
				ways++;
				buf_init(&b, WIRE_MAX);
				assert_int_equal(
				    msg_encode(&b, (enum msg_type)t,
					(enum role_id)f, (enum role_id)to, zero,
					-1, &err),
				    RC_OK);
				buf_clear(&b);
			}
		assert_true(ways > 0);
		assert_string_not_equal(msg_name((enum msg_type)t), "unknown");
	}
	assert_false(msg_may_go(MSG_NONE, ROLE_SPOOL, ROLE_INTAKE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_message_crosses_a_queue_whole_with_its_descriptor),
		T(test_a_role_sends_only_what_the_table_gives_it),
		T(test_a_text_over_its_ceiling_is_not_sent),
		T(test_a_full_queue_says_later_and_leaves_the_descriptor),
		T(test_bytes_that_are_not_the_whole_message_are_refused),
		T(test_bytes_behind_a_message_are_its_own_or_refused),
		T(test_bytes_beside_a_message_cross_however_many_they_are),
		T(test_a_length_that_reaches_beyond_the_message_is_refused),
		T(test_a_message_crosses_a_socket_whole_with_its_descriptor),
		T(test_what_finds_no_room_in_the_socket_waits_in_order),
		T(test_a_peer_that_is_gone_closes_the_link_and_sending_is_harmless),
		T(test_messages_share_packets_and_keep_their_order),
		T(test_a_peer_that_sends_no_message_is_cut_off),
		T(test_what_a_peer_said_last_is_dropped_when_another_is_in_its_place),
		T(test_every_message_has_a_way_and_a_size_for_its_fields),
	};

	return TESTS_RUN(tests);
}

/*
 * cli/ask.c - from a question to its rows; trusts the daemon for the rows it
 * sends, and no more. Called by every verb that looks into the spool.
 */
#include "src/cli/ask.h"
#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/utf8.h"
#include "src/cli/cli.h"
#include "src/daemon/control.h"
#include "src/daemon/query.h"
#include "src/record/complaints.h"
#include "spool/operate.h"
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SILENCE 150000 /* ms without a byte: longer than a reload may take */
#define READ    65536

struct ask {
	struct conf *conf;
	int fd; /* -1: no daemon */
	int lock;
	struct clock clock;
	struct query query;  /* without a daemon */
	struct spool *spool; /* the same, once something was acted on */
	struct batch *batch;
	struct buf in; /* what was received and not yet looked at */
};

const char *
ask_conf(const char *given)
{
	const char *env = getenv("ENTREPOT_CONF");

	if (given != NULL)
		return given;
	return env != NULL && env[0] != '\0' ? env
					     : ENTREPOT_SYSCONF
		   "/entrepot.conf";
}

static struct conf *
conf_load(const char *verb, const char *file)
{
	struct complaints complaints;
	struct conf *conf = NULL;
	struct err err;

	complaints_init(&complaints);
	if (conf_read(&conf, file, &complaints, &err) != RC_OK) {
		complaints_print(&complaints, stderr);
		fprintf(stderr, "entrepot %s: %s\n", verb, err.text);
		conf = NULL;
	}
	complaints_clear(&complaints);
	return conf;
}

/* No daemon: the spool is ours as long as we look. */
static enum rc
spool_alone(struct ask *a, struct err *err)
{
	enum rc rc = view_lock(a->conf->spool, &a->lock, err);

	if (rc == RC_OK)
		query_init(&a->query, a->conf, &a->clock, false);
	return rc;
}

static struct ask *
ask_make(const char *verb, const char *conf_file)
{
	struct ask *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->fd = a->lock = -1;
	clock_init(&a->clock);
	buf_init(&a->in, ANSWER_MAX + ANSWER_ROW);
	a->conf = conf_load(verb, ask_conf(conf_file));
	if (a->conf != NULL)
		return a;
	ask_close(a);
	return NULL;
}

struct ask *
ask_open(const char *verb, const char *conf_file)
{
	struct ask *a = ask_make(verb, conf_file);
	struct err err;
	enum rc rc;

	if (a == NULL)
		return NULL;
	rc = control_connect(a->conf->control, &a->fd, &err);
	if (rc == RC_LATER)
		rc = spool_alone(a, &err);
	if (rc == RC_OK)
		return a;
	fprintf(stderr, "entrepot %s: %s\n", verb, err.text);
	ask_close(a);
	return NULL;
}

struct ask *
ask_again(const char *verb, const char *conf_file)
{
	struct ask *a = ask_make(verb, conf_file);
	struct err err;

	if (a != NULL &&
	    control_connect(a->conf->control, &a->fd, &err) != RC_OK) {
		ask_close(a);
		return NULL;
	}
	return a;
}

void
ask_close(struct ask *a)
{
	if (a == NULL)
		return;
	if (a->fd >= 0)
		(void)close(a->fd);
	query_clear(&a->query);
	batch_free(a->batch);
	spool_close(a->spool);
	view_unlock(a->lock);
	conf_free(a->conf);
	buf_clear(&a->in);
	free(a);
}

bool
ask_daemon(const struct ask *a)
{
	return a->fd >= 0;
}

const struct conf *
ask_configured(const struct ask *a)
{
	return a->conf;
}

/* --- one page --- */

static enum rc
peer_wait(struct ask *a, short events, struct err *err)
{
	struct pollfd p = { .fd = a->fd, .events = events };
	int n;

	do
		n = poll(&p, 1, SILENCE);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return err_set(err, RC_LATER, "the daemon does not answer");
	return n > 0 ? RC_OK : err_errno(err, RC_BROKEN, "poll");
}

static enum rc
peer_write(struct ask *a, struct slice s, struct err *err)
{
	enum rc rc = RC_OK;

	while (s.len > 0 && rc == RC_OK) {
		ssize_t n = send(a->fd, s.p, s.len, MSG_NOSIGNAL);

		if (n > 0)
			s = slice_sub(s, (size_t)n, s.len);
		else if (n < 0 && errno == EAGAIN)
			rc = peer_wait(a, POLLOUT, err);
		else if (n < 0 && errno != EINTR)
			rc = err_errno(err, RC_LATER, "the daemon is gone");
	}
	return rc;
}

static enum rc
peer_read(struct ask *a, struct err *err)
{
	char *room = buf_room(&a->in, READ);
	enum rc rc = peer_wait(a, POLLIN, err);
	ssize_t n;

	if (rc != RC_OK)
		return rc;
	if (room == NULL)
		return err_set(err, RC_BROKEN, "the answer is too long");
	n = recv(a->fd, room, READ, 0);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return RC_OK;
	if (n <= 0)
		return err_set(
		    err, RC_LATER, "the daemon closed the connection");
	a->in.len += (size_t)n;
	return RC_OK;
}

static enum rc
piece_use(const struct piece *p, const struct ask_for *to, struct row *row,
    struct err *err)
{
	if (p->kind == PIECE_BYTES)
		return to->bytes == NULL ? RC_OK
					 : to->bytes(to->arg, p->text, err);
	row_parse(row, p->text);
	return to->row == NULL ? RC_OK : to->row(to->arg, p->text, row, err);
}

/*
 * Pieces until the end; what the caller of ask_question() says to a row ends
 * nothing before that, so that the next question meets its own answer.
 */
static enum rc
page_read(
    struct ask *a, const struct ask_for *to, struct buf *after, struct err *err)
{
	enum rc rc = RC_OK, read = RC_OK;
	struct slice rest = buf_look(&a->in);
	struct piece p = { .kind = PIECE_PART };
	struct row row;

	row_init(&row);
	while (p.kind != PIECE_END && read == RC_OK) {
		piece_next(&rest, &p);
		if (p.kind == PIECE_NONE)
			read = err_set(err, RC_BROKEN,
			    "what answers at '%s' is no daemon of ours",
			    a->conf->control);
		else if (p.kind == PIECE_PART) {
			size_t done = a->in.len - rest.len;

			if (done > 0) {
				memmove(a->in.p, a->in.p + done, rest.len);
				buf_cut(&a->in, rest.len);
			}
			read = a->fd < 0 ? err_set(err, RC_BROKEN,
					       "the answer has no end")
					 : peer_read(a, err);
			rest = buf_look(&a->in);
		} else if (p.kind != PIECE_END && rc == RC_OK)
			rc = piece_use(&p, to, &row, err);
	}
	row_clear(&row);
	if (read == RC_OK) {
		buf_slice(after, p.text);
		buf_reset(&a->in);
	}
	if (read == RC_OK && rc == RC_OK && p.rc != RC_OK) {
		*err = p.err;
		rc = p.rc;
	}
	return read != RC_OK ? read : rc;
}

/* From looking to writing: the one lock is left for the other. */
static enum rc
spool_take_over(struct ask *a, struct err *err)
{
	enum rc rc;

	if (a->spool != NULL)
		return RC_OK;
	query_clear(&a->query);
	view_unlock(a->lock);
	a->lock = -1;
	rc = spool_open(&a->spool, a->conf->spool, a->conf, &a->clock, err);
	if (rc != RC_OK)
		return rc;
	a->batch = batch_begin(a->spool);
	return a->batch == NULL ? err_set(err, RC_LATER, "no memory") : RC_OK;
}

/* As the role spool does it, by the user that runs this. */
static enum rc
operate_alone(struct ask *a, struct err *err)
{
	const struct msg_OPERATE *m = &a->query.operate;
	struct operate_asked asked = { .verb = m->verb,
		.filter = m->filter,
		.words = m->words,
		.place = m->place,
		.to = m->to };
	struct msg_OPERATED answer;
	struct operate_told t;
	struct arena *words = a->query.asked;
	char by[32];
	enum rc rc;

	a->query.asked = NULL; /* the view goes, the words stay */
	rc = spool_take_over(a, err);
	a->query.asked = words;
	if (rc != RC_OK)
		return rc;
	(void)snprintf(by, sizeof(by), "uid=%u", (unsigned int)getuid());
	asked.by = slice_of(by);
	operate_answer(a->spool, a->batch, &asked, &t);
	answer = (struct msg_OPERATED){ .rc = t.rc,
		.why = slice_of(t.rc == RC_OK ? "" : t.why.text),
		.done = t.n.done,
		.legs = t.n.legs,
		.busy = t.n.busy,
		.place = slice_of(t.place) };
	query_operated(&answer, asked.verb, &a->in);
	return RC_OK;
}

static enum rc
page_ask(struct ask *a, struct slice line, struct err *err)
{
	if (a->fd >= 0)
		return peer_write(a, line, err);
	if (query_answer(&a->query, RIGHTS, slice_sub(line, 0, line.len - 1),
		&a->in) == QUERY_OPERATE)
		return operate_alone(a, err);
	return RC_OK;
}

enum rc
ask_question(struct ask *a, const struct buf *question,
    const struct ask_for *to, struct err *err)
{
	struct buf line, after;
	enum rc rc;

	buf_init(&line, QUESTION_MAX);
	buf_init(&after, QUESTION_MAX);
	do {
		buf_reset(&line);
		buf_slice(&line, buf_look(question));
		if (after.len > 0)
			question_arg(&line, "after", buf_look(&after));
		question_end(&line);
		buf_reset(&after);
		if (buf_failed(question) || buf_failed(&line))
			rc = err_set(err, RC_REFUSED,
			    "what is asked is longer than %d bytes",
			    QUESTION_MAX);
		else
			rc = page_ask(a, buf_look(&line), err);
		if (rc == RC_OK)
			rc = page_read(a, to, &after, err);
	} while (rc == RC_OK && after.len > 0);
	buf_clear(&line);
	buf_clear(&after);
	return rc;
}

enum rc
ask_say(struct ask *a, const struct ask_for *to, struct err *err,
    const char *word, ...)
{
	const char *name, *value;
	struct buf q;
	va_list ap;
	enum rc rc;

	buf_init(&q, QUESTION_MAX);
	question_begin(&q, word);
	va_start(ap, word);
	while ((name = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value != NULL && value[0] != '\0')
			question_arg(&q, name, slice_of(value));
	}
	va_end(ap);
	rc = ask_question(a, &q, to, err);
	buf_clear(&q);
	return rc;
}

int
ask_failed(const char *verb, enum rc rc, const struct err *err)
{
	struct buf shown; /* names in it may come from anybody */

	(void)rc;
	(void)fflush(stdout);
	buf_init(&shown, 4 * sizeof(err->text) + 1);
	(void)utf8_show(slice_of(err->text), &shown);
	fprintf(stderr, "entrepot %s: %s\n", verb, buf_cstr(&shown));
	buf_clear(&shown);
	return EXIT_USAGE;
}

enum rc
ask_print_json(
    void *arg, struct slice line, const struct row *row, struct err *err)
{
	(void)arg;
	(void)row;
	if (fwrite(line.p, 1, line.len, stdout) != line.len ||
	    putchar('\n') == EOF)
		return err_errno(err, RC_REFUSED, "standard output");
	return RC_OK;
}

/*
 * bench/path_agency.c - the agency of the bench: takes each package out of
 * its OutBox and answers it with one package of a response and a decision for
 * each declaration. It reads the XML with string search, as fast as may be:
 * it must not be what is measured. Called by path.c.
 */
#include "tests/bench/path.h"
#include "src/envelope/zip.h"
#include "tests/bench/message.h"
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define PACKAGE_MAX (64u << 20)
#define NAP_MS      50

const char *const path_agency_name[PATH_AGENCIES] = { "customs", "harbour" };

struct agency {
	struct path *p;
	struct arena *mem;
	struct buf raw, answer;
	struct zip_entry **at;
	char out[PATH_ROOM], in[PATH_ROOM];
	unsigned int packages;
	bool worked;
};

static struct slice
between(struct slice s, const char *from, const char *to)
{
	const char *a = memmem(s.p, s.len, from, strlen(from)), *b;

	if (a == NULL)
		return SLICE_LIT("");
	a += strlen(from);
	b = memmem(a, (size_t)(s.p + s.len - a), to, strlen(to));
	return b == NULL ? SLICE_LIT("") : (struct slice){ a, (size_t)(b - a) };
}

static void
entry_add(struct agency *a, const char *kind, uint32_t number, struct slice s)
{
	struct zip_entry *e = arena_get(a->mem, sizeof(*e));
	char name[80];

	if (e == NULL)
		return;
	(void)snprintf(name, sizeof(name), "%s_%08u.xml", kind, number);
	e->name = arena_dup(a->mem, slice_of(name));
	e->body = arena_dup(a->mem, s);
	*a->at = e;
	a->at = &e->next;
}

static void
document_answer(struct agency *a, struct slice xml)
{
	struct slice seq = between(xml, "<ClientSeqNo>", "</ClientSeqNo>");
	uint32_t n;
	char text[1024];

	if (!message_number(seq, &n) || n > FILINGS_MAX) {
		a->p->sh->strange++;
		return;
	}
	path_saw(
	    a->p->sh, a->p->agency, n, SEEN_DELIVERED, &a->p->sh->delivered);
	(void)snprintf(text, sizeof(text),
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<DecImportResponse xmlns=\"http://www.chinaport.gov.cn/dec\">"
	    "<ResponseCode>0</ResponseCode><ErrorMessage></ErrorMessage>"
	    "<ClientSeqNo>%.*s</ClientSeqNo><SeqNo>I202%u%013u</SeqNo>"
	    "<TrnPreId></TrnPreId></DecImportResponse>\n",
	    SLICE_ARG(seq), 4 + a->p->agency, n);
	entry_add(a, "Successed", n, slice_of(text));
	(void)snprintf(text, sizeof(text),
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<DEC_RESULT><CUS_CIQ_NO>I202%u%013u</CUS_CIQ_NO>"
	    "<ENTRY_ID>79002024%u%09u</ENTRY_ID>"
	    "<NOTICE_DATE>2024-11-20T11:00:00</NOTICE_DATE>"
	    "<CHANNEL>P</CHANNEL><NOTE>报关单已放行</NOTE>"
	    "<CUSTOM_MASTER>7900</CUSTOM_MASTER><I_E_DATE>20241118</I_E_DATE>"
	    "<D_DATE></D_DATE></DEC_RESULT>\n",
	    4 + a->p->agency, n, 1 + a->p->agency, n);
	entry_add(a, "Receipt", n, slice_of(text));
	path_saw(a->p->sh, a->p->agency, n, SEEN_ANSWERED, &a->p->sh->answered);
}

static void
package_take(void *arg, const char *name)
{
	struct agency *a = arg;
	struct zip_entry *list, *first = NULL;
	struct findings found;
	struct err err;
	char path[PATH_ROOM + 300], answer[64];

	if (!path_get(a->out, name, &a->raw))
		return;
	arena_rewind(a->mem);
	findings_init(&found, a->mem);
	a->at = &first;
	if (zip_read(buf_look(&a->raw), &list, a->mem, &found, &err) != RC_OK) {
		a->p->sh->strange++;
		list = NULL;
	}
	for (; list != NULL; list = list->next)
		document_answer(a, list->body);
	buf_reset(&a->answer);
	(void)snprintf(answer, sizeof(answer), "R%06u.zip", ++a->packages);
	if (first == NULL ||
	    zip_write(first, 0x0021, 0, &a->answer, &err) != RC_OK ||
	    !path_put(a->in, answer, buf_look(&a->answer)))
		a->p->sh->strange++;
	(void)snprintf(path, sizeof(path), "%s/%s", a->out, name);
	(void)unlink(path);
	a->p->sh->delivery_files++;
	a->worked = true;
}

int
path_agency(struct path *p)
{
	struct agency a = { .p = p, .mem = arena_new(PACKAGE_MAX * 4) };
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char room[65536];

	(void)mallopt(M_TRIM_THRESHOLD, INT_MAX); /* it must not be the brake */
	(void)mallopt(M_MMAP_THRESHOLD, PACKAGE_MAX / 2);
	(void)snprintf(a.out, sizeof(a.out), "%s/%s/OutBox", p->root,
	    path_agency_name[p->agency]);
	(void)snprintf(a.in, sizeof(a.in), "%s/%s/InBox", p->root,
	    path_agency_name[p->agency]);
	buf_init(&a.raw, PACKAGE_MAX);
	buf_init(&a.answer, PACKAGE_MAX);
	if (a.mem == NULL || watch < 0 ||
	    inotify_add_watch(watch, a.out, IN_MOVED_TO) < 0)
		return 1;
	while (!p->sh->stop) {
		struct pollfd f = { .fd = watch, .events = POLLIN };

		a.worked = false;
		if (!p->sh->agency_away && !path_names(a.out, package_take, &a))
			return 1;
		if (!a.worked)
			(void)poll(&f, 1, NAP_MS);
		while (read(watch, room, sizeof(room)) > 0)
			continue;
	}
	return 0;
}

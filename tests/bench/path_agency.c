/*
 * bench/path_agency.c - the agency of the bench: takes each package out of
 * its folder and answers it with one package, or one interchange, of a response
 * and a decision for each declaration. It reads with string search, as fast as
 * may be: it must not be what is measured. Called by path.c.
 */
#include "tests/bench/path.h"
#include "src/base/crc.h"
#include "src/envelope/zip.h"
#include "tests/bench/message.h"
#include <libdeflate.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define PACKAGE_MAX (64u << 20)
#define NAP_MS      50

#define ZIP_HEAD    30u
#define ZIP_LOCAL   UINT32_C(0x04034b50)
#define ZIP_CENTRAL UINT32_C(0x02014b50)

const struct path_box path_box[PATH_AGENCIES] = {
	{ "customs", "cn-dec", false, "OutBox", "InBox" },
	{ "harbour", "un-cusdec-d21a", true, "out", "in" },
};

struct agency {
	struct path *p;
	struct arena *mem;
	struct buf raw, answer;
	struct libdeflate_decompressor *unpacker;
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

/* --- EDIFACT --- */

/* A message of CUSRES D.21A: "received" (17) or "released" (8). */
static void
cusres_add(struct agency *a, uint32_t message, uint32_t n, struct slice number,
    bool released)
{
	unsigned int segments = released ? 8 : 7;

	buf_fmt(&a->answer,
	    "UNH+%u+CUSRES:D:21A:UN'BGM+962+%u+11'"
	    "DTM+137:20241120110000:204'GEI+6+%s:ZZZ'RFF+ABO:%.*s'"
	    "RFF+AFM:I2025%013u'",
	    message, message, released ? "8" : "17", SLICE_ARG(number), n);
	if (released)
		buf_fmt(&a->answer, "RFF+ABT:790020242%09u'", n);
	buf_fmt(&a->answer, "UNT+%u+%u'", segments, message);
}

static void
interchange_answer(struct agency *a)
{
	struct slice s = buf_look(&a->raw);
	struct slice unb = between(s, "UNB+", "'"), rest = unb;
	struct slice field[4];
	uint32_t messages = 0, n;
	const char *at;

	for (unsigned int i = 0; i < 4; i++)
		field[i] = slice_cut(&rest, '+');
	buf_reset(&a->answer);
	buf_fmt(&a->answer, "UNB+UNOW:4+%.*s+%.*s+20241120:1100+H%06u'",
	    SLICE_ARG(field[2]), SLICE_ARG(field[1]), ++a->packages);
	while ((at = memmem(s.p, s.len, "BGM+929+", 8)) != NULL) {
		struct slice number;

		s = slice_sub(s, (size_t)(at - s.p) + 8, s.len);
		number = (struct slice){ s.p, NUMBER_LEN };
		if (s.len < NUMBER_LEN || !message_number(number, &n)) {
			a->p->sh->strange++;
			continue;
		}
		path_saw(a->p->sh, a->p->agency, n, SEEN_DELIVERED,
		    &a->p->sh->delivered);
		cusres_add(a, ++messages, n, number, false);
		cusres_add(a, ++messages, n, number, true);
		path_saw(a->p->sh, a->p->agency, n, SEEN_ANSWERED,
		    &a->p->sh->answered);
	}
	buf_fmt(&a->answer, "UNZ+%u+H%06u'", messages, a->packages);
	if (messages == 0)
		a->p->sh->strange++;
}

/* --- both --- */

static uint32_t
zip_number(const char *p, int bytes)
{
	uint32_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | (unsigned char)p[bytes];
	return n;
}

/* The next document of a package, from the heads before each (APPNOTE 4.3.7).
 */
static bool
document_next(struct agency *a, struct slice *zip, struct slice *out)
{
	uint32_t packed, whole;
	size_t head, did;
	char *p;

	if (zip->len < ZIP_HEAD || zip_number(zip->p, 4) != ZIP_LOCAL)
		return false;
	packed = zip_number(zip->p + 18, 4);
	whole = zip_number(zip->p + 22, 4);
	head =
	    ZIP_HEAD + zip_number(zip->p + 26, 2) + zip_number(zip->p + 28, 2);
	p = arena_raw(a->mem, (size_t)whole + 1);
	if (p == NULL || head + packed > zip->len ||
	    libdeflate_deflate_decompress(a->unpacker, zip->p + head, packed, p,
		whole, &did) != LIBDEFLATE_SUCCESS ||
	    did != whole || crc_add(0, p, did) != zip_number(zip->p + 14, 4))
		return false;
	*out = (struct slice){ p, whole };
	*zip = slice_sub(*zip, head + packed, zip->len);
	return true;
}

static void
package_answer(struct agency *a)
{
	struct slice zip = buf_look(&a->raw), document;
	struct zip_entry *first = NULL;
	struct err err;

	arena_rewind(a->mem);
	a->at = &first;
	while (document_next(a, &zip, &document))
		document_answer(a, document);
	if (zip.len < 4 || zip_number(zip.p, 4) != ZIP_CENTRAL)
		a->p->sh->strange++;
	buf_reset(&a->answer);
	a->packages++;
	if (first == NULL ||
	    zip_write(first, 0x0021, 0, &a->answer, &err) != RC_OK)
		a->p->sh->strange++;
}

static void
delivery_take(void *arg, const char *name)
{
	struct agency *a = arg;
	bool edifact = path_box[a->p->agency].edifact;
	char path[PATH_ROOM + 300], answer[64];

	if (!path_get(a->out, name, &a->raw))
		return;
	if (edifact)
		interchange_answer(a);
	else
		package_answer(a);
	(void)snprintf(answer, sizeof(answer), "R%06u.%s", a->packages,
	    edifact ? "edi" : "zip");
	if (buf_failed(&a->answer) ||
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
	const struct path_box *box = &path_box[p->agency];
	struct agency a = { .p = p, .mem = arena_new(PACKAGE_MAX * 4) };
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char room[65536];

	(void)mallopt(M_TRIM_THRESHOLD, INT_MAX); /* it must not be the brake */
	(void)mallopt(M_MMAP_THRESHOLD, PACKAGE_MAX / 2);
	(void)snprintf(
	    a.out, sizeof(a.out), "%s/%s/%s", p->root, box->name, box->out);
	(void)snprintf(
	    a.in, sizeof(a.in), "%s/%s/%s", p->root, box->name, box->in);
	buf_init(&a.raw, PACKAGE_MAX);
	buf_init(&a.answer, PACKAGE_MAX);
	a.unpacker = libdeflate_alloc_decompressor();
	if (a.mem == NULL || a.unpacker == NULL || watch < 0 ||
	    inotify_add_watch(watch, a.out, IN_MOVED_TO) < 0)
		return 1;
	while (!p->sh->stop) {
		struct pollfd f = { .fd = watch, .events = POLLIN };

		a.worked = false;
		if (!p->sh->agency_away &&
		    !path_names(a.out, delivery_take, &a))
			return 1;
		if (!a.worked)
			(void)poll(&f, 1, NAP_MS);
		while (read(watch, room, sizeof(room)) > 0)
			continue;
	}
	return 0;
}

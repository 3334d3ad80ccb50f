/*
 * entrepot.conf(5): what is read, and what is told about each mistake.
 */
#include "tests/unit/conf_test.h"

static const char whole[] =
    "# the example of the manual\n"
    "spool \"/var/spool/entrepot\" { reserve 2G; keep 400 days }\n"
    "node 7; user _entrepot\n"
    "calendar office { zone +08:00; open mon-fri 08:30-12:00, 13:30-18:00\n"
    "    closed 2026-10-01..2026-10-07; open 2026-10-10 09:00-17:00 }\n"
    "\n"
    "filer acme {\n"
    "    name \"Chengdu Acme Imports\" \"成都某某进出口有限公司\"\n"
    "    folder \"/srv/entrepot/acme\" complete on marker .ok\n"
    "    accept un-cusdec-d96b,\n"
    "        csv-declaration\n"
    "    reply taken, findings, status as csv-status language zh \\\n"
    "        together within 5m \\\n"
    "        encoding GBK\n"
    "    default \"agent.uscc\" \"91510100MATEST0029\"\n"
    "    hold all; limit 10M\n"
    "    attachments pdf, jpg within 10m\n"
    "}\n"
    "agency customs {\n"
    "    folder \"/srv/entrepot/customs/\" layout import-client\n"
    "    submit declaration as cn-dec window 50 batch 2 zip test yes\n"
    "    submit declaration as un-cusdec-d96b batch 100 within 5s \\\n"
    "        sequence gapless\n"
    "    hours office; list at 17:30\n"
    "    expect technical within 30m, decision within 48h by hours\n"
    "    retry every 1m doubling upto 1h for 3d\n"
    "}";

static void
test_every_field_of_a_filer_is_read(void **state)
{
	struct conf *c = conf_of(whole);
	const struct conf_partner *p = conf_partner(c, slice_of("acme"));

	(void)state;
	assert_string_equal(c->spool, "/var/spool/entrepot");
	assert_string_equal(c->control, "/var/spool/entrepot/control");
	assert_int_equal(c->reserve, (uint64_t)2 << 30);
	assert_int_equal(c->keep_days, 400);
	assert_int_equal(c->node, 7);
	assert_string_equal(c->user, "_entrepot");
	assert_int_equal(c->npartners, 2);
	assert_non_null(p);
	assert_true(p->filer && !p->agency);
	assert_string_equal(p->en, "Chengdu Acme Imports");
	assert_string_equal(p->zh, "成都某某进出口有限公司");
	assert_int_equal(p->complete, COMPLETE_MARKER);
	assert_string_equal(p->marker, ".ok");
	assert_int_equal(p->naccept, 2);
	assert_string_equal(p->accept[1], "csv-declaration");
	assert_int_equal(
	    p->replies, REPLY_TAKEN | REPLY_FINDINGS | REPLY_STATUS);
	assert_string_equal(p->reply_format, "csv-status");
	assert_int_equal(p->language, LANGUAGE_ZH);
	assert_int_equal(p->together_ms, 300000);
	assert_true(p->reply_encoding > 0);
	assert_int_equal(p->npresets, 1);
	assert_string_equal(p->preset[0].path, "agent.uscc");
	assert_string_equal(p->preset[0].text, "91510100MATEST0029");
	assert_true(p->hold_all);
	assert_int_equal(p->limit, 10 << 20);
	assert_int_equal(p->line, 7);
	assert_int_equal(p->nattachments, 2);
	assert_int_equal(p->attachments_within_ms, 600000);
	assert_true(conf_is_attachment(p, slice_of("a.PDF")));
	assert_false(conf_is_attachment(p, slice_of("pdf")));
	assert_false(conf_is_attachment(p, slice_of(".pdf")));
	assert_false(conf_is_attachment(p, slice_of("a.pdf.xml")));
	assert_string_equal(p->in, "in");
	conf_free(c);
}

static void
test_every_field_of_an_agency_is_read(void **state)
{
	struct conf *c = conf_of(whole);
	const struct conf_partner *p = conf_partner(c, slice_of("customs"));

	(void)state;
	assert_non_null(p);
	assert_true(p->agency && !p->filer);
	assert_string_equal(p->folder, "/srv/entrepot/customs");
	assert_int_equal(p->layout, LAYOUT_IMPORT_CLIENT);
	assert_string_equal(p->in, "InBox");
	assert_string_equal(p->out, "OutBox");
	assert_string_equal(p->sent, "SentBox");
	assert_string_equal(p->refused, "FailBox");
	assert_int_equal(p->nsubmit, 2);
	assert_int_equal(p->submit[1].batch, 100);
	assert_int_equal(p->submit[1].batch_within_ms, 5000);
	assert_true(p->submit[1].gapless && !p->submit[0].gapless);
	assert_int_equal(p->submit[0].batch_within_ms, 0);
	assert_non_null(p->hours);
	assert_string_equal(p->hours->name, "office");
	assert_int_equal(p->hours->zone, 480);
	assert_int_equal(p->hours->nwindows, 2);
	assert_int_equal(p->hours->ndates, 2);
	assert_int_equal(p->list_at, 17 * 60 + 31);
	assert_true(p->decision_by_hours && !p->technical_by_hours);
	assert_string_equal(p->submit[0].document, "declaration");
	assert_string_equal(p->submit[0].format, "cn-dec");
	assert_int_equal(p->submit[0].window, 50);
	assert_int_equal(conf_window(p), 50);
	assert_int_equal(p->submit[0].batch, 2);
	assert_true(p->submit[0].zip && p->submit[0].test);
	assert_int_equal(p->technical_within_ms, 1800000);
	assert_int_equal(p->decision_within_ms, 172800000);
	assert_int_equal(p->retry_every_ms, 60000);
	assert_int_equal(p->retry_upto_ms, 3600000);
	assert_int_equal(p->retry_for_ms, 259200000);
	assert_true(p->retry_doubling);
	assert_null(conf_partner(c, slice_of("customsx")));
	conf_free(c);
}

static void
test_what_is_not_given_has_its_default(void **state)
{
	struct conf *c = conf_of(SPOOL FILER);

	(void)state;
	assert_int_equal(c->keep_days, 400);
	assert_int_equal(c->partner[0].complete, COMPLETE_RENAME);
	assert_int_equal(c->partner[0].limit, 64 << 20);
	assert_int_equal(c->partner[0].reply_encoding, -1);
	assert_int_equal(c->partner[0].language, LANGUAGE_BOTH);
	assert_int_equal(c->partner[0].replies, 0);
	assert_int_equal(c->partner[0].reply_window, 10000);
	assert_int_equal(conf_window(&c->partner[0]), 10000); /* why tells it */
	assert_int_equal(c->partner[0].together_ms, 0);
	assert_int_equal(c->partner[0].list_at, 0);
	assert_null(c->partner[0].hours);
	assert_null(c->partner[0].sent);
	assert_null(c->partner[0].refused);
	assert_string_equal(c->partner[0].en, "acme");
	assert_null(c->partner[0].forward);
	assert_null(c->user);
	conf_free(c);
}

static void
test_a_filer_may_read_one_answer_a_file(void **state)
{
	struct conf *c = conf_of(SPOOL "filer a { folder /a; accept x\n"
				       "reply findings, status as y\n"
				       "reply decision as z }\n");

	(void)state;
	assert_string_equal(c->partner[0].reply_format, "y");
	assert_string_equal(c->partner[0].decision_format, "z");
	conf_free(c);
	WANTS(SPOOL "filer a { folder /a; accept x; reply taken as y\n"
		    "reply decision as z }\n",
	    "'reply decision' is of a status reply, and there is none");
	WANTS(SPOOL "filer a { folder /a; accept x; reply status as y together"
		    " within 5m\nreply decision as z }\n",
	    "not 'together'");
	WANTS(SPOOL "filer a { folder /a; accept x; reply status as y\n"
		    "reply decision as z\nreply decision as w }\n",
	    "'reply decision' is given twice");
}

static void
test_one_partner_may_be_several(void **state)
{
	struct conf *c = conf_of(
	    SPOOL "filer agency peer both { folder /b; accept x; reply none\n"
		  "submit declaration as y }\n");

	(void)state;
	assert_true(c->partner[0].filer && c->partner[0].agency &&
		    c->partner[0].peer && !c->partner[0].subscriber);
	conf_free(c);
}

static void
test_others_may_be_allowed_what_a_line_says(void **state)
{
	struct conf *c =
	    conf_of(SPOOL "allow view to group staff\n"
			  "allow operate, audit to user \"night watch\"\n"
			  "filer a { folder /a; accept x; reply none }\n");

	(void)state;
	assert_int_equal(c->nallow, 2);
	assert_int_equal(c->allow[0].rights, RIGHT_VIEW);
	assert_true(c->allow[0].group);
	assert_string_equal(c->allow[0].name, "staff");
	/* Who acts must see what he acts on. */
	assert_int_equal(
	    c->allow[1].rights, RIGHT_VIEW | RIGHT_OPERATE | RIGHT_AUDIT);
	assert_false(c->allow[1].group);
	conf_free(c);
	WANTS(SPOOL "allow everything to user u\n"
		    "filer a { folder /a; accept x; reply none }\n",
	    "'everything' is no right, want view, operate, configure or "
	    "audit");
}

static void
test_files_may_go_on_unchanged(void **state)
{
	struct conf *c = conf_of(SPOOL
	    "filer a { folder /a complete on quiet 60s owner u\n"
	    "forward to b }\nagency b { folder /b in from out \"for\" }\n");

	(void)state;
	assert_string_equal(c->partner[0].forward, "b");
	assert_string_equal(c->partner[0].owner, "u");
	assert_int_equal(c->partner[0].quiet_ms, 60000);
	assert_string_equal(c->partner[1].in, "from");
	assert_string_equal(c->partner[1].out, "for");
	conf_free(c);
}

static void
test_a_client_stands_on_either_side(void **state)
{
	struct conf *c = conf_of(
	    SPOOL "filer a { folder /a layout import-client refused bad\n"
		  "accept x; reply none }\n"
		  "filer b { folder /b in mine layout import-client\n"
		  "accept x; reply taken as y window 5 }\n");

	(void)state;
	assert_string_equal(c->partner[0].in, "OutBox");
	assert_string_equal(c->partner[0].out, "InBox");
	assert_string_equal(c->partner[0].sent, "SentBox");
	assert_string_equal(c->partner[0].refused, "bad");
	assert_string_equal(c->partner[1].in, "mine");
	assert_int_equal(c->partner[1].reply_window, 5);
	conf_free(c);
	WANTS(SPOOL
	    "filer agency a { folder /a layout import-client; accept x\n"
	    "reply none; submit d as f }\n",
	    "'a' files and is filed to: which of OutBox and InBox is in");
	WANTS(SPOOL "filer a { folder /a sent x in x; accept x; reply none }\n"
		    "filer b { folder /b sent y refused y; accept x\n"
		    "reply none }\n",
	    "e.conf:2:18: error: 'x' is named for two things",
	    "'y' is named for two things");
	WANTS(SPOOL "filer a { folder /a sent .taken out .entrepot; accept x\n"
		    "reply none }\n",
	    "e.conf:2:26: error: '.taken' is a folder of the gateway's own",
	    "e.conf:2:37: error: '.entrepot' is a folder of the gateway's own");
}

static void
test_an_unknown_keyword_is_told_with_the_known_ones(void **state)
{
	(void)state;
	WANTS(SPOOL FILER "agency b { folder /b; submit d as f\n"
			  "    rety every 5m\n}\n",
	    "e.conf:4:5: error: unknown keyword 'rety', want one of accept, "
	    "attachments, default, expect, "
	    "folder, forward, hold, hours, interchange, limit, list, name, "
	    "reply, retry or "
	    "submit\n");
	WANTS(SPOOL FILER "flier x {\n a b c { d }\n \"}\" # }\n}\nnodes 1\n",
	    "e.conf:3:1: error: unknown keyword 'flier', want one of agency, "
	    "allow, calendar, control,",
	    "e.conf:7:1: error: unknown keyword 'nodes'");
	WANTS(SPOOL FILER "agency b { folder /b layut plain; submit d as f }\n",
	    "e.conf:3:22: error: unknown keyword 'layut', want one of "
	    "complete, in, "
	    "layout, out, owner, refused or sent");
}

static void
test_all_mistakes_are_told_in_one_run_each_with_its_place(void **state)
{
	(void)state;
	WANTS("spool var\n"
	      "node 512\n"
	      "filer Acme {\n"
	      "    folder /srv/../x\n"
	      "    accept a,, b\n"
	      "    limit 10X\n"
	      "}\n"
	      "agency c { folder \"/c\n"
	      "    retry every 2h upto 1h for 1m\n"
	      "    submit declaration cn-dec\n"
	      "    expect decision within 60d }\n",
	    "e.conf:1:7: error: path 'var' is not absolute, want one that "
	    "begins with '/'\n",
	    "e.conf:2:6: error: found '512', want a number from 0 to 511\n",
	    "e.conf:3:7: error: partner is called 'Acme', want 1 to 32 of",
	    "e.conf:4:12: error: path '/srv/../x' holds '//', '.' or '..'",
	    "e.conf:5:14: error: found ',', want",
	    "e.conf:6:11: error: found '10X', want a size",
	    "e.conf:8:19: error: quoted text has no end in its line",
	    "e.conf:10:24: error: found 'cn-dec', want as",
	    "e.conf:11:28: error: '60d' is too large, want at most 46d",
	    "e.conf:3:7: error: filer 'Acme' has no reply",
	    "e.conf:9:5: error: retry upto 3600 s is shorter than every 7200 s",
	    "e.conf:9:5: error: retry for 60 s is shorter than every 7200 s");
}

static void
test_a_complaint_shows_its_line_and_a_caret(void **state)
{
	char *said = said_about(slice_of(SPOOL FILER "node\t7000\n"));

	(void)state;
	assert_non_null(strstr(said, "\n"));
	assert_non_null(strstr(said, "7000\n"));
	assert_non_null(strchr(said, '^'));
	free(said);
}

static void
test_folders_that_meet_are_refused(void **state)
{
	(void)state;
	WANTS("spool /s\nfiler a { folder /s/a; accept x; reply none }\n",
	    "folder '/s/a' and the spool '/s' are not apart");
	WANTS(SPOOL FILER
	    "filer b { folder /srv/acme/; accept x; reply none }\n",
	    "folder '/srv/acme' and '/srv/acme' of 'acme' are not apart");
	WANTS(SPOOL FILER "filer b { folder /srv; accept x; reply none }\n",
	    "folder '/srv' and '/srv/acme' of 'acme' are not apart");
	conf_free(conf_of(
	    SPOOL FILER "filer b { folder /srv/ac; accept x; reply none }\n"));
}

static void
test_what_is_given_twice_is_refused(void **state)
{
	(void)state;
	WANTS(SPOOL SPOOL FILER,
	    "e.conf:2:1: error: 'spool' is given twice, first at "
	    "line 1\n");
	WANTS(SPOOL "filer a { folder /a; folder /b; accept x, x; reply none "
		    "}\nfiler a { folder /c; accept x; reply none }\n",
	    "'folder' is given twice, first at line 2",
	    "format 'x' is given twice",
	    "e.conf:3:7: error: partner 'a' is given twice, first at line 2");
	WANTS(SPOOL "agency a { folder /a; submit d as f; submit d as f }\n",
	    "'d as f' is given twice");
}

static void
test_addresses_of_interchanges_are_ours_to_all_or_to_one(void **state)
{
	struct conf *c = conf_of(SPOOL
	    "interchange from 5101980002 qualifier ZZ\n"
	    "filer a { folder /a; accept x; reply none\n"
	    "interchange to \"A B\" qualifier 14 }\n"
	    "agency b { folder /b; submit d as f; interchange from GATE to "
	    "to }\n");
	const struct conf_partner *a = conf_partner(c, slice_of("a"));
	const struct conf_partner *b = conf_partner(c, slice_of("b"));

	(void)state;
	assert_string_equal(conf_ours(c, a).id, "5101980002");
	assert_string_equal(conf_ours(c, a).qualifier, "ZZ");
	assert_string_equal(a->theirs.id, "A B");
	assert_string_equal(a->theirs.qualifier, "14");
	assert_string_equal(conf_ours(c, b).id, "GATE");
	assert_string_equal(conf_ours(c, b).qualifier, "");
	assert_string_equal(b->theirs.id, "to");
	assert_string_equal(b->theirs.qualifier, "");
	conf_free(c);
	c = conf_of(SPOOL FILER);
	assert_null(conf_ours(c, &c->partner[0]).id);
	assert_null(c->partner[0].theirs.id);
	conf_free(c);
	WANTS(SPOOL "interchange from a\ninterchange from b\n" FILER,
	    "e.conf:3:18: error: a second address 'b', first is 'a'");
	WANTS(SPOOL "filer a { folder /a; accept x; reply none\n"
		    "interchange from a from b\ninterchange to c }\n",
	    "a second address 'b', first is 'a'",
	    "'interchange' is given twice, first at line 3");
	WANTS(SPOOL "interchange from 5101980002:ZZ\n" FILER,
	    "address '5101980002:ZZ', want 1 to 35 characters and no ':' (a "
	    "qualifier stands apart: qualifier \"ZZ\")");
	WANTS(SPOOL "interchange from 123456789012345678901234567890123456\n"
		    "interchange from \"上海\"\ninterchange from \"\"\n"
		    "interchange from A qualifier ZZZZZ\n" FILER,
	    "address '123456789012345678901234567890123456', want 1 to 35",
	    "address '上海', want 1 to 35", "address '', want 1 to 35",
	    "qualifier 'ZZZZZ', want 1 to 4 characters");
	WANTS(SPOOL "interchange to a\n" FILER, "found 'to', want from");
}

static void
test_what_does_not_fit_the_partner_is_refused(void **state)
{
	(void)state;
	WANTS(SPOOL "filer a { folder /a; accept x; reply none; submit d as "
		    "f\nexpect decision within 1h }\n",
	    "'submit' is for an agency or peer, 'a' is none",
	    "'expect' is for an agency or peer, 'a' is none");
	WANTS(SPOOL "agency a { folder /a; submit d as f; accept x }\n",
	    "'accept' is for a filer or peer, 'a' is none");
	WANTS(SPOOL "filer a { folder /a; accept x; forward to a }\n",
	    "has accept and forward", "files of 'a' go on to 'a' itself");
	WANTS(SPOOL "filer a { folder /a; forward to b }\n", "no partner 'b'");
	WANTS(SPOOL "filer a { folder /a; accept x; reply taken }\n",
	    "reply has no format, want one behind it: 'as FORMAT'");
	WANTS(SPOOL "agency a { folder /a in x out x; submit d as f\n"
		    "retry every 1m doubling }\n",
	    "'x' is the folder in both directions",
	    "retry doubling has no end");
}

static void
test_an_empty_text_lacks_a_spool_and_a_partner(void **state)
{
	(void)state;
	WANTS("", "e.conf:1:1: error: no spool, want a line",
	    "e.conf:1:1: error: no partner, want a filer");
}

static void
test_every_word_of_the_language_may_be_a_name(void **state)
{
	static const char *const words[] = {
#define DIRECTIVE(word, token, where, meaning) word,
#define OPTION(word, token, where, meaning)    word,
#include "src/conf/directives.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *w = words[i];
		struct conf *c;
		char text[600];

		(void)snprintf(text, sizeof(text),
		    SPOOL "user %s\nallow view to group %s\n"
			  "calendar %s { open daily 00:00-24:00 }\n"
			  "agency peer %s { folder /a in %s out x%s sent y%s\n"
			  "submit %s as %s test yes; hours %s }\n"
			  "filer f { folder /f owner %s; accept %s, x\n"
			  "reply taken as %s; reply control as %s }\n"
			  "filer g { folder /g; forward to %s }\n",
		    w, w, w, w, w, w, w, w, w, w, w, w, w, w, w);
		c = conf_of(text);
		assert_string_equal(c->user, w);
		assert_string_equal(c->partner[0].name, w);
		assert_true(c->partner[0].agency && c->partner[0].peer);
		assert_string_equal(c->partner[0].in, w);
		assert_string_equal(c->partner[0].submit[0].document, w);
		assert_string_equal(c->partner[0].submit[0].format, w);
		assert_string_equal(c->partner[0].hours->name, w);
		assert_string_equal(c->partner[1].owner, w);
		assert_string_equal(c->partner[1].accept[0], w);
		assert_string_equal(c->partner[1].control_format, w);
		assert_string_equal(c->partner[2].forward, w);
		conf_free(c);
	}
}

static void
test_where_a_name_is_missing_a_name_is_wanted(void **state)
{
	(void)state;
	WANTS(SPOOL FILER "agency { folder /b; submit d as f }\n"
			  "agency b { folder /b; hours\nsubmit d as }\n",
	    "e.conf:3:8: error: found '{', want a word\n",
	    "e.conf:4:28: error: found end of line, want a word\n",
	    "e.conf:5:13: error: found '}', want a word\n");
}

static void
test_bytes_that_are_no_text_are_told_once_and_reading_goes_on(void **state)
{
	char *said = said_about((struct slice){ SPOOL
	    "filer \xe6\x88\x90 { }\nnode \0 1\nnodes 1\n",
	    sizeof(SPOOL "filer xxx { }\nnode x 1\nnodes 1\n") - 1 });

	(void)state;
	assert_non_null(
	    strstr(said, "e.conf:2:7: error: text other than ASCII"));
	assert_non_null(strstr(said, "e.conf:3:6: error: control byte 0x00"));
	assert_non_null(
	    strstr(said, "e.conf:4:1: error: unknown keyword 'nodes'"));
	free(said);
}

static void
test_every_directive_and_option_stands_in_the_manual(void **state)
{
	static const struct {
		const char *macro, *word;
	} words[] = {
#define DIRECTIVE(word, token, where, meaning) { ".It Ic", word },
#define OPTION(word, token, where, meaning)    { "Cm", word },
#include "src/conf/directives.def"
	};
	struct slice page = test_file("man/entrepot.conf.5");

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char want[64];

		(void)snprintf(
		    want, sizeof(want), "%s %s", words[i].macro, words[i].word);
		if (strstr(page.p, want) == NULL)
			fail_msg("'%s' is not in entrepot.conf.5", want);
	}
	free((void *)(uintptr_t)page.p);
}

static void
test_the_sample_configuration_has_no_mistake(void **state)
{
	struct slice text = test_file("etc/entrepot.conf");

	(void)state;
	conf_free(conf_of(text.p));
	free((void *)(uintptr_t)text.p);
}

static void
test_a_file_that_is_not_there_or_too_large_is_refused(void **state)
{
	struct complaints c;
	struct conf *conf = NULL;
	struct err err;
	char *big = calloc(1, (1u << 20) + 1);

	(void)state;
	complaints_init(&c);
	assert_int_equal(
	    conf_read(&conf, "/nonexistent/e.conf", &c, &err), RC_REFUSED);
	assert_string_equal(err.text, "configuration '/nonexistent/e.conf': No "
				      "such file or directory");
	assert_non_null(big);
	assert_int_equal(conf_parse(&conf, "e.conf",
			     (struct slice){ big, (1u << 20) + 1 }, &c, &err),
	    RC_REFUSED);
	assert_string_equal(err.text,
	    "configuration 'e.conf' is 1048577 bytes, limit is 1048576");
	free(big);
	complaints_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_every_field_of_a_filer_is_read),
		T(test_every_field_of_an_agency_is_read),
		T(test_what_is_not_given_has_its_default),
		T(test_a_filer_may_read_one_answer_a_file),
		T(test_one_partner_may_be_several),
		T(test_others_may_be_allowed_what_a_line_says),
		T(test_files_may_go_on_unchanged),
		T(test_a_client_stands_on_either_side),
		T(test_an_unknown_keyword_is_told_with_the_known_ones),
		T(test_all_mistakes_are_told_in_one_run_each_with_its_place),
		T(test_a_complaint_shows_its_line_and_a_caret),
		T(test_folders_that_meet_are_refused),
		T(test_what_is_given_twice_is_refused),
		T(test_addresses_of_interchanges_are_ours_to_all_or_to_one),
		T(test_what_does_not_fit_the_partner_is_refused),
		T(test_an_empty_text_lacks_a_spool_and_a_partner),
		T(test_every_word_of_the_language_may_be_a_name),
		T(test_where_a_name_is_missing_a_name_is_wanted),
		T(test_bytes_that_are_no_text_are_told_once_and_reading_goes_on),
		T(test_every_directive_and_option_stands_in_the_manual),
		T(test_the_sample_configuration_has_no_mistake),
		T(test_a_file_that_is_not_there_or_too_large_is_refused),
	};

	return TESTS_RUN(tests);
}

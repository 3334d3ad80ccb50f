/*
 * conf/parse.y - the grammar of entrepot.conf(5); trusts the lexer for its
 * tokens and nobody for their order. Called by conf_parse().
 *
 * A mistake in a line costs that line, an unknown block costs the block:
 * reading goes on behind it, so that one run tells all of them.
 */
%code requires {
#include "src/conf/parser.h"
}

%code {
#include "src/base/buf.h"
#include <stdlib.h>
#include <string.h>

static int
yylex(YYSTYPE *value, struct conf_place *place, struct conf_parser *p)
{
	return conf_lex(value, place, p);
}

static void
yyerror(struct conf_place *place, struct conf_parser *p, const char *text)
{
	conf_wrong(p, place->at, "%s", text);
}

#define KIND_FILER      1u
#define KIND_AGENCY     2u
#define KIND_SUBSCRIBER 4u
#define KIND_PEER       8u

#define LIMIT_MAX (1u << 30) /* the largest body that the spool keeps */
#define MS_MAX 4000000000u /* what fits a uint32_t of milliseconds: 46 days */
}

%define api.prefix {conf_yy}
%define api.pure full
%define api.location.type {struct conf_place}
%define parse.error custom
%define parse.lac full
%locations
%param { struct conf_parser *p }

%code provides {
#define YYLLOC_DEFAULT(cur, rhs, n)                                            \
	do {                                                                   \
		if (n) {                                                       \
			(cur).at = YYRHSLOC(rhs, 1).at;                        \
			(cur).end = YYRHSLOC(rhs, n).end;                      \
		} else {                                                       \
			(cur).at = (cur).end = YYRHSLOC(rhs, 0).end;           \
		}                                                              \
	} while (0)
}

%initial-action { @$.at = @$.end = 0; }

%union {
	struct conf_text text;
	unsigned int bits;
	struct conf_submit *submit;
}

%token YYEOF 0 "end of file"
%token NL "end of line"
%token <text> WORD "a word"
%token <text> STRING "a quoted text"
%token <text> AMOUNT "a number"
/* A keyword keeps its text: where a name stands it is one like any other. */
%token <text> SPOOL "spool" MAPPINGS "mappings" NODE "node" USER "user"
%token <text> CONTROL "control" FILER "filer" AGENCY "agency"
%token <text> SUBSCRIBER "subscriber" PEER "peer" RESERVE "reserve" KEEP "keep"
%token <text> DAYS "days" NAME "name" FOLDER "folder" LAYOUT "layout" PLAIN "plain"
%token <text> IMPORT_CLIENT "import-client" IN "in" OUT "out" OWNER "owner"
%token <text> COMPLETE "complete" ON "on" RENAME "rename" MARKER "marker"
%token <text> CLOSE "close" QUIET "quiet" LIMIT "limit" ACCEPT "accept"
%token <text> FORWARD "forward" TO "to" REPLY "reply" NONE "none" TAKEN "taken"
%token <text> FINDINGS "findings" STATUS "status" AS "as" LANGUAGE "language"
%token <text> EN "en" ZH "zh" ENCODING "encoding" HOLD "hold" ALL "all"
%token <text> SUBMIT "submit" WINDOW "window" BATCH "batch" ZIP "zip" TEST "test"
%token <text> YES "yes" NO "no" EXPECT "expect" TECHNICAL "technical"
%token <text> DECISION "decision" WITHIN "within" RETRY "retry" EVERY "every"
%token <text> DOUBLING "doubling" UPTO "upto" TOGETHER "together"
%token <text> CALENDAR "calendar" DATES "file" ZONE "zone" OPEN "open"
%token <text> CLOSED "closed"
%token <text> SENT "sent" REFUSED "refused" HOURS "hours" LIST "list" AT "at"
%token <text> SEQUENCE "sequence" GAPLESS "gapless" UNIQUE "unique" BY "by"
%token <text> INTERCHANGE "interchange" FROM "from" QUALIFIER "qualifier"
%token <text> DEFAULT "default" ATTACHMENTS "attachments"
%token <text> ALLOW "allow" GROUP "group"
%token <text> FOR "for" /* the last: token_is_keyword() */

%type <text> word own path keyword qualifier
%type <bits> kinds kind replies reply yesno byhours
%type <submit> submit

%%

file:
	  %empty
	| file NL
	| file top NL
	| file error NL { conf_block_lost(p); yyerrok; }
	| file error '{' { conf_skip_block(p); } '}' { yyerrok; }
	;

top:
	  spool
	| spool '{' spoollines '}'
	| spool '{' spoollines spoolline '}'
	| spool '{' spoollines error '}' { yyerrok; }
	| MAPPINGS { (void)conf_once(p, DIR_MAPPINGS, @1.at); } mappings
	| CONTROL path {
		if (conf_once(p, DIR_CONTROL, @1.at))
			p->w->conf.control = conf_path(p, $2);
	}
	| ALLOW rights TO USER word {
		conf_allow_end(p, $5, false);
	}
	| ALLOW rights TO GROUP word {
		conf_allow_end(p, $5, true);
	}
	| NODE AMOUNT {
		if (conf_once(p, DIR_NODE, @1.at))
			p->w->conf.node = (uint32_t)conf_number(p, $2, 0, 511);
	}
	| USER word {
		if (conf_once(p, DIR_USER, @1.at))
			p->w->conf.user = $2.p;
	}
	| INTERCHANGE FROM word qualifier {
		conf_address(p, &p->w->conf.ours, $3, $4);
	}
	| calendar hoursblock
	| calendar hoursfile
	| calendar hoursfile hoursblock
	| partner '{' lines '}' { p->within = false; }
	| partner '{' lines line '}' { p->within = false; }
	| partner '{' lines error '}' { p->within = false; yyerrok; }
	;

mappings:
	  path { conf_mappings(p, $1); }
	| mappings comma path { conf_mappings(p, $3); }
	;

spool:
	  SPOOL path {
		if (conf_once(p, DIR_SPOOL, @1.at))
			p->w->conf.spool = conf_path(p, $2);
	}
	;

spoollines:
	  %empty
	| spoollines NL
	| spoollines spoolline NL
	| spoollines error NL { yyerrok; }
	;

spoolline:
	  RESERVE AMOUNT {
		if (conf_once(p, DIR_RESERVE, @1.at))
			p->w->conf.reserve = conf_size(p, $2, INT64_MAX);
	}
	| KEEP AMOUNT DAYS {
		if (conf_once(p, DIR_KEEP, @1.at))
			p->w->conf.keep_days =
			    (uint32_t)conf_number(p, $2, 1, 36500);
	}
	;

calendar:
	  CALENDAR word { conf_hours_begin(p, $2); }
	;

hoursfile:
	  DATES path { conf_hours_file(p, $2); }
	;

hoursblock:
	  '{' hourslines '}'
	| '{' hourslines hoursline '}'
	| '{' hourslines error '}' { yyerrok; }
	;

hourslines:
	  %empty
	| hourslines NL
	| hourslines hoursline NL
	| hourslines error NL { yyerrok; }
	;

hoursline:
	  ZONE word { conf_hours_zone(p, $2); }
	| OPEN word { conf_hours_days(p, $2); } opens
	| CLOSED closeds
	;

opens:
	  word { conf_hours_open(p, $1); }
	| opens comma word { conf_hours_open(p, $3); }
	;

closeds:
	  word { conf_hours_closed(p, $1); }
	| closeds comma word { conf_hours_closed(p, $3); }
	;

partner:
	  kinds own { conf_partner_begin(p, $1, $2, @2.at); }
	;

kinds:
	  kind
	| kinds kind { $$ = $1 | $2; }
	;

kind:
	  FILER { $$ = KIND_FILER; }
	| AGENCY { $$ = KIND_AGENCY; }
	| SUBSCRIBER { $$ = KIND_SUBSCRIBER; }
	| PEER { $$ = KIND_PEER; }
	;

lines:
	  %empty
	| lines NL
	| lines line NL
	| lines error NL { yyerrok; }
	;

line:
	  name
	| folder folderopts
	| LIMIT AMOUNT {
		if (conf_once(p, DIR_LIMIT, @1.at))
			conf_now(p)->limit = conf_size(p, $2, LIMIT_MAX);
	}
	| HOURS word {
		if (conf_once(p, DIR_HOURS, @1.at))
			conf_note_now(p)->hours = $2;
	}
	| LIST AT word {
		if (conf_once(p, DIR_LIST, @1.at))
			conf_now(p)->list_at = conf_minute(p, $3) + 1u;
	}
	| ACCEPT { (void)conf_once(p, DIR_ACCEPT, @1.at); } accepts
	| FORWARD TO word {
		if (conf_once(p, DIR_FORWARD, @1.at)) {
			conf_now(p)->forward = conf_id(p, $3, "partner");
			conf_note_now(p)->forward_at = $3.at;
		}
	}
	| REPLY { (void)conf_once(p, DIR_REPLY, @1.at); } replywhat replyopts
	| REPLY CONTROL AS word {
		if (conf_now(p)->control_format != NULL)
			conf_wrong(p, $4.at,
			    "'reply control' is given twice");
		conf_now(p)->control_format = $4.p;
		conf_now(p)->replies |= REPLY_CONTROL;
		conf_note_now(p)->control_as_at = $4.at;
	}
	| REPLY DECISION AS word {
		if (conf_now(p)->decision_format != NULL)
			conf_wrong(p, $4.at,
			    "'reply decision' is given twice");
		conf_now(p)->decision_format = $4.p;
		conf_note_now(p)->decision_as_at = $4.at;
	}
	| DEFAULT STRING STRING { conf_default(p, $2, $3); }
	| INTERCHANGE { (void)conf_once(p, DIR_INTERCHANGE, @1.at); } parties
	| HOLD ALL {
		if (conf_once(p, DIR_HOLD, @1.at))
			conf_now(p)->hold_all = true;
	}
	| ATTACHMENTS { (void)conf_once(p, DIR_ATTACHMENTS, @1.at); }
	  endings WITHIN AMOUNT {
		conf_now(p)->attachments_within_ms =
		    (uint32_t)conf_time(p, $5, MS_MAX);
	}
	| submit
	| EXPECT { (void)conf_once(p, DIR_EXPECT, @1.at); } expects
	| retry retryopts
	;

parties:
	  party
	| parties party
	;

party:
	  FROM word qualifier {
		conf_address(p, &conf_now(p)->ours, $2, $3);
	}
	| TO word qualifier {
		conf_address(p, &conf_now(p)->theirs, $2, $3);
	}
	;

qualifier:
	  %empty { $$ = (struct conf_text){ NULL, 0 }; }
	| QUALIFIER word { $$ = $2; }
	;

name:
	  NAME STRING {
		if (conf_once(p, DIR_NAME, @1.at))
			conf_now(p)->en = conf_now(p)->zh = $2.p;
	}
	| NAME STRING STRING {
		if (conf_once(p, DIR_NAME, @1.at)) {
			conf_now(p)->en = $2.p;
			conf_now(p)->zh = $3.p;
		}
	}
	;

folder:
	  FOLDER path {
		if (conf_once(p, DIR_FOLDER, @1.at)) {
			conf_now(p)->folder = conf_path(p, $2);
			conf_note_now(p)->folder_at = $2.at;
		}
	}
	;

folderopts:
	  %empty
	| folderopts folderopt
	;

folderopt:
	  LAYOUT PLAIN {
		conf_option(p, OPT_LAYOUT, @1.at);
		conf_layout(p, LAYOUT_PLAIN);
	}
	| LAYOUT IMPORT_CLIENT {
		conf_option(p, OPT_LAYOUT, @1.at);
		conf_layout(p, LAYOUT_IMPORT_CLIENT);
	}
	| IN word {
		conf_option(p, OPT_IN, @1.at);
		conf_now(p)->in = conf_box(p, $2);
		conf_note_now(p)->in_given = true;
	}
	| OUT word {
		conf_option(p, OPT_OUT, @1.at);
		conf_now(p)->out = conf_box(p, $2);
		conf_note_now(p)->out_given = true;
	}
	| SENT word {
		conf_option(p, OPT_SENT, @1.at);
		conf_now(p)->sent = conf_box(p, $2);
	}
	| REFUSED word {
		conf_option(p, OPT_REFUSED, @1.at);
		conf_now(p)->refused = conf_box(p, $2);
	}
	| OWNER word {
		conf_option(p, OPT_OWNER, @1.at);
		conf_now(p)->owner = $2.p;
	}
	| COMPLETE ON {
		conf_option(p, OPT_COMPLETE, @1.at);
	} complete
	;

complete:
	  RENAME { conf_now(p)->complete = COMPLETE_RENAME; }
	| CLOSE { conf_now(p)->complete = COMPLETE_CLOSE; }
	| MARKER word {
		conf_now(p)->complete = COMPLETE_MARKER;
		conf_now(p)->marker = conf_part(p, $2);
	}
	| QUIET AMOUNT {
		conf_now(p)->complete = COMPLETE_QUIET;
		conf_now(p)->quiet_ms = (uint32_t)conf_time(p, $2, MS_MAX);
	}
	;

/* No keyword is a right, and "to" is none that was meant for one. */
rights:
	  own {
		conf_allow_begin(p);
		conf_allow_right(p, $1);
	}
	| rights comma own { conf_allow_right(p, $3); }
	;

accepts:
	  word { conf_accept(p, $1); }
	| accepts comma word { conf_accept(p, $3); }
	;

endings:
	  word { conf_ending(p, $1); }
	| endings comma word { conf_ending(p, $3); }
	;

replywhat:
	  replies { conf_now(p)->replies |= $1; }
	| NONE
	;

replies:
	  reply
	| replies comma reply { $$ = $1 | $3; }
	;

reply:
	  TAKEN { $$ = REPLY_TAKEN; }
	| FINDINGS { $$ = REPLY_FINDINGS; }
	| STATUS { $$ = REPLY_STATUS; }
	;

replyopts:
	  %empty
	| replyopts replyopt
	;

replyopt:
	  AS word {
		conf_option(p, OPT_AS, @1.at);
		conf_now(p)->reply_format = $2.p;
		conf_note_now(p)->reply_as_at = $2.at;
	}
	| LANGUAGE ZH {
		conf_option(p, OPT_LANGUAGE, @1.at);
		conf_now(p)->language = LANGUAGE_ZH;
	}
	| LANGUAGE EN {
		conf_option(p, OPT_LANGUAGE, @1.at);
		conf_now(p)->language = LANGUAGE_EN;
	}
	| WINDOW AMOUNT {
		conf_option(p, OPT_WINDOW, @1.at);
		conf_now(p)->reply_window =
		    (uint32_t)conf_number(p, $2, 0, 100000);
	}
	| TOGETHER WITHIN AMOUNT {
		conf_option(p, OPT_TOGETHER, @1.at);
		conf_now(p)->together_ms =
		    (uint32_t)conf_time(p, $3, MS_MAX);
	}
	| ENCODING word {
		conf_option(p, OPT_ENCODING, @1.at);
		conf_now(p)->reply_encoding = conf_encoding(p, $2);
	}
	;

submit:
	  SUBMIT word AS word {
		(void)conf_once(p, DIR_SUBMIT, @1.at);
		$$ = conf_submit_new(p, $2, $4, @2.at);
	}
	| submit WINDOW AMOUNT {
		conf_option(p, OPT_WINDOW, @2.at);
		$$ = $1;
		$$->window = (uint32_t)conf_number(p, $3, 0, 100000);
	}
	| submit BATCH AMOUNT {
		conf_option(p, OPT_BATCH, @2.at);
		$$ = $1;
		$$->batch = (uint32_t)conf_number(p, $3, 1, 1000);
	}
	| submit BATCH AMOUNT WITHIN AMOUNT {
		conf_option(p, OPT_BATCH, @2.at);
		$$ = $1;
		$$->batch = (uint32_t)conf_number(p, $3, 2, 1000);
		$$->batch_within_ms = (uint32_t)conf_time(p, $5, MS_MAX);
	}
	| submit SEQUENCE GAPLESS {
		conf_option(p, OPT_SEQUENCE, @2.at);
		$$ = $1;
		$$->gapless = true;
	}
	| submit SEQUENCE UNIQUE {
		conf_option(p, OPT_SEQUENCE, @2.at);
		$$ = $1;
		$$->gapless = false;
	}
	| submit ZIP {
		conf_option(p, OPT_ZIP, @2.at);
		$$ = $1;
		$$->zip = true;
	}
	| submit ATTACHMENTS NONE {
		conf_option(p, OPT_NONE, @2.at);
		$$ = $1;
		$$->bare = true;
	}
	| submit TEST yesno {
		conf_option(p, OPT_TEST, @2.at);
		$$ = $1;
		$$->test = $3 != 0;
	}
	;

yesno:
	  YES { $$ = 1; }
	| NO { $$ = 0; }
	;

expects:
	  expect
	| expects comma expect
	;

expect:
	  TECHNICAL WITHIN AMOUNT byhours {
		conf_option(p, OPT_TECHNICAL, @1.at);
		conf_now(p)->technical_within_ms =
		    (uint32_t)conf_time(p, $3, MS_MAX);
		conf_now(p)->technical_by_hours = $4 != 0;
	}
	| DECISION WITHIN AMOUNT byhours {
		conf_option(p, OPT_DECISION, @1.at);
		conf_now(p)->decision_within_ms =
		    (uint32_t)conf_time(p, $3, MS_MAX);
		conf_now(p)->decision_by_hours = $4 != 0;
	}
	;

byhours:
	  %empty { $$ = 0; }
	| BY HOURS {
		$$ = 1;
		if (conf_note_now(p)->by_hours_at == 0)
			conf_note_now(p)->by_hours_at = @1.at + 1;
	}
	;

retry:
	  RETRY EVERY AMOUNT {
		struct conf_partner *c = conf_now(p);

		(void)conf_once(p, DIR_RETRY, @1.at);
		c->retry_every_ms = (uint32_t)conf_time(p, $3, MS_MAX);
		c->retry_upto_ms = 0; /* check.c: as every, if not given */
		c->retry_doubling = false;
	}
	;

retryopts:
	  %empty
	| retryopts retryopt
	;

retryopt:
	  DOUBLING {
		conf_option(p, OPT_DOUBLING, @1.at);
		conf_now(p)->retry_doubling = true;
	}
	| UPTO AMOUNT {
		conf_option(p, OPT_UPTO, @1.at);
		conf_now(p)->retry_upto_ms =
		    (uint32_t)conf_time(p, $2, MS_MAX);
	}
	| FOR AMOUNT {
		conf_option(p, OPT_FOR, @1.at);
		conf_now(p)->retry_for_ms = conf_time(p, $2, UINT64_MAX);
	}
	;

comma:
	  ','
	| comma NL
	;

word:
	  own
	| keyword
	;

/* The lexer makes a word of a keyword before "{": "agency peer peer {". */
own:
	  WORD
	| STRING
	| AMOUNT
	;

keyword:
	  DATES | SPOOL | MAPPINGS | NODE | USER | CONTROL | FILER | AGENCY
	| SUBSCRIBER | PEER | RESERVE | KEEP | DAYS | NAME | FOLDER
	| LAYOUT | PLAIN | IMPORT_CLIENT | IN | OUT | OWNER | COMPLETE
	| ON | RENAME | MARKER | CLOSE | QUIET | LIMIT | ACCEPT
	| FORWARD | TO | REPLY | NONE | TAKEN | FINDINGS | STATUS | AS
	| LANGUAGE | EN | ZH | ENCODING | HOLD | ALL | SUBMIT | WINDOW
	| BATCH | ZIP | TEST | YES | NO | EXPECT | TECHNICAL | DECISION
	| WITHIN | RETRY | EVERY | DOUBLING | UPTO | CALENDAR | ZONE
	| OPEN | CLOSED | SENT | REFUSED | HOURS | LIST | AT | SEQUENCE
	| GAPLESS | UNIQUE | BY | FOR | DEFAULT | ATTACHMENTS | ALLOW
	| GROUP | INTERCHANGE | FROM | QUALIFIER | TOGETHER
	;

path:
	  STRING
	| WORD
	;

%%

static bool
token_is_value(yysymbol_kind_t k)
{
	return k == YYSYMBOL_WORD || k == YYSYMBOL_STRING ||
	       k == YYSYMBOL_AMOUNT;
}

static bool
token_is_keyword(yysymbol_kind_t k)
{
	return k >= YYSYMBOL_SPOOL && k <= YYSYMBOL_FOR;
}

static int
name_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One of "{", "}" and ",", which have no names. */
static bool
token_is(yysymbol_kind_t k, char c)
{
	const char *name = yysymbol_name(k);

	return name[0] == '\'' && name[1] == c;
}

/* What may stand where a mistake is. */
struct wanted {
	bool may[YYNTOKENS];
	int keywords; /* 0: a name may stand, and so any of them */
	bool end;     /* the file is at its end, and a block is not */
};

/*
 * Worth telling? Beside keywords only that a block may open. A name may be
 * spelled in three ways, a path in two; a block may end wherever a line may.
 */
static bool
wanted_told(const struct wanted *w, yysymbol_kind_t k)
{
	if (w->end)
		return token_is(k, '}');
	if (w->keywords > 0)
		return token_is_keyword(k) || token_is(k, '{');
	if (k == YYSYMBOL_STRING || k == YYSYMBOL_AMOUNT)
		return !w->may[YYSYMBOL_WORD];
	if (token_is(k, '}'))
		return !w->may[YYSYMBOL_NL];
	return !token_is_keyword(k) && k != YYSYMBOL_YYEOF;
}

/* "a, b or c" of what is expected. */
static void
wanted_list(const struct wanted *w, struct buf *out)
{
	const char *name[YYNTOKENS];
	int m = 0;

	for (int i = 0; i < YYNTOKENS; i++) {
		yysymbol_kind_t k = (yysymbol_kind_t)i;

		if (!w->may[i] || !wanted_told(w, k))
			continue;
		name[m++] = k == YYSYMBOL_WORD && !w->may[YYSYMBOL_AMOUNT]
				? "a path"
				: yysymbol_name(k);
	}
	qsort(name, (size_t)m, sizeof(name[0]), name_cmp);
	for (int i = 0; i < m; i++)
		buf_fmt(out, "%s%s", i == 0 ? "" : i + 1 == m ? " or " : ", ",
		    name[i]);
}

static void
wanted_take(const yypcontext_t *ctx, struct wanted *w)
{
	yysymbol_kind_t all[YYNTOKENS];
	int n = yypcontext_expected_tokens(ctx, all, YYNTOKENS);

	*w = (struct wanted){ .end = false };
	for (int i = 0; i < n; i++) {
		w->may[all[i]] = true;
		w->keywords += token_is_keyword(all[i]);
		w->end |= token_is(all[i], '}') &&
			  yypcontext_token(ctx) == YYSYMBOL_YYEOF;
	}
	if (w->may[YYSYMBOL_WORD])
		w->keywords = 0;
}

static int
yyreport_syntax_error(const yypcontext_t *ctx, struct conf_parser *p)
{
	yysymbol_kind_t got = yypcontext_token(ctx);
	struct conf_place at = *yypcontext_location(ctx);
	struct slice source = slice_sub(p->w->text, at.at, at.end - at.at);
	struct wanted wanted;
	struct buf list;

	buf_init(&list, 4096);
	wanted_take(ctx, &wanted);
	wanted_list(&wanted, &list);
	conf_line_lost(p);
	if (got == YYSYMBOL_YYUNDEF)
		; /* the lexer has told it */
	else if (!token_is_value(got) && !token_is_keyword(got))
		conf_wrong(p, at.at, "found %s, want %s", yysymbol_name(got),
		    buf_cstr(&list));
	else if (!token_is_keyword(got) && wanted.keywords > 1)
		conf_wrong(p, at.at, "unknown keyword '%.*s', want one of %s",
		    SLICE_ARG(source), buf_cstr(&list));
	else
		conf_wrong(p, at.at, "found '%.*s', want %s",
		    SLICE_ARG(source), buf_cstr(&list));
	buf_clear(&list);
	return 0;
}

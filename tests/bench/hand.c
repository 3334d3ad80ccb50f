/*
 * bench/hand.c - the same translation written by hand for this one message:
 * the limit that a described format is held against. One look at each byte,
 * qualifiers by switch, codes by comparison; no envelope, no table, no place,
 * no finding, no trace. The bench holds its output against ours: the same
 * bytes. Called by convert.c.
 */
#include "tests/bench/hand.h"

#define S(s) SLICE_LIT(s)

/* --- codes --- */

static struct slice
country(struct slice s)
{
	switch (word(s)) {
	case W2('D', 'E'):
		return S("DEU");
	case W2('C', 'N'):
		return S("CHN");
	case W2('E', 'S'):
		return S("ESP");
	case W2('F', 'R'):
		return S("FRA");
	case W2('U', 'S'):
		return S("USA");
	default:
		return S("");
	}
}

static struct slice
unit(struct slice s)
{
	switch (word(s)) {
	case W3('K', 'G', 'M'):
		return S("035");
	case W3('L', 'T', 'R'):
		return S("095");
	default:
		return s;
	}
}

static struct slice
transport(struct slice s)
{
	switch (word(s)) {
	case '1':
		return S("2");
	case '2':
		return S("3");
	case '3':
		return S("4");
	case '4':
		return S("5");
	default:
		return S("");
	}
}

static struct slice
terms(struct slice s)
{
	switch (word(s)) {
	case W3('C', 'I', 'F'):
		return S("1");
	case W3('C', 'F', 'R'):
		return S("2");
	case W3('F', 'O', 'B'):
		return S("3");
	default:
		return S("");
	}
}

static struct slice
packing(struct slice s)
{
	return slice_is(s, "CT") ? S("22") : S("");
}

/* Without zeros behind the mark. */
static struct slice
plain(struct slice s)
{
	if (s.len == 0 || memchr(s.p, '.', s.len) == NULL)
		return s;
	while (s.p[s.len - 1] == '0')
		s.len--;
	if (s.p[s.len - 1] == '.')
		s.len--;
	return s;
}

static struct slice
promises(const struct message *m, char text[5])
{
	text[0] = m->special.len > 0 ? m->special.p[0] : '9';
	text[1] = m->influence.len > 0 ? m->influence.p[0] : '9';
	text[2] = m->royalty.len > 0 ? m->royalty.p[0] : '9';
	text[3] = m->formula.len > 0 ? m->formula.p[0] : '9';
	text[4] = m->provisional.len > 0 ? m->provisional.p[0] : '9';
	return (struct slice){ text, 5 };
}

/* --- writing --- */

static void
escaped(struct buf *b, struct slice s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *as = s.p[i] == '<'   ? "&lt;"
				 : s.p[i] == '>' ? "&gt;"
				 : s.p[i] == '&' ? "&amp;"
						 : NULL;

		if (as == NULL)
			continue;
		buf_add(b, s.p + from, i - from);
		buf_str(b, as);
		from = i + 1;
	}
	buf_add(b, s.p + from, s.len - from);
}

/* Tags are literals: the compiler writes them out. */
#define none(b, tag) buf_slice((b), S("<" tag "/>"))
#define put(b, tag, value)                                                     \
	do {                                                                   \
		struct slice text_ = (value);                                  \
                                                                               \
		if (text_.len == 0) {                                          \
			none(b, tag);                                          \
		} else {                                                       \
			buf_slice((b), S("<" tag ">"));                        \
			escaped((b), text_);                                   \
			buf_slice((b), S("</" tag ">"));                       \
		}                                                              \
	} while (0)

static void
item_write(const struct goods *g, struct buf *b)
{
	buf_slice(b, S("<DecList>"));
	none(b, "ClassMark");
	put(b, "CodeTS", g->code);
	none(b, "ContrItem");
	put(b, "DeclPrice", plain(g->price));
	put(b, "DutyMode", g->duty);
	none(b, "Factor");
	put(b, "GModel", g->model);
	put(b, "GName", g->name);
	put(b, "GNo", g->number);
	put(b, "OriginCountry", country(g->origin));
	put(b, "TradeCurr", g->currency);
	put(b, "DeclTotal", plain(g->total));
	put(b, "GQty", plain(g->quantity));
	put(b, "FirstQty", plain(g->quantity1));
	put(b, "SecondQty", plain(g->quantity2));
	put(b, "GUnit", unit(g->unit));
	put(b, "FirstUnit", unit(g->unit1));
	put(b, "SecondUnit", unit(g->unit2));
	none(b, "UseTo");
	none(b, "WorkUsd");
	none(b, "ExgNo");
	none(b, "ExgVersion");
	put(b, "DestinationCountry", country(g->destination));
	put(b, "CiqCode", g->ciq);
	put(b, "DeclGoodsEname", g->foreign);
	none(b, "OrigPlaceCode");
	put(b, "Purpose", g->purpose);
	none(b, "ProdValidDt");
	none(b, "ProdQgp");
	put(b, "GoodsAttr", g->attributes);
	none(b, "Stuff");
	none(b, "Uncode");
	none(b, "DangName");
	none(b, "DangPackType");
	none(b, "DangPackSpec");
	none(b, "EngManEntCnm");
	none(b, "NoDangFlag");
	put(b, "DestCode", g->dest);
	none(b, "GoodsSpec");
	none(b, "GoodsModel");
	none(b, "GoodsBrand");
	none(b, "ProduceDate");
	none(b, "ProdBatchNo");
	put(b, "DistrictCode", g->district);
	put(b, "CiqName", g->ciq_name);
	none(b, "MnufctrRegNo");
	none(b, "MnufctrRegName");
	none(b, "RcepOrigPlaceCode");
	none(b, "ControlExplainCode");
	buf_slice(b, S("</DecList>"));
}

static void
head_write(const struct message *m, struct buf *b)
{
	char text[5];

	buf_slice(b, S("<DecHead>"));
	none(b, "SeqNo");
	put(b, "IEFlag", S("I"));
	none(b, "Type");
	put(b, "AgentCode", m->dt.code);
	put(b, "AgentName", m->dt.name);
	none(b, "ApprNo");
	put(b, "BillNo", m->bill);
	put(b, "ContrNo", m->contract);
	put(b, "CustomMaster", m->office);
	put(b, "CutMode", m->levy);
	put(b, "DistinatePort", m->via);
	put(b, "FeeCurr", m->freight_currency);
	put(b, "FeeMark", m->freight_mark);
	put(b, "FeeRate", plain(m->freight));
	put(b, "GrossWet", plain(m->gross));
	put(b, "IEDate", m->border_date);
	put(b, "IEPort", m->border);
	put(b, "InsurCurr", m->insurance_currency);
	put(b, "InsurMark", m->insurance_mark);
	put(b, "InsurRate", plain(m->insurance));
	none(b, "LicenseNo");
	none(b, "ManualNo");
	put(b, "NetWt", plain(m->net));
	put(b, "NoteS", m->note);
	none(b, "OtherCurr");
	none(b, "OtherMark");
	none(b, "OtherRate");
	put(b, "OwnerCode", m->go.code);
	put(b, "OwnerName", m->go.name);
	put(b, "PackNo", m->packages);
	put(b, "TradeCode", m->cn.code);
	put(b, "TradeCountry", country(m->dispatch));
	put(b, "TradeMode", m->regime);
	put(b, "TradeName", m->cn.name);
	put(b, "TrafMode", transport(m->mode));
	put(b, "TrafName", m->voyage);
	put(b, "TransMode", terms(m->terms));
	put(b, "WrapType", packing(m->packing));
	none(b, "EntryId");
	none(b, "PreEntryId");
	put(b, "EdiId", S("1"));
	none(b, "Risk");
	put(b, "CopName", m->ms.name);
	put(b, "CopCode", m->ms.code);
	put(b, "EntryType", S("M"));
	none(b, "PDate");
	put(b, "TypistNo", m->ms.clerk_id);
	put(b, "InputerName", m->ms.clerk);
	none(b, "PartenerID");
	none(b, "TgdNo");
	none(b, "DataSource");
	put(b, "DeclTrnRel", S("0"));
	none(b, "ChkSurety");
	none(b, "BillType");
	put(b, "CopCodeScc", m->ms.id);
	put(b, "OwnerCodeScc", m->go.id);
	put(b, "AgentCodeScc", m->dt.id);
	put(b, "TradeCoScc", m->cn.id);
	put(b, "PromiseItmes", promises(m, text));
	put(b, "TradeAreaCode", country(m->trade));
	none(b, "CheckFlow");
	none(b, "TaxAaminMark");
	put(b, "MarkNo", m->marks);
	put(b, "DespPortCode", m->loading);
	put(b, "EntyPortCode", m->entry);
	put(b, "GoodsPlace", m->place);
	none(b, "BLNo");
	none(b, "InspOrgCode");
	none(b, "SpecDeclFlag");
	put(b, "PurpOrgCode", m->destination);
	put(b, "DespDate", m->departure);
	none(b, "CmplDschrgDt");
	none(b, "CorrelationReasonFlag");
	none(b, "VsaOrgCode");
	none(b, "OrigBoxFlag");
	put(b, "DeclareName", m->dt.clerk);
	put(b, "NoOtherPack", m->other_pack);
	none(b, "OrgCode");
	none(b, "OverseasConsignorCode");
	none(b, "OverseasConsignorCname");
	put(b, "OverseasConsignorEname", m->cz.foreign);
	put(b, "OverseasConsignorAddr", m->cz.street);
	none(b, "OverseasConsigneeCode");
	none(b, "OverseasConsigneeEname");
	put(b, "DomesticConsigneeEname", m->cn.foreign);
	none(b, "CorrelationNo");
	none(b, "TradeCiqCode");
	none(b, "OwnerCiqCode");
	none(b, "DeclCiqCode");
	none(b, "EdiRemark2");
	none(b, "EdiRemark");
	buf_slice(b, S("</DecHead>"));
}

static void
message_write(const struct message *m, struct slice now, struct buf *b)
{
	buf_slice(b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?><DecMessage "
		       "xmlns=\"http://www.chinaport.gov.cn/dec\" "
		       "Version=\"4.8\">"));
	head_write(m, b);
	buf_slice(b, S("<DecLists>"));
	for (unsigned int i = 0; i < m->ngoods; i++)
		item_write(&m->goods[i], b);
	buf_slice(
	    b, S("</DecLists><DecFreeTxt><RelId/><RelManNo/><BonNo/><VoyNo/>"
		 "<DecBpNo/><CusFie/><DecNo/></DecFreeTxt><DecSign>"));
	put(b, "OperType", m->operation);
	put(b, "ICCode", m->ms.clerk_id);
	put(b, "CopCode", m->ms.code);
	none(b, "OperName");
	put(b, "ClientSeqNo", m->number);
	none(b, "Sign");
	put(b, "SignDate", now);
	buf_slice(b, S("<Certificate/><HostId/><BillSeqNo/><DomainId/><Note/>"
		       "</DecSign></DecMessage>"));
}

void
hand_convert(
    struct slice in, struct slice now, struct arena *mem, struct buf *b)
{
	struct message *m = arena_get(mem, sizeof(*m));

	if (m == NULL)
		return;
	hand_read(m, in, mem);
	buf_reset(b);
	message_write(m, now, b);
}

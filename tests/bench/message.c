/*
 * bench/message.c - the declarations the benches offer: one import of 5 goods
 * lines in CUSDEC D.96B; only its numbers change, so that no run is cheaper
 * than another. Called by path_filer.c and offer.c.
 */
#include "tests/bench/message.h"

#define NUMBER_HEAD "5101202411"

static const char head[] =
    "CST++0110:REG:ZZZ+101:LEV:ZZZ'\n"
    "LOC+9+DEU003:139:ZZZ'\nLOC+13+DEU003:139:ZZZ'\n"
    "LOC+60+510001:139:ZZZ'\nLOC+14+:::示例监管仓库'\n"
    "LOC+22+7900:141:ZZZ'\nLOC+41+7902:141:ZZZ'\nLOC+122+7901:141:ZZZ'\n"
    "LOC+35+DE:162:5'\nLOC+40+DE:162:5'\n"
    "DTM+137:202411201030:203'\nDTM+178:20241118:102'\n"
    "DTM+133:20241115:102'\n"
    "GIS+C:OPT:ZZZ'\nGIS+0:SPR:ZZZ'\nGIS+0:INF:ZZZ'\nGIS+0:ROY:ZZZ'\n"
    "GIS+9:FRM:ZZZ'\nGIS+9:PRV:ZZZ'\nGIS+0:NOP:ZZZ'\n"
    "MEA+AAE+G+KGM:2585.792'\nMEA+AAE+AAC+KGM:2350.72'\n"
    "FTX+AAI+++本批货物为一般贸易进口，到货后存放于监管仓库。"
    "如?:需查验请提前通知。'\n"
    "RFF+AAS:999-00001111'\n";
static const char middle[] =
    "PAC+231++CT:67:6'\nPCI+28+N/M'\nRFF+CT:HT-2024-001'\n"
    "TDT+20+CA0000+4++CA:172:3'\n"
    "NAD+CN+91510100MATEST0011::ZZ+SICHUAN SAMPLE INTERNATIONAL TRADIN:G CO "
    "LTD+四川示例国际贸易有限公司+示例路1号+成都市++610000+CN'\n"
    "RFF+XA:5101960001'\n"
    "NAD+CZ+++SAMPLE GMBH+MUSTERSTRASSE 1+HAMBURG++20095+DE'\n"
    "NAD+GO+91510100MATEST0011::ZZ++四川示例国际贸易有限公司'\n"
    "RFF+XA:5101960001'\n"
    "NAD+DT+91510100MATEST0029::ZZ++成都示例报关有限公司'\n"
    "RFF+XA:5101980002'\nCTA+IC+:测试申报员'\n"
    "NAD+MS+91510100MATEST0029::ZZ++成都示例报关有限公司'\n"
    "RFF+XA:MATEST002'\nCTA+IC+0000000000000:测试录入员'\nTOD+++FOB'\n"
    "MOA+39:706019.38:USD'\nMOA+64:6898.1938:USD::3'\nMOA+67:0.3:::1'\n"
    "UNS+D'\nDMS+INV-2024-0001+380'\nDTM+3:20241110:102'\n";

/* A goods line: its number goes in front. */
static const char phone[] =
    "+8517130000:122:ZZZ'\nFTX+AAA+++智能手机'\nFTX+IND+++Smart phone'\n"
    "FTX+PRD+++1|0|示例牌|型号X1'\nFTX+QIN+++智能手机'\n"
    "LOC+27+DE:162:5'\nLOC+28+CN:162:5'\nLOC+7+510100::ZZZ'\n"
    "LOC+47+51019::ZZZ'\nMEA+AAF++001:1110'\nMEA+AAR++001:1110'\n"
    "MOA+38:568873.78:USD'\nMOA+146:512.4989:USD'\n"
    "GIS+1:DTY:ZZZ'\nGIS+19:GAT:ZZZ'\nGIS+99:PUR:ZZZ'\nGIS+999:CIQ:ZZZ'\n";
static const char fruit[] =
    "+0805100000:122:ZZZ'\nFTX+AAA+++鲜橙'\nFTX+IND+++Fresh oranges'\n"
    "FTX+PRD+++鲜|一级'\nFTX+QIN+++鲜橙'\n"
    "LOC+27+ES:162:5'\nLOC+28+CN:162:5'\nLOC+7+510100::ZZZ'\n"
    "LOC+47+51019::ZZZ'\nMEA+AAF++KGM:526'\nMEA+AAR++KGM:526'\n"
    "MOA+38:120945.60:USD'\nMOA+146:229.9346:USD'\n"
    "GIS+1:DTY:ZZZ'\nGIS+19:GAT:ZZZ'\nGIS+99:PUR:ZZZ'\nGIS+999:CIQ:ZZZ'\n";
static const char wine[] =
    "+2204210000:122:ZZZ'\nFTX+AAA+++红葡萄酒'\nFTX+IND+++Red wine'\n"
    "FTX+PRD+++4|3|红葡萄酒|品牌?:SAMPLE CHATEAU RESERVE GRANDE CUVEE|"
    "容器容积750毫升/瓶|酒精度13%vol|:年份2021|产区莱茵高|葡萄品种黑皮诺'\n"
    "FTX+QIN+++红葡萄酒'\nLOC+27+DE:162:5'\nLOC+28+CN:162:5'\n"
    "LOC+7+510100::ZZZ'\nLOC+47+51019::ZZZ'\nMEA+AAF++142:1200'\n"
    "MEA+AAR++LTR:900'\nMEA+AAS++KGM:1050.5'\nMOA+38:5400.00:USD'\n"
    "MOA+146:4.5000:USD'\n"
    "GIS+1:DTY:ZZZ'\nGIS+19:GAT:ZZZ'\nGIS+99:PUR:ZZZ'\nGIS+999:CIQ:ZZZ'\n";
static const char tail[] = "UNS+S'\nCNT+5:5'\nCNT+11:231'\n";

static unsigned int
segments_count(struct slice s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '\'' && s.p[i - 1] != '?';
	return n;
}

static void
message_add(struct buf *b, uint32_t reference, uint32_t number)
{
	static const char *const goods[] = { phone, fruit, wine, wine, wine };
	size_t from = b->len;

	buf_fmt(b, "UNH+%u+CUSDEC:D:96B:UN'\nBGM+929+" NUMBER_HEAD "%08u+9'\n",
	    reference, number);
	buf_str(b, head);
	buf_fmt(b, "RFF+ABO:" NUMBER_HEAD "%08u'\n", number);
	buf_str(b, middle);
	for (unsigned int i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
		buf_fmt(b, "CST+%u", i + 1);
		buf_str(b, goods[i]);
	}
	buf_str(b, tail);
	if (!buf_failed(b))
		buf_fmt(b, "UNT+%u+%u'\n",
		    segments_count(slice_sub(buf_look(b), from, b->len)) + 1,
		    reference);
}

void
message_interchange(
    struct buf *b, uint32_t interchange, uint32_t from, uint32_t n)
{
	buf_fmt(b,
	    "UNA:+.? '\nUNB+UNOW:4+5101980002:ZZ+ENTREPOT:ZZ+20241120:1030"
	    "+BENCH%08u'\n",
	    interchange);
	for (uint32_t i = 0; i < n; i++)
		message_add(b, i + 1, from + i);
	buf_fmt(b, "UNZ+%u+BENCH%08u'\n", n, interchange);
}

bool
message_number(struct slice s, uint32_t *number)
{
	uint64_t n;

	if (s.len != NUMBER_LEN || !slice_starts(s, NUMBER_HEAD) ||
	    !slice_u64(slice_sub(s, sizeof(NUMBER_HEAD) - 1, 8), &n))
		return false;
	*number = (uint32_t)n;
	return true;
}

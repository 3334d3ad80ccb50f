/*
 * spool/view_rows.h - the columns of one thing in a list: machine, id, state,
 * partner, other, name, outcome, why, at_ms, count, test, up, kind, number, t.
 * Inside spool/ only; read by view_row_read().
 */
#ifndef SPOOL_VIEW_ROWS_H
#define SPOOL_VIEW_ROWS_H

#define ROW_ARRIVAL                                                            \
	"SELECT 'arrival' AS machine, id AS id, state AS state,"               \
	" partner AS partner, format AS other, name AS name,"                  \
	" CASE WHEN refused THEN 'refused' WHEN EXISTS(SELECT 1 FROM filing f" \
	" WHERE f.arrival = arrival.id AND f.state IN ('refused', 'held'))"    \
	" THEN 'findings' WHEN EXISTS(SELECT 1 FROM leg l WHERE l.arrival ="   \
	" arrival.id AND l.state IN ('written', 'held')) THEN 'waits' ELSE ''" \
	" END AS outcome, why AS why, taken_ms AS at_ms, filings + receipts "  \
	"AS count,"                                                            \
	" test AS test, 0 AS up, format AS kind, name AS number, t AS t"       \
	" FROM arrival"
#define ROW_FILING                                                             \
	"SELECT 'filing' AS machine, id AS id, state AS state,"                \
	" partner AS partner, kind AS other, label AS name, '' AS outcome,"    \
	" why AS why, made_ms AS at_ms, number AS count, test AS test,"        \
	" arrival AS up, kind AS kind, label AS number, t AS t FROM filing"
#define ROW_LEG                                                                \
	"SELECT 'leg' AS machine, id AS id, state AS state,"                   \
	" agency AS partner, filer AS other, lane AS name,"                    \
	" outcome AS outcome, why AS why, written_ms AS at_ms,"                \
	" answers AS count, test AS test, filing AS up, (SELECT kind FROM"     \
	" filing f WHERE f.id = leg.filing) AS kind, (SELECT label FROM"       \
	" filing f WHERE f.id = leg.filing) AS number, t AS t FROM leg"
#define ROW_DELIVERY                                                           \
	"SELECT 'delivery' AS machine, id AS id, state AS state,"              \
	" partner AS partner, kind AS other, name AS name, '' AS outcome,"     \
	" why AS why, planned_ms AS at_ms, CASE kind WHEN 'legs' THEN legs"    \
	" ELSE tries END AS count, test AS test, arrival AS up, kind AS kind," \
	" name AS number, t AS t FROM delivery"
#define ROW_RECEIPT                                                            \
	"SELECT 'receipt' AS machine, id AS id, state AS state,"               \
	" partner AS partner, '' AS other, '' AS name, '' AS outcome,"         \
	" why AS why, parked_ms AS at_ms, number AS count, 0 AS test,"         \
	" arrival AS up, '' AS kind, replace(replace(keys, char(30), ' '),"    \
	" char(29), '=') AS number, t AS t FROM receipt"

/* Those that have something in this state: the body of a recursive CTE. */
#define FIRST_PARTNER(cte, table, state)                                       \
	cte "(p) AS (SELECT min(partner) FROM " table " WHERE state = " state  \
	    " UNION ALL SELECT (SELECT min(partner) FROM " table               \
	    " WHERE state = " state " AND partner > p) FROM " cte              \
	    " WHERE p IS NOT NULL)"

#endif

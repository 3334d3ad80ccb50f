#!/bin/sh
# orders.sh FILE...: of the status replies in a table, for each declaration the
# agencies in the order in which each said "released", and the filing's last
# word. The files' own order is the order of telling.
LC_ALL=C awk '
function cells(line, c,    n, i, ch, q, s) {
	n = 0; s = ""; q = 0
	for (i = 1; i <= length(line); i++) {
		ch = substr(line, i, 1)
		if (ch == "\"") q = !q
		else if (ch == "," && !q) { c[++n] = s; s = "" }
		else s = s ch
	}
	c[++n] = s
	return n
}
{ sub(/\r$/, "") }
FNR == 1 {
	n = cells($0, head)
	for (i = 1; i <= n; i++) at[head[i]] = i
	next
}
{
	cells($0, c)
	number = c[at["Reference"]]
	agency = c[at["Agency"]]
	if (agency == "")
		last[number] = c[at["Status"]]
	else if (c[at["Outcome"]] == "released" && !((number, agency) in seen)) {
		seen[number, agency] = 1
		order[number] = order[number] sprintf("%-12s", agency)
	}
}
END {
	for (number in order)
		printf "  %s  %s %s\n", number, order[number], last[number]
}' "$@" | sort

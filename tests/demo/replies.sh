#!/bin/sh
# replies.sh [--findings] FILE: the rows of a csv-status reply, for people:
# file, agency ("-": the filing's own word), state and detail, tab separated; or
# one finding a line with its place.
findings=
if [ "$1" = --findings ]; then
	findings=1
	shift
fi
LC_ALL=C awk -v file="${1##*/}" -v findings="$findings" '
# Cells of a line, quotes taken off; returns how many.
function cells(line, c,    n, i, ch, q, s) {
	n = 0; s = ""; q = 0
	for (i = 1; i <= length(line); i++) {
		ch = substr(line, i, 1)
		if (q) {
			if (ch != "\"") s = s ch
			else if (substr(line, i + 1, 1) == "\"") { s = s ch; i++ }
			else q = 0
		} else if (ch == "\"") q = 1
		else if (ch == ",") { c[++n] = s; s = "" }
		else s = s ch
	}
	c[++n] = s
	return n
}
{ sub(/\r$/, "") }
NR == 1 {
	n = cells($0, head)
	for (i = 1; i <= n; i++) at[head[i]] = i
	next
}
{
	cells($0, c)
	if (findings) {
		printf "%3d:%-3d %s %-26s %s\n", c[at["Line"]], \
		    c[at["Column"]], c[at["Code"]], c[at["Place"]], \
		    c[at["Text"]]
		next
	}
	state = c[at["Outcome"]] != "" ? c[at["Outcome"]] : c[at["Status"]]
	agency = c[at["Agency"]]
	detail = c[at["Agency" "\047" "s code"]] "  " c[at["Agency" "\047" "s text"]]
	if (agency == "") {
		agency = "-"
		detail = c[at["Reference"]] "  " c[at["Status text"]]
		state = c[at["Status"]]
	}
	number = c[at["Customs number"]]
	if (number == "") number = c[at["Single Window number"]]
	if (number != "") detail = detail "  " number
	if (c[at["Code"]] != "") {
		codes = codes (many++ ? " " : "") c[at["Code"]]
		last = state
		next
	}
	sub(/^ */, "", detail)
	printf "%s\t%s\t%s\t%s\n", file, agency, state, detail
}
END {
	if (many)
		printf "%s\t-\t%s\t%d findings: %s\n", file, last, many, codes
}' "$1"

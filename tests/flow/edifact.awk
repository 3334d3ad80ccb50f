# edifact.awk: an interchange as a list, by a reader that shares nothing with
# the gateway: one line an element or component that has a value,
#
#	MESSAGE<TAB>SEGMENT<TAB>TAG<TAB>ELEMENT.COMPONENT<TAB>VALUE
#
# Numbers count from 1, UNH is segment 1 of its message; outside of messages
# both are 0. A count or reference of a trailer that is wrong is told on
# standard error, and the exit status is 1. Bytes are passed as they are.
function wrong(what)
{
	print what > "/dev/stderr"
	bad = 1
}
function put(element, part, value)
{
	if (value != "")
		printf "%d\t%d\t%s\t%d.%d\t%s\n", message, segment, tag, \
		    element, part, value
	held[element "." part] = value
}
# One segment's parts, read byte by byte.
function parts(text,    i, c, value, element, part)
{
	split("", held)
	value = ""; element = 0; part = 1
	for (i = 1; i <= length(text) + 1; i++) {
		c = i > length(text) ? "" : substr(text, i, 1)
		if (c != "" && c == release) {
			i++
			value = value substr(text, i, 1)
		} else if (c == "" || c == plus || c == colon) {
			if (element > 0)
				put(element, part, value)
			value = ""
			if (c == colon)
				part++
			else {
				element++
				part = 1
			}
		} else
			value = value c
	}
}
function one(text)
{
	sub(/^[ \r\n\t]+/, "", text)
	if (text == "")
		return
	tag = substr(text, 1, 3)
	if (tag == "UNH") {
		messages++
		message = messages
		segment = 0
	}
	if (message)
		segment++
	parts(text)
	if (tag == "UNH")
		reference = held["1.1"]
	else if (tag == "UNB")
		control = held["5.1"]
	else if (tag == "UNT") {
		if (held["1.1"] != segment)
			wrong("UNT says " held["1.1"] ", counted " segment)
		if (held["2.1"] != reference)
			wrong("UNT refers to " held["2.1"] ", not " reference)
		message = segment = 0
	} else if (tag == "UNZ") {
		if (held["1.1"] != messages)
			wrong("UNZ says " held["1.1"] ", counted " messages)
		if (held["2.1"] != control)
			wrong("UNZ refers to " held["2.1"] ", not " control)
		closed = 1
	}
}
{
	all = all (NR > 1 ? "\n" : "") $0
}
END {
	colon = ":"; plus = "+"; release = "?"; end = "'"
	at = 1
	if (substr(all, 1, 3) == "UNA") {
		colon = substr(all, 4, 1)
		plus = substr(all, 5, 1)
		release = substr(all, 7, 1)
		end = substr(all, 9, 1)
		at = 10
	}
	for (from = at; at <= length(all); at++) {
		c = substr(all, at, 1)
		if (c == release)
			at++
		else if (c == end) {
			one(substr(all, from, at - from))
			from = at + 1
		}
	}
	if (!closed)
		wrong("no UNZ")
	exit bad
}

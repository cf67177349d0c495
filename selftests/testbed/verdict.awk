# SPDX-License-Identifier: GPL-2.0
# The verdict on one test: reads its TAP output, prints "ok", "skip" or "fail", a tab and a note. -v status=EXIT STATUS

/^1\.\.[0-9]+/		{ split($1, part, /\.\./); plan = part[2]; planned = 1 }
/^1\.\.0.*# *SKIP/	{ sub(/.*# *SKIP */, ""); reason = $0 }
/^Bail out!/		{ bail = $0 }
/^(ok|not ok)([ \t]|$)/	{ cases++ }
/^ok .*# *SKIP/		{ skipped++; sub(/.*# *SKIP */, ""); reason = $0 }
/^not ok/ && !/# *TODO/	{ failed++; if (!first) first = $0 }

status == "lost" && /^# / && !lost { lost = substr($0, 3) }

function say(verdict, note) { printf "%s\t%s\n", verdict, note; exit }

END {
	if (status == "lost")
		say("fail", lost ? lost : "the test host went down")
	if (status == 124 || status == 137)
		say("fail", "killed after its time limit")
	if (bail)
		say("fail", bail)
	if (failed)
		say("fail", failed " of " cases " cases failed: " first)
	if (status != 0 && status != 4)
		say("fail", "exit status " status)
	if (planned && plan != cases)
		say("fail", "planned " plan " cases, did " cases + 0)
	if (status == 4 || planned && plan == 0 || cases && skipped == cases)
		say("skip", reason)
	if (!cases)
		say("fail", "printed no TAP result")
	say("ok", cases " cases" (skipped ? ", " skipped " skipped" : ""))
}

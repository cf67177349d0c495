# SPDX-License-Identifier: GPL-2.0
# Judge the TAP that one test printed: prints "ok", "skip REASON" or "not ok REASON". Nested lines (indented) are the
# test's own affair. Variable rc: its exit status ("hung" and "stuck" come from init).

function verdict(v) { if (!done) print v; done = 1; exit }

/^1\.\.[0-9]+/ {
	planned = substr($1, 4) + 0; plan = 1
	if (planned == 0) reason = $0
}
/^ok / { ran++; if (/# *SKIP/) { skipped++; reason = $0 } }
/^not ok / { ran++; if (!/# *TODO/) { failed++; if (first == "") first = $0 } }

END {
	if (done) exit
	sub(/.*# *SKIP */, "", reason)
	if (rc == "hung") verdict("not ok still ran at its time limit")
	if (rc == "stuck") verdict("not ok SIGKILL did not end it")
	if (rc == "") verdict("not ok did not come to its end (the kernel died or hung)")
	if (failed) verdict("not ok " failed " of " ran " failed, first: " first)
	if (rc == 4 && plan && (!planned || skipped == ran)) verdict("skip " reason)
	if (rc != 0) verdict("not ok exit status " rc)
	if (!plan) verdict("not ok printed no TAP plan")
	if (ran != planned) verdict("not ok planned " planned " results, printed " ran + 0)
	if (!planned || skipped == ran) verdict("skip " reason)
	verdict("ok")
}

# SPDX-License-Identifier: GPL-2.0
# Reads selftests/tests.list: `name bed kernels set limit_s command...`. Sourced after lib.sh.
# shellcheck shell=bash

TABLE=${VHOST_TESTS_LIST:-$ROOT/selftests/tests.list}

# table_rows SETS: one row per test and kernel, "name<TAB>bed<TAB>kernel<TAB>limit<TAB>command";
# the name carries @KERNEL when the row runs per kernel. SETS is a regular expression.
table_rows()
{
	awk -v sets="^($1)\$" '
	/^[ \t]*(#|$)/ { next }
	NF < 6 { print "tests.list:" NR ": too few fields" >"/dev/stderr"; bad = 1; next }
	$2 !~ /^(machine|host|intree|uml|guest)$/ { print "tests.list:" NR ": unknown bed " $2 >"/dev/stderr"; bad = 1; next }
	$4 !~ /^(quick|check|long)$/ || $5 !~ /^[0-9]+$/ { print "tests.list:" NR ": bad set or limit" >"/dev/stderr"; bad = 1; next }
	$4 ~ sets {
		cmd = $0
		for (i = 0; i < 5; i++)
			sub(/^[ \t]*[^ \t]+[ \t]+/, "", cmd)
		# Machine and UML rows belong to one kernel at most: no suffix.
		n = split($2 ~ /machine|uml/ ? "-" : $3, kernels, ",")
		for (i = 1; i <= n; i++)
			if (seen[$1 "@" kernels[i]]++) { print "tests.list:" NR ": a second row for " $1 >"/dev/stderr"; bad = 1 }
		for (i = 1; i <= n; i++)
			printf "%s%s\t%s\t%s\t%s\t%s\n", $1, kernels[i] == "-" ? "" : "@" kernels[i], $2, kernels[i], $5, cmd
	}
	END { exit bad }' "$TABLE"
}

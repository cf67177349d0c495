# SPDX-License-Identifier: GPL-2.0
# The groups of tests that run together: on the machine, in one test host, in UML. Each prints a line
# "name<TAB>status<TAB>seconds<TAB>output file" per test. Sourced by check.
# shellcheck shell=bash

# rows_of BED KERNEL: "name<TAB>limit<TAB>command" of the selected rows.
rows_of() { awk -F'\t' -v OFS='\t' -v b="^($1)\$" -v k="$2" '$2 ~ b && $3 == k { print $1, $4, $5 }' "$RESULTS/rows"; }

out_of() { echo "$1/${2//\//-}.out"; }

group_machine()
{
	local dir=$RESULTS/machine name limit command out start rc
	mkdir -p "$dir"
	while IFS=$'\t' read -r name limit command; do
		out=$(out_of "$dir" "$name")
		start=$SECONDS rc=0
		(cd "$ROOT" && timeout -k 5 "$limit" bash -c "$command" </dev/null >"$out" 2>&1) || rc=$?
		printf '%s\t%s\t%s\t%s\n' "$name" "$rc" $((SECONDS - start)) "$out"
	done < <(rows_of machine -)
}

# When a group cannot start, each of its tests has failed, and its output says why.
lose_group()
{
	local dir=$1 name why=$2
	while IFS=$'\t' read -r name _; do
		echo "# not run: $why" >"$(out_of "$dir" "$name")"
		printf '%s\tlost\t0\t%s\n' "$name" "$(out_of "$dir" "$name")"
	done
}

# group_host KERNEL BED BEDS: BED is what host loads, BEDS the table's beds that share the boot.
group_host()
{
	local kernel=$1 bed=$2 beds=$3 dir=$RESULTS/$2@$1 name status seconds rc=0
	mkdir -p "$dir"
	if ! { "$TESTBED/fetch" kernel "$kernel" >/dev/null &&
	       { [ "$bed" = intree ] || "$TESTBED/build" "$kernel"; }; } 2> >(tee "$dir/build.err" >&2); then
		rows_of "$beds" "$kernel" | lose_group "$dir" "$(grep -A1 '^error' "$dir/build.err" | tr '\n' ' ')"
		host_line "$kernel" "$bed" 1 "$dir"
		return
	fi
	while IFS=$'\t' read -r name status seconds; do
		[ "$name" != exit ] || { rc=$status; continue; }
		printf '%s\t%s\t%s\t%s\n' "$name" "$status" "$seconds" "$(out_of "$dir" "$name")"
	done < <(rc=0; "$TESTBED/host" "$kernel" "$bed" "$dir" < <(rows_of "$beds" "$kernel") || rc=$?; printf 'exit\t%s\t0\n' $rc)
	host_line "$kernel" "$bed" "$rc" "$dir"
}

# The test host itself is a test: no report in its log, nothing left after the modules' end.
host_line()
{
	local out=$4/testhost.out
	if [ "$3" = 0 ]; then
		echo "ok 1 - no kernel report, modules unloaded, nothing left"
	else
		printf 'not ok 1 - %s\n' "$([ -e "$4/fault" ] && tr '\n' ' ' <"$4/fault" || echo 'it did not start')"
		[ ! -e "$4/console.all" ] || "$TESTBED/scan" -c "$4/console.all" | head -n 40 || true
	fi >"$out"
	printf 'testhost/%s@%s\t0\t0\t%s\n' "$2" "$1" "$out"
}

group_uml()
{
	local dir=$RESULTS/uml uml=$TESTBED/uml name limit command n start=$SECONDS
	mkdir -p "$dir"
	if ! { "$uml/build" >/dev/null && "$uml/modules" >"$dir/modules.log"; } 2> >(tee "$dir/build.err" >&2); then
		rows_of uml - | lose_group "$dir" "$(grep -A1 '^error' "$dir/build.err" | tr '\n' ' ')"
		return
	fi
	while IFS=$'\t' read -r name limit command; do
		printf '%s %s %s\n' "$name" "$limit" "$command"
	done < <(rows_of uml -) >"$dir/rows"
	say "uml: booting for $(wc -l <"$dir/rows") tests"
	"$uml/run" -f -c "$dir/rows" -o "$dir/run" >"$dir/uml.out" 2>&1 || true
	n=0
	while read -r name limit command; do
		n=$((n + 1))
		[ -e "$dir/run/$n.out" ] || echo "# not run, see $dir/uml.out" >"$dir/run/$n.out"
		printf '%s\t%s\t%s\t%s\n' "$name" "$(cat "$dir/run/$n.rc" 2>/dev/null || echo lost)" $((SECONDS - start)) "$dir/run/$n.out"
		start=$SECONDS
	done <"$dir/rows"
	# UML's own last lines: modules load and unload, no report, no leak.
	awk '/^(not )?ok [0-9]+ - (modules load|modules unload|no kernel report|no leak)/ || /^#/' "$dir/uml.out" >"$dir/testhost.out"
	printf 'testhost/uml\t0\t0\t%s\n' "$dir/testhost.out"
}

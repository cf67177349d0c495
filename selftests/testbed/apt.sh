# SPDX-License-Identifier: GPL-2.0
# A private apt configuration inside the cache: bookworm, its updates and bookworm-backports from
# whatever mirror the machine itself uses. Nothing of /etc/apt changes. Sourced after lib.sh.
# shellcheck shell=bash

APT=$CACHE/apt

# Base addresses that the machine's apt uses for the releases named in the pattern $1.
machine_mirror()
{
	apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(COMPONENT) $(REPO_URI)' 2>/dev/null |
		awk -v want="$1" '$1 == "Packages" && $2 ~ want && $3 == "main" { print $4; exit }'
}

apt_write_config()
{
	local main sec keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	main=${VHOST_DEBIAN_MIRROR:-$(machine_mirror '^(bookworm|oldstable|stable)$')}
	sec=${VHOST_DEBIAN_SECURITY_MIRROR:-$(machine_mirror '^(bookworm|oldstable|stable)-security$')}
	[ -n "$main" ] ||
		die "apt on this machine has no source of Debian 12 (bookworm)" \
		    "set VHOST_DEBIAN_MIRROR to the address of a Debian mirror"
	[ -e "$keyring" ] || die "$keyring is missing" "apt-get install debian-archive-keyring"
	mkdir -p "$APT"/{state/lists/partial,cache/archives/partial,none}
	: >"$APT/status"
	{
		echo "deb [signed-by=$keyring] $main bookworm main"
		echo "deb [signed-by=$keyring] $main bookworm-updates main"
		echo "deb [signed-by=$keyring] $main bookworm-backports main"
		[ -z "$sec" ] || echo "deb [signed-by=$keyring] $sec bookworm-security main"
	} >"$APT/sources.list"
	printf 'Package: src:qemu src:seabios src:ipxe\nPin: release n=bookworm-backports\nPin-Priority: 990\n' \
		>"$APT/preferences"
	cat >"$APT/apt.conf" <<-END
		Dir::State "$APT/state";
		Dir::State::status "$APT/status";
		Dir::Cache "$APT/cache";
		Dir::Etc::sourcelist "$APT/sources.list";
		Dir::Etc::sourceparts "$APT/none";
		Dir::Etc::preferences "$APT/preferences";
		Dir::Etc::preferencesparts "$APT/none";
		APT::Architecture "amd64";
		APT::Architectures "amd64";
		APT::Install-Recommends "false";
		APT::Sandbox::User "";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Debug::NoLocking "true";
		quiet "1";
	END
}

# Refreshes the package lists when they are older than a day.
apt_update()
{
	[ -n "$(find "$APT/updated" -mtime -1 2>/dev/null)" ] && return 0
	apt_write_config
	say "reading the package lists (bookworm, updates, security, backports)"
	papt apt-get update >"$APT/update.log" 2>&1 ||
		die "apt-get update failed: $(grep -m1 '^[EW]:' "$APT/update.log")" \
		    "check the network and the machine's own 'apt-get update'; log: $APT/update.log"
	touch "$APT/updated"
}

papt() { APT_CONFIG=$APT/apt.conf "$@"; }

# apt_newest PACKAGE PREFIX: the newest version of PACKAGE that begins with PREFIX.
apt_newest()
{
	papt apt-cache show "$1" | awk -v p="$2" '$1 == "Version:" && index($2, p) == 1 { print $2 }' |
		sort -rV | head -1
}

# apt_depends PACKAGE VERSION PATTERN: the names in its Depends that match PATTERN.
apt_depends()
{
	papt apt-cache show "$1=$2" | sed -n 's/^Depends: //p' | tr ',' '\n' |
		sed 's/^ *//; s/ .*//; s/:any//' | grep -E "$3" | sort -u
}

# apt_closure PACKAGE...: "name version" of these and all they depend on, on an empty system.
apt_closure()
{
	papt apt-get -s -o Debug::pkgProblemResolver=no install "$@" |
		sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1 \2/p' | sort
}

# apt_unpack DIR PACKAGE=VERSION...: downloads and unpacks into DIR, installing nothing.
apt_unpack()
{
	local dir=$1 debs deb
	shift
	debs=$(mktemp -d "$CACHE/debs.XXXXXX")
	(cd "$debs" && papt apt-get download "$@" >log 2>&1) ||
		{ rm -f "$APT/updated"; die "download failed: $(grep -m1 '^[EW]:' "$debs/log")" "check the network, then run it again"; }
	mkdir -p "$dir"
	for deb in "$debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -C "$dir" -x --no-same-owner --keep-directory-symlink --warning=no-timestamp
	done
	rm -rf "$debs"
}

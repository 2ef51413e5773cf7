#!/bin/sh
# check_exports.sh LIBRARY MAP HEADER...: the library exports what the map lists, all of it versioned, and nothing else;
# the headers declare exactly that.
set -eu
library=$1 map=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm -D --defined-only "$library" | awk '$2 != "A" {print $3}' | sort > "$work/exported"
awk '/^SIGNET_/ {node = $1} /^ *signet_/ {sub(";", "", $1); print $1 "@@" node}' "$map" | sort > "$work/listed"
sed 's/@@.*//' "$work/listed" | sort > "$work/names"
sed 's|/\*.*||; /^ \*/d; /^typedef/d' "$@" | grep -o '\<signet_[a-z_0-9]*(' | sed 's/(//' | sort -u > "$work/declared"

[ -s "$work/listed" ] || { echo "$map lists nothing"; exit 1; }
diff -u --label "the map" --label "exported" "$work/listed" "$work/exported"
diff -u --label "the map" --label "declared" "$work/names" "$work/declared"
echo "$(wc -l < "$work/exported") symbols, each with its version"

#!/bin/bash
# completion_test.sh SIGNETCTL SCRIPT: the completion script as bash uses it. What must be completed is what --help
# lists, so that no command and no option can be forgotten.
set -eu
ctl=$1
failed=0

# Instead of the program, which the script asks for names only.
signetctl() { case "$*" in *objects) echo an-object ;; *keys) echo a-key ;; *counters) echo a-counter ;; esac; }
# shellcheck source=/dev/null
. "$2"

# complete_words WORD...: what bash would offer for the last of these words, one a line.
complete_words() {
  COMP_WORDS=(signetctl "$@") COMP_CWORD=$#
  _signetctl
  [ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
}

# offers EXPECTED WORD...
offers() {
  local expected=$1
  shift
  complete_words "$@" | grep -qxe "$expected" && return
  echo "FAILED: 'signetctl $*' does not offer '$expected', but: $(complete_words "$@" | tr '\n' ' ')"
  failed=1
}

# offers_not UNEXPECTED WORD...
offers_not() {
  local unexpected=$1
  shift
  complete_words "$@" | grep -qxe "$unexpected" || return 0
  echo "FAILED: 'signetctl $*' offers '$unexpected'"
  failed=1
}

commands_of() { "$ctl" "$@" --help | sed -n '/^Subcommands:/I,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'; }
options_of() { "$ctl" "$@" --help | sed -n '/^Options:/I,/^$/s/^  \(-[a-zA-Z], *\)\{0,1\}\(--[a-z-]*\).*/\2/p'; }

commands=0 options=0
# check_all WORD...: every option of this command, and every command below it.
check_all() {
  local name
  for name in $(options_of "$@"); do
    options=$((options + 1))
    offers "$name" "$@" "$name"
  done
  for name in $(commands_of "$@"); do
    commands=$((commands + 1))
    offers "$name" "$@" ""
    check_all "$@" "$name"
  done
}
check_all
[ $options -gt 90 ] || { echo "FAILED: --help lists $options options only"; failed=1; }
[ $commands -gt 50 ] || { echo "FAILED: --help lists $commands commands only"; failed=1; }

offers generate key g
offers_not rm key g
offers_not status key ""
offers a-key sign ""
offers a-key --json --timeout 5 key rm ""
offers an-object store get an
offers a-counter counter increment ""
offers ecdsa-p256 key generate x --algorithm ""
offers pem key public x --format ""
offers_not raw key public x --format ""
offers raw sign x --format r
offers none-accepted chip provision --root-backup ""
offers objects completion ""
offers a-key ticket get --client-key ""
offers devices registrar --url https://registrar.example --ca ca.pem ""
offers hardware registrar --url https://registrar.example crl ""
offers_not --json registrar --url ""

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
touch "$work/vectors.json"
offers "$work/vectors.json" selftest --vectors "$work/v"
offers "$work/vectors.json" sign x --file "$work/"
offers_not --json selftest --vectors ""

[ $failed = 0 ] && echo "$commands commands and $options options are completed"
exit $failed

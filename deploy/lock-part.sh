#!/usr/bin/env bash
# Prints the entries of a lock for some packages, hashes included.
# usage: deploy/lock-part.sh LOCK NAME…
set -euo pipefail
lock=$1; shift
for name in "$@"; do
  awk -v name="$name" 'index($0, name "==") == 1 {found = 1} found {print; if ($0 !~ /\\$/) exit} END {exit !found}' "$lock" \
    || { echo "$lock does not pin $name" >&2; exit 1; }
done

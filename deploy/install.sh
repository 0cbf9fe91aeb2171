#!/usr/bin/env bash
# Makes .venv from a hash-pinned lock, and nothing that the lock does not name.
# usage: deploy/install.sh [LOCK]       (default requirements.lock)
set -euo pipefail
cd "$(dirname "$0")/.."
lock=${1:-requirements.lock}
venv=${VENV:-.venv}

if ! "$venv/bin/python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then
  rm -rf "$venv"
  python3.11 -m venv "$venv"
fi

# 1 uv itself, by the version and the hashes that the lock pins (pip refuses any other file)
pinned=$(mktemp)
trap 'rm -f "$pinned"' EXIT
deploy/lock-part.sh requirements.lock uv > "$pinned"
wanted=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' "$pinned")
if [ "$("$venv/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" != "$wanted" ]; then
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r "$pinned"
fi

# 2 every library, by hash; 3 this tree itself, without asking the network for anything
# uv does not read pip's settings: an index that the machine's pip is told to use holds for it too.
index=$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
  export UV_DEFAULT_INDEX=$index
fi
export UV_LINK_MODE=${UV_LINK_MODE:-copy} VIRTUAL_ENV="$PWD/$venv" UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-120}
"$venv/bin/uv" pip sync -q --require-hashes "$lock"
"$venv/bin/uv" pip install -q --no-deps --no-build-isolation --offline -e .

#!/usr/bin/env bash
# Makes the environment of noise.py from its own hash-pinned lock.
# usage: tests/scans/augraphy/install.sh UV VENV
set -euo pipefail
uv=$1 venv=$2
lock=$(dirname "$0")/requirements.lock
rm -rf "$venv"
python3.11 -m venv --without-pip "$venv"
# uv does not read pip's settings: an index that the machine's pip is told to use holds for it too.
index=$("$(dirname "$uv")/python" -m pip config get global.index-url 2>/dev/null || true)
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
  export UV_DEFAULT_INDEX=$index
fi
export UV_LINK_MODE=${UV_LINK_MODE:-copy} UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-120}
"$uv" pip sync -q --require-hashes --python "$venv/bin/python" "$lock"

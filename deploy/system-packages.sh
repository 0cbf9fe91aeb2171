#!/usr/bin/env bash
# Installs the Debian packages that a target needs, and only those that are missing.
# usage: deploy/system-packages.sh run|test|signers
#   run   what `make install`, `make serve` and `make demo` need
#   test  that, and what the test suite needs besides
#   signers  that, and what only the long form of make signers needs (about 300 MB)
set -euo pipefail

# python3.11-venv: Debian splits ensurepip off · softhsm2: the demo's agency keys live in a PKCS#11 token
# fonts-croscore: Tinos and Arimo (Times New Roman and Arial metrics with Vietnamese), embedded in seals and demo papers
run_packages=(python3.11 python3.11-venv softhsm2 fonts-croscore ca-certificates)
# chromium: browser tests · poppler-utils: pdfsig, pdftotext, pdftoppm · qpdf: qpdf --check · opensc: pkcs11-tool · openssl: a second opinion on CRLs · git: whole-tree tests
# mupdf-tools: mutool sign, mutool draw · ghostscript: one of the five programs of make viewers · maven (with a Java runtime): fetches veraPDF, the validator of PDF/A
# openjdk-17-jdk-headless, xmlsec1, libnss3-tools: programs that sign, for make signers (javac, xmlsec1, pdfsig's key store)
# postgresql: the database of production, for what one writer at a time cannot show
test_packages=(chromium poppler-utils qpdf opensc openssl git mupdf-tools ghostscript maven openjdk-17-jdk-headless xmlsec1 libnss3-tools postgresql)

# libreoffice, python3-uno: LibreOffice signs with an NSS store, driven by UNO
signers_packages=(libreoffice-writer-nogui libreoffice-draw-nogui python3-uno)

case "${1:-run}" in
  run) wanted=("${run_packages[@]}") ;;
  test) wanted=("${run_packages[@]}" "${test_packages[@]}") ;;
  signers) wanted=("${run_packages[@]}" "${test_packages[@]}" "${signers_packages[@]}") ;;
  *) echo "usage: $0 run|test|signers" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "Not a Debian system: please see to these yourself (or their like): ${wanted[*]}" >&2
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo)
  elif command -v sudo >/dev/null && [ -t 0 ]; then
    as_root=(sudo)
  else
    echo "Missing Debian packages: ${missing[*]}" >&2
    echo "Neither root nor sudo here. As root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

echo "Installing Debian packages: ${missing[*]}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}")
# Package lists may be missing (fresh image) or old: fetch them only when the first attempt fails.
if ! "${install[@]}" >/dev/null 2>&1; then
  "${as_root[@]}" apt-get update -qq
  "${install[@]}" >/dev/null
fi

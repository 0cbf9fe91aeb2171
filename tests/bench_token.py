"""Signatures a second by one key in a PKCS#11 token: one thread, and as many as have sessions; for ``make bench``.

``python -m tests.bench_token`` prints both as a JSON list, in a process of its own: a module belongs to one. The token
is SoftHSM, whose signatures cost this machine's processors, so that the gain is bounded by them; the threads of a
network HSM's client wait for the network instead.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from asn1crypto import pem, x509

from signer.keys_hsm import TokenKey
from signer.token_module import MAX_SESSIONS, token_module

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
EACH_S = 3.0
ROUNDS = 3
"""One thread and several take turns; the best round of each counts, as others use the machine too."""


def rates_in_own_process() -> tuple[float, float]:
    """Signatures a second with one thread and with ``MAX_SESSIONS``."""
    command = [sys.executable, "-m", "tests.bench_token"]
    one, several = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return float(one), float(several)


def _key(folder: Path) -> TokenKey:
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ("openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-subj", "/CN=bench", "-keyout", str(key))
    init = ("softhsm2-util", "--init-token", "--free", "--label", "bench", "--pin", "1234", "--so-pin", "12345678")
    put = ("softhsm2-util", "--import", str(key), "--token", "bench", "--pin", "1234", "--label", "key", "--id", "01")
    for command in ((*made, "-out", str(certificate)), init, put):
        subprocess.run(command, check=True, capture_output=True)
    _, _, der = pem.unarmor(certificate.read_bytes())
    return TokenKey(token_module(MODULE), "bench", "key", lambda: "1234", x509.Certificate.load(der))


def _rate(key: TokenKey, threads: int) -> float:
    made, until = [0] * threads, time.perf_counter() + EACH_S

    def work(number: int) -> None:
        while time.perf_counter() < until:
            key.sign(b"what is signed", "sha256")
            made[number] += 1

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(made) / EACH_S


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory(prefix="antin-bench-token-") as folder:
        key = _key(Path(folder))
        rates = [(_rate(key, 1), _rate(key, MAX_SESSIONS)) for _ in range(ROUNDS)]
    print(json.dumps([max(one for one, _ in rates), max(several for _, several in rates)]))


if __name__ == "__main__":
    main()

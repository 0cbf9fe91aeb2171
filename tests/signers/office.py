"""LibreOffice, for the long form of ``make signers`` alone: it is large, and ``make test`` does without."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.pki import DemoPki
from tests.signers.lines import LineProgram

SYSTEM_PYTHON = Path("/usr/bin/python3")
"""Debian's own, which alone has UNO."""

_UNO = "import uno; from com.sun.star.beans import PropertyValue"
_PROGRAM = Path(__file__).with_name("office_process.py")

EXPORT, EXPORT_STAMPED = "export", "export-stamped"
"""A letter of its own, signed while it becomes a PDF; with a time stamp besides."""


def is_there() -> bool:
    """Are LibreOffice and its binding to Python installed."""
    if shutil.which("soffice") is None or not SYSTEM_PYTHON.exists():
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", _UNO], capture_output=True, check=False).returncode == 0


class Office:
    """A LibreOffice that signs with the holders of an NSS store."""

    def __init__(self, program: LineProgram) -> None:
        self._program = program

    def carry_out(self, pki: DemoPki, action: str, data: bytes, holder: str) -> bytes | None:
        """The file that it made; None where it does not offer the action.

        Raises:
            ProgramFailedError: it was tried and failed.
        """
        serial = pki.holder(holder).asn1["tbs_certificate"]["serial_number"].contents.hex()
        return self._program.carry_out(data, lambda source, target: (action, source, target, serial, pki.tsa_url()))


@contextmanager
def opened_office(nss: Path, folder: Path) -> Iterator[Office]:
    """LibreOffice as a process; ``folder`` takes its profile."""
    home = folder / "office"
    home.mkdir()
    environment = {**os.environ, "MOZILLA_CERTIFICATE_FOLDER": str(nss), "HOME": str(home)}
    environment.pop("PYTHONPATH", None)
    with LineProgram([str(SYSTEM_PYTHON), str(_PROGRAM), str(home)], environment) as program:
        yield Office(program)

"""LibreOffice by UNO, under the system's Python (Debian's ``python3-uno``): orders as lines, an answer for each.

usage: office_process.py FOLDER       MOZILLA_CERTIFICATE_FOLDER names the NSS store that it signs from

An order is ``action, source, target, serial number in hexadecimal, address of a time-stamp authority``, parted by tabs;
an answer ``ok``, ``no`` (not offered) or ``failed`` with the words. Nothing but the standard library and UNO is here.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue

LETTER = "GIẤY PHÉP\nSố: 45/GP-STNMT\n\nCấp cho bà Lò Thị Mẫu, diện tích 120 m².\n\nPHÓ GIÁM ĐỐC\n\n\nPhạm Thị Mẫu\n"
STARTS_WITHIN_S = 120
ODF_VERSION = "1.2"


class Office:
    """A running LibreOffice and the certificates of its NSS store that have a key."""

    def __init__(self, context: Any) -> None:
        self._context, self._made = context, context.ServiceManager.createInstanceWithContext
        self.desktop = self._made("com.sun.star.frame.Desktop", context)
        initializer = self._made("com.sun.star.xml.crypto.SEInitializer", context)
        security = initializer.createSecurityContext("").getSecurityEnvironment()
        self._own = {bytes(one.SerialNumber.value).hex(): one for one in security.getPersonalCertificates()}

    def carry_out(self, action: str, source: Path, target: Path, serial: str, authority: str) -> bool:
        """Do one order; False where LibreOffice does not offer it."""
        certificate = self._own[serial]
        match action:
            case "sign":
                self._sign(source, target, certificate)
            case "export":
                self._export(target, certificate, None)
            case "export-stamped":
                self._export(target, certificate, authority)
            case _:
                return False
        return True

    def _sign(self, source: Path, target: Path, certificate: Any) -> None:
        """File, Digital Signatures, Sign Existing PDF: a second signature is added to the file as it is."""
        shutil.copy(source, target)
        signing = self._context.ServiceManager.createInstanceWithArgumentsAndContext(
            "com.sun.star.security.DocumentDigitalSignatures", (ODF_VERSION, True), self._context
        )
        stream = self._made("com.sun.star.ucb.SimpleFileAccess", self._context).openFileReadWrite(target.as_uri())
        done = signing.signDocumentWithCertificate(certificate, None, stream)
        stream.getOutputStream().closeOutput()
        if not done:
            raise RuntimeError("signDocumentWithCertificate answered False")

    def _export(self, target: Path, certificate: Any, authority: str | None) -> None:
        """File, Export As, Export as PDF, with the page "Digital Signatures" filled in."""
        document = self.desktop.loadComponentFromURL("private:factory/swriter", "_blank", 0, _values(Hidden=True))
        try:
            document.Text.setString(LETTER)
            options = {"SignPDF": True, "SignatureCertificate": certificate, "SignatureReason": "Duyệt"}
            if authority is not None:
                options["SignatureTSA"] = authority
            data = uno.Any("[]com.sun.star.beans.PropertyValue", _values(**options))
            document.storeToURL(target.as_uri(), _values(FilterName="writer_pdf_Export", FilterData=data))
        finally:
            document.close(True)


def _values(**named: Any) -> tuple[Any, ...]:
    return tuple(PropertyValue(Name=name, Value=value) for name, value in named.items())


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Office]:
    """LibreOffice with a profile of its own, reached over a pipe."""
    name = f"antin{folder.stat().st_ino}"
    command = ["soffice", "--headless", "--norestore", "--nologo", "--nofirststartwizard"]
    command += [f"-env:UserInstallation={(folder / 'profile').as_uri()}", f"--accept=pipe,name={name};urp;"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    office = None
    try:
        office = Office(_connected(name, process))
        yield office
    finally:
        with contextlib.suppress(Exception):  # it may be gone; what it was asked was answered
            if office is not None:
                office.desktop.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


def _connected(name: str, process: subprocess.Popen[bytes]) -> Any:
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    for _ in range(STARTS_WITHIN_S * 2):
        with contextlib.suppress(Exception):  # NoConnectException until it listens
            return resolver.resolve(f"uno:pipe,name={name};urp;StarOffice.ComponentContext")
        if process.poll() is not None:
            break
        time.sleep(0.5)
    raise RuntimeError("LibreOffice does not start")


def main() -> None:
    """Orders until the input ends."""
    with started(Path(sys.argv[1])) as office:
        for line in sys.stdin:
            action, source, target, serial, authority = line.rstrip("\n").split("\t")
            try:
                done = office.carry_out(action, Path(source), Path(target), serial, authority)
                answer = "ok" if done else "no"
            except Exception as error:  # LibreOffice's own fault: the caller shows it
                answer = "failed\t" + " ".join(f"{type(error).__name__} {error}".split())
            print(answer, flush=True)


if __name__ == "__main__":
    main()

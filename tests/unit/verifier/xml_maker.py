"""Signed XML built by hand with the demo's keys: e-invoices, declarations, and any structure that a test wants."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from demo.issuing import Holder
from tests.unit.verifier.signing import time_stamper

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
ENVELOPED = f"{DS}enveloped-signature"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
FILTER = "http://www.w3.org/2002/06/xmldsig-filter2"
BASE64 = f"{DS}base64"
_DIGESTS = {"sha1": f"{DS}sha1", "sha256": "http://www.w3.org/2001/04/xmlenc#sha256"}
_METHODS = {
    ("rsa", "sha1"): f"{DS}rsa-sha1",
    ("rsa", "sha256"): "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ("ec", "sha256"): "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}

INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<HDon><DLHDon Id="data"><TTChung><KHHDon>K26TAA</KHHDon><SHDon>17</SHDon></TTChung>
<NDHDon><NBan><Ten>Công ty Mẫu</Ten><MST>6200000000</MST></NBan>
<NMua><Ten>Nguyễn Văn Mẫu</Ten><CCCDan>012345678901</CCCDan></NMua>
<TToan><TgTTTBSo>9200000</TgTTTBSo></TToan></NDHDon></DLHDon><DSCKS><NBan/><NMua/><CCKSKhac/></DSCKS></HDon>
""".encode()
"""Law on tax administration, decision 1450/QĐ-TCT: the data with an ID, the signatures beside it."""

DECLARATION = """<?xml version="1.0" encoding="UTF-8"?>
<HSoThueDTu xmlns="http://kekhaithue.gdt.gov.vn/TKhaiThue" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<HSoKhaiThue id="ID_1"><TTinChung><TTinTKhaiThue><ten>Tờ khai thuế</ten></TTinTKhaiThue></TTinChung>
<CTieuTKhaiChinh><ct21>9200000</ct21></CTieuTKhaiChinh></HSoKhaiThue><CKyDTu/></HSoThueDTu>
""".encode()


@dataclass(frozen=True)
class Ref:
    """One reference: what it points to, and its transforms by address."""

    uri: str = "#data"
    transforms: tuple[str, ...] = ()
    type: str | None = None


@dataclass(frozen=True)
class XmlMake:
    """How a signature is made. ``xades``: properties with SigningCertificate "v1" or "v2"; ``bound`` names its holder.

    ``objects`` are further Object elements' XML; ``decorate`` may change the finished template before it is digested;
    ``keys`` replaces the content of KeyInfo.
    """

    holder: Holder
    references: tuple[Ref, ...] = (Ref(),)
    digest: str = "sha256"
    c14n: str = C14N
    xades: str | None = None
    bound: Holder | None = None
    bound_by: str = "sha256"
    claimed: str | None = None
    stamper: Holder | None = None
    stamped_at: datetime | None = None
    objects: tuple[str, ...] = ()
    identifier: str = "sig"
    certificates: tuple[x509.Certificate, ...] | None = None
    certificate_values: tuple[bytes, ...] = ()
    crl_values: tuple[bytes, ...] = ()
    ocsp_values: tuple[bytes, ...] = ()
    decorate: Callable[[Any], None] = field(default=lambda signature: None)


def sign_xml(document: bytes, make: XmlMake, place: str | None = "DSCKS/NBan") -> bytes:
    """Append a signature to the element at ``place`` (a path under the root), or to the root."""
    root = etree.fromstring(document)
    parent = root if place is None else root.find("/".join(f"{{*}}{step}" for step in place.split("/")))
    signature = _template(make)
    parent.append(signature)
    return finished(root, make)


def enveloping(content: str, make: XmlMake) -> bytes:
    """A signature that is the document and holds its content in an Object."""
    signature = _template(make)
    wrapped = etree.fromstring(f'<ds:Object xmlns:ds="{DS}" Id="data">{content}</ds:Object>')
    signature.append(wrapped)
    return finished(signature, make)


def finished(root: Any, make: XmlMake) -> bytes:
    """Fill in the digests, the value, and what comes after it."""
    (signature,) = [one for one in root.iter(f"{{{DS}}}Signature") if one.get("Id") == make.identifier]
    info = signature.find(f"{{{DS}}}SignedInfo")
    for reference in info.iterfind(f"{{{DS}}}Reference"):
        octets = _octets(root, signature, reference.get("URI", ""), reference)
        _set(reference.find(f"{{{DS}}}DigestValue"), hashlib.new(make.digest, octets).digest())
    value = signature.find(f"{{{DS}}}SignatureValue")
    _set(value, _value(make, canonical(info, make.c14n)))
    _unsigned(signature, value, make)
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"))


def canonical(element: Any, method: str = C14N) -> bytes:
    """An element as the apex of its own document, in canonical form."""
    alone = etree.fromstring(etree.tostring(element, encoding="UTF-8", with_tail=False))
    return bytes(etree.tostring(alone.getroottree(), method="c14n", exclusive=method == EXCLUSIVE, with_comments=False))


def edited(document: bytes, edit: Callable[[Any], None]) -> bytes:
    """A forger's change of the tree."""
    root = etree.fromstring(document)
    edit(root)
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"))


def _template(make: XmlMake) -> Any:
    kind = "ec" if isinstance(make.holder.key, ec.EllipticCurvePrivateKey) else "rsa"
    references = list(make.references)
    if make.xades is not None:
        references.append(Ref("#props", (make.c14n,), "http://uri.etsi.org/01903#SignedProperties"))
    certificates = [make.holder.asn1] if make.certificates is None else make.certificates
    held = "".join(f"<X509Certificate>{_b64(one.dump())}</X509Certificate>" for one in certificates)
    keys = f"<KeyInfo><X509Data>{held}</X509Data></KeyInfo>" if held else ""
    text = (
        f'<Signature xmlns="{DS}" xmlns:ds="{DS}" Id="{make.identifier}"><SignedInfo>'
        f'<CanonicalizationMethod Algorithm="{make.c14n}"/><SignatureMethod Algorithm="{_METHODS[kind, make.digest]}"/>'
        f"{''.join(_reference(one, make.digest) for one in references)}</SignedInfo><SignatureValue/>"
        f"{keys}{''.join(make.objects)}{_properties(make)}</Signature>"
    )
    signature = etree.fromstring(text)
    make.decorate(signature)
    return signature


def _reference(reference: Ref, digest: str) -> str:
    steps = "".join(f'<Transform Algorithm="{one}"/>' for one in reference.transforms)
    transforms = f"<Transforms>{steps}</Transforms>" if steps else ""
    kind = f' Type="{reference.type}"' if reference.type else ""
    method = f'<DigestMethod Algorithm="{_DIGESTS[digest]}"/><DigestValue/>'
    return f'<Reference URI="{reference.uri}"{kind}>{transforms}{method}</Reference>'


def _properties(make: XmlMake) -> str:
    if make.xades is None:
        return ""
    name = "SigningCertificateV2" if make.xades == "v2" else "SigningCertificate"
    digest = hashlib.new(make.bound_by, (make.bound or make.holder).asn1.dump()).digest()
    claimed = f"<x:SigningTime>{make.claimed}</x:SigningTime>" if make.claimed else ""
    return (
        f'<Object><x:QualifyingProperties xmlns:x="{XADES}" Target="#{make.identifier}"><x:SignedProperties Id="props">'
        f"<x:SignedSignatureProperties>{claimed}<x:{name}><x:Cert><x:CertDigest>"
        f'<DigestMethod Algorithm="{_DIGESTS[make.bound_by]}"/><DigestValue>{_b64(digest)}</DigestValue></x:CertDigest>'
        f"</x:Cert></x:{name}></x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></Object>"
    )


def _octets(root: Any, signature: Any, uri: str, reference: Any) -> bytes:
    """By the rules of XMLDSig, written a second time: on a copy without the signature, read again from its text."""
    algorithms = [one.get("Algorithm") for one in reference.iter(f"{{{DS}}}Transform")]
    method = next((one for one in algorithms if one in (C14N, C14N_11, EXCLUSIVE)), C14N)
    every = XPATH in algorithms or FILTER in algorithms
    if ENVELOPED in algorithms or every:
        copied = etree.fromstring(etree.tostring(root.getroottree(), encoding="UTF-8"))
        for one in list(copied.iter(f"{{{DS}}}Signature")):
            if every or one.get("Id") == signature.get("Id"):
                one.getparent().remove(one)
        root = copied
    if uri == "":
        return bytes(
            etree.tostring(root.getroottree(), method="c14n", exclusive=method == EXCLUSIVE, with_comments=False)
        )
    wanted = uri.removeprefix("#")
    found = [one for one in root.iter(etree.Element) if wanted in (one.get("Id"), one.get("id"), one.get("ID"))]
    if found and BASE64 in algorithms:
        return base64.b64decode(found[0].text)
    return canonical(found[0], method) if found else b""


def _value(make: XmlMake, signed: bytes) -> bytes:
    algorithm = hashes.SHA1() if make.digest == "sha1" else hashes.SHA256()
    key = make.holder.key
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), algorithm)
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(algorithm)))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size) + s.to_bytes(size)


def _unsigned(signature: Any, value: Any, make: XmlMake) -> None:
    parts = []
    if make.stamper is not None and make.stamped_at is not None:
        token = _b64(stamp(make.stamper, make.stamped_at, canonical(value)))
        parts.append(
            f"<x:SignatureTimeStamp><x:EncapsulatedTimeStamp>{token}</x:EncapsulatedTimeStamp></x:SignatureTimeStamp>"
        )
    if make.certificate_values:
        parts.append(f"<x:CertificateValues>{_held('X509Certificate', make.certificate_values)}</x:CertificateValues>")
    if make.crl_values or make.ocsp_values:
        crls, ocsps = _held("CRLValue", make.crl_values), _held("OCSPValue", make.ocsp_values)
        parts.append(
            f"<x:RevocationValues><x:CRLValues>{crls}</x:CRLValues><x:OCSPValues>{ocsps}</x:OCSPValues></x:RevocationValues>"
        )
    properties = signature.find(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
    if parts and properties is not None:
        text = f'<x:U xmlns:x="{XADES}"><x:UnsignedProperties><x:UnsignedSignatureProperties>{"".join(parts)}'
        text += "</x:UnsignedSignatureProperties></x:UnsignedProperties></x:U>"
        properties.append(etree.fromstring(text)[0])


def add_archive_stamp(document: bytes, authority: Holder, at: datetime, signed: tuple[str, ...]) -> bytes:
    """ETSI EN 319 132-1 §5.5.2 by its words, for a signature over elements with these IDs (and its properties)."""
    root = etree.fromstring(document)
    (signature,) = root.iter(f"{{{DS}}}Signature")
    parts = [next(one for one in root.iter(etree.Element) if one.get("Id") == name) for name in (*signed, "props")]
    parts += [signature.find(f"{{{DS}}}{name}") for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
    holder = next(root.iter(f"{{{XADES}}}UnsignedSignatureProperties"))
    token = _b64(stamp(authority, at, b"".join(canonical(part) for part in (*parts, *holder))))
    held = f'<x:EncapsulatedTimeStamp xmlns:x="{XADES}">{token}</x:EncapsulatedTimeStamp>'
    text = f'<a:ArchiveTimeStamp xmlns:a="http://uri.etsi.org/01903/v1.4.1#">{held}</a:ArchiveTimeStamp>'
    holder.append(etree.fromstring(text))
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"))


def stamp(authority: Holder, at: datetime, stamped: bytes) -> bytes:
    """A time stamp token over these bytes."""
    stamper = time_stamper(authority, at)
    token = asyncio.run(stamper.async_timestamp(hashlib.sha256(stamped).digest(), "sha256"))
    return bytes(token.dump())


def _held(name: str, values: Iterable[bytes]) -> str:
    return "".join(f"<x:Encapsulated{name}>{_b64(one)}</x:Encapsulated{name}>" for one in values)


def _set(element: Any, value: bytes) -> None:
    element.text = _b64(value)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()

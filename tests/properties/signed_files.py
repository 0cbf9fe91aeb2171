"""Signed XML and CMS files of every kind that is judged, with the demo's keys; and what of a file its signer signed.

``signed_content`` is the oracle of the properties: written apart from the verifier, it says what must not have changed
where a signature is still called intact.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

from asn1crypto import cms, core, parser, pem
from lxml import etree

from demo.pki import DemoPki
from demo.responders import Responders
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import now
from tests.unit.verifier.xml_maker import (
    DECLARATION,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INVOICE,
    Ref,
    XmlMake,
    add_archive_stamp,
    canonical,
    enveloping,
    sign_xml,
    stamp,
)
from verifier.inputs import VerificationInput

LETTER = "Kính gửi Sở Tài nguyên và Môi trường: đề nghị cấp phép.".encode()

Maker = Callable[[DemoPki, Responders], VerificationInput]


def invoice(pki: DemoPki, _: Responders) -> VerificationInput:
    """An e-invoice: the data with an ID, the signature beside it."""
    return VerificationInput(sign_xml(INVOICE, XmlMake(pki.holder("company"), (Ref("#data", (EXCLUSIVE,)),))))


def declaration(pki: DemoPki, _: Responders) -> VerificationInput:
    """A declaration signed as a whole, with XAdES properties."""
    make = XmlMake(pki.holder("citizen"), (Ref("", (ENVELOPED,)),), xades="v2", claimed=now().isoformat())
    return VerificationInput(sign_xml(DECLARATION, make, "CKyDTu"))


def receipt(pki: DemoPki, _: Responders) -> VerificationInput:
    """A signature that holds its content, by an elliptic curve."""
    content = '<BienLai xmlns="urn:x"><SoTien>50000</SoTien></BienLai>'
    return VerificationInput(enveloping(content, XmlMake(pki.holder("citizen-ec"), xades="v1")))


def two_signers(pki: DemoPki, _: Responders) -> VerificationInput:
    """An invoice that seller and buyer signed."""
    signed = sign_xml(INVOICE, XmlMake(pki.holder("company"), xades="v2"))
    buyer = XmlMake(pki.holder("citizen"), identifier="buyer")
    return VerificationInput(sign_xml(signed, buyer, "DSCKS/NMua"))


def stamped(pki: DemoPki, _: Responders) -> VerificationInput:
    """XAdES with a signature time stamp."""
    make = XmlMake(pki.holder("company"), xades="v2", stamper=pki.holder("tsa-official"), stamped_at=now())
    return VerificationInput(sign_xml(INVOICE, make))


def long_term(pki: DemoPki, responders: Responders) -> VerificationInput:
    """XAdES to LTA: certificates, CRLs and an archive time stamp inside."""
    seller, stamper = pki.holder("company"), pki.holder("tsa-public")
    values = [one.dump() for holder in (seller, stamper) for one in holder.asn1_chain]
    make = XmlMake(
        seller,
        xades="v2",
        stamper=stamper,
        stamped_at=now(),
        certificate_values=tuple(dict.fromkeys(values)),
        crl_values=tuple(der_of(responders.crl(slug)) for slug in ("public-sub", "public-root")),
    )
    return VerificationInput(add_archive_stamp(sign_xml(INVOICE, make), stamper, now(), ("data",)))


def attached(pki: DemoPki, _: Responders) -> VerificationInput:
    """CAdES with its content inside."""
    return VerificationInput(make_cms(Make(pki.holder("citizen"), encapsulated=LETTER, claimed=now()), b""))


def detached(pki: DemoPki, _: Responders) -> VerificationInput:
    """CAdES with its content beside it."""
    return VerificationInput(make_cms(Make(pki.holder("citizen")), LETTER), content=LETTER)


def bare(pki: DemoPki, _: Responders) -> VerificationInput:
    """CMS without signed attributes: the value is over the content itself."""
    return VerificationInput(make_cms(Make(pki.holder("citizen"), with_attributes=False), LETTER), content=LETTER)


def stamped_letter(pki: DemoPki, responders: Responders) -> VerificationInput:
    """CAdES with a signature time stamp and its CRLs."""
    crls = [der_of(responders.crl(slug)) for slug in ("public-sub", "public-root")]
    data = make_cms(Make(pki.holder("citizen"), encapsulated=LETTER, crls=crls), b"")
    return VerificationInput(with_stamp(data, pki))


MAKERS: tuple[Maker, ...] = (
    *(invoice, declaration, receipt, two_signers, stamped, long_term),
    *(attached, detached, bare, stamped_letter),
)


def with_stamp(data: bytes, pki: DemoPki) -> bytes:
    """A CMS with a signature time stamp of now."""
    info = cms.ContentInfo.load(data)
    signer = info["content"]["signer_infos"][0]
    token = cms.ContentInfo.load(stamp(pki.holder("tsa-public"), now(), signer["signature"].native))
    attribute = cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})
    signer["unsigned_attrs"] = cms.CMSAttributes([attribute])
    signed_data = info["content"].copy()
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump(force=True))


def der_of(data: bytes) -> bytes:
    """One of the demo's lists is served as PEM, as the national root's is."""
    return bytes(pem.unarmor(data)[2]) if pem.detect(data) else data


def revoked(make: Maker, slug: str) -> Maker:
    """The same, by a signer whose certificate had been revoked before."""

    def made(pki: DemoPki, responders: Responders) -> VerificationInput:
        responders.revoke(slug, now() - timedelta(hours=3))
        return make(pki, responders)

    made.__name__ = f"revoked_{make.__name__}"
    return made


@lru_cache(maxsize=64)
def signed_content(data: bytes, content: bytes | None) -> tuple[object, ...]:
    """What the first signature of a file signs and what it signs it with.

    XML: the canonical content (the document without its signatures; of an enveloping one its Objects but for the
    properties), SignedInfo and the value. CMS: content, signed attributes, value.
    """
    if data.lstrip()[:1] == b"<":
        return _xml_content(data)
    info = cms.ContentInfo.load(data)["content"]
    signer = info["signer_infos"][0]
    inside = info["encap_content_info"]["content"]
    attributes = signer["signed_attrs"]
    kept = () if isinstance(attributes, core.Void) else tuple(sorted(one.dump() for one in attributes))
    signed = content if isinstance(inside, core.Void) else _octets(info["encap_content_info"])
    return hashlib.sha256(signed or b"").digest(), kept, bytes(signer["signature"].native)


def _octets(encapsulated: core.Sequence) -> bytes:
    """The content itself, whatever type it is called: eContent is [0] EXPLICIT OCTET STRING (RFC 5652 §5.2)."""
    after_type = encapsulated.contents[parser.peek(encapsulated.contents) :]
    return bytes(core.OctetString.load(parser.parse(after_type)[4]).native)


def content_type(data: bytes) -> str | None:
    """What a CMS file says its content is: beside what is signed, and said once more in a signed attribute."""
    if data.lstrip()[:1] == b"<":
        return None
    return str(cms.ContentInfo.load(data)["content"]["encap_content_info"]["content_type"].dotted)


def _xml_content(data: bytes) -> tuple[object, ...]:
    root = etree.fromstring(data)
    signature = next(root.iter(f"{{{DS}}}Signature"))
    value = base64.b64decode(signature.find(f"{{{DS}}}SignatureValue").text or "")
    info = canonical(signature.find(f"{{{DS}}}SignedInfo"))
    if signature is root:
        held = [o for o in root.iterfind(f"{{{DS}}}Object") if not any("Qualifying" in str(c.tag) for c in o)]
        return tuple(canonical(one) for one in held), info, value
    for one in list(root.iter(f"{{{DS}}}Signature")):
        parent, before = one.getparent(), one.getprevious()
        if one.tail and before is not None:
            before.tail = (before.tail or "") + one.tail
        elif one.tail:
            parent.text = (parent.text or "") + one.tail
        parent.remove(one)
    for container in root.findall("DSCKS"):  # of an e-invoice: it holds signatures and empty places for more
        root.remove(container)
    return bytes(etree.tostring(root, method="c14n", with_comments=False)), info, value

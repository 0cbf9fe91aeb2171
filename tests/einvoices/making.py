"""A document of e-invoicing and its signatures, as providers and the department write them, with the demo's keys."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.x509.oid import NameOID

from demo.issuing import Holder, name
from demo.pki import DemoPki
from tests.unit.verifier.xml_maker import ENVELOPED, Ref, XmlMake, sign_xml

SELLER, BUYER, DELEGATE, ANOTHER = "6200000000", "0901171226", "0102030405", "0109999999"
_MINISTRY = ((NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, "BỘ TÀI CHÍNH"))
_OFFICE = "THUẾ TỈNH LAI CHÂU"


@dataclass(frozen=True)
class Signer:
    """One signature: whose, in which place, over which Ids, and the time that is signed with it."""

    slug: str
    place: str
    ids: tuple[str, ...]
    time: str = "2026-11-14T10:02:01"
    key: int | None = None
    """Its number in the Ids, where that is not its place among the signers."""

    digest: str = "sha256"


@dataclass(frozen=True)
class Paper:
    """A document to be signed.

    ``values`` are the signed words that an alteration changes, by what they are; all of them are read out. ``unsigned``
    are words that the type leaves outside.
    """

    label: str
    xml: str
    signers: tuple[Signer, ...]
    values: dict[str, str]
    unsigned: tuple[str, ...] = ()

    def signed(self, pki: DemoPki, **instead: str) -> bytes:
        """The document with its signatures; ``instead`` maps a signer's slug to another holder's."""
        document = f'<?xml version="1.0" encoding="UTF-8"?>{self.xml}'.encode()
        for number, one in enumerate(self.signers):
            holder = pki.holder(instead.get(one.slug.replace("-", "_"), one.slug))
            document = sign_xml(document, make_of(holder, number if one.key is None else one.key, one), one.place)
        return document


def make_of(holder: Holder, number: int, signer: Signer) -> XmlMake:
    """References to the data and to the Object with the time (``xmlns=""``)."""
    held = (
        f'<Object Id="Obj-{number}"><SignatureProperties xmlns=""><SignatureProperty Target="#sig-{number}">'
        f"<SigningTime>{signer.time}</SigningTime></SignatureProperty></SignatureProperties></Object>"
    )
    references = (*(Ref(f"#{one}", (ENVELOPED,)) for one in signer.ids), Ref(f"#Obj-{number}"))
    return XmlMake(holder, references, signer.digest, objects=(held,), identifier=f"sig-{number}")


def with_parties(pki: DemoPki) -> DemoPki:
    """The demo's authorities with everybody who signs such documents, and some who should not."""
    if "tax-department" in pki.holders:
        return pki
    pki.issue("tax-department", like="agency", subject=name(*_MINISTRY, (NameOID.COMMON_NAME, "CỤC THUẾ")))
    below = (*_MINISTRY, (NameOID.ORGANIZATIONAL_UNIT_NAME, "CỤC THUẾ"))
    pki.issue("tax-office", like="agency", subject=name(*below, (NameOID.COMMON_NAME, _OFFICE)))
    head = ((NameOID.ORGANIZATIONAL_UNIT_NAME, _OFFICE), (NameOID.COMMON_NAME, "Phó Trưởng Thuế tỉnh Vàng Thị Mẫu"))
    pki.issue("tax-officer", like="officer", subject=name(*below, *head))
    for slug, common_name, number, key in (
        ("buyer", "CÔNG TY BÊN MUA", BUYER, "company"),
        ("delegate", "SÀN THƯƠNG MẠI", DELEGATE, "company"),
        ("other-company", "CÔNG TY KHÁC", ANOTHER, "citizen"),
        ("same-key", "CÔNG TY CÙNG KHOÁ", ANOTHER, "company"),
        ("false-department", "CỤC THUẾ", ANOTHER, "citizen"),
    ):
        subject = ((NameOID.COMMON_NAME, common_name), (NameOID.USER_ID, f"MST:{number}"))
        pki.issue(slug, like="company", key=pki.holder(key).key, subject=name(*subject))
    return pki

"""The CMS object of a signature: made by pyHanko, and for a signer's further documents filled into the one made before.

Between two documents of one signer, at B-B, nothing differs but the document's digest and the signature value. pyHanko
builds all the rest anew each time, 15 ms of it; here both are put into the bytes of the first. What comes of it is
judged by the self-check like everything else.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from asn1crypto import cms
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper

from signer.keys import DIGEST, KeySigner, KeyUnavailable


@dataclass(frozen=True)
class _Template:
    """A finished CMS object, its signed attributes as they are signed, and where in both the changing parts stand."""

    der: bytes
    attributes: bytes
    digest_at: int
    digest_in_attributes: int
    signature_at: int
    signature_bytes: int


class CmsMaker:
    """Makes CMS objects; keeps one template for each signer. Thread-safe: templates are only ever added."""

    def __init__(self) -> None:
        self._templates: dict[tuple[bytes, ...], _Template] = {}

    def make(self, signer: KeySigner, digest: bytes, stamper: TimeStamper | None) -> bytes:
        """DER of a CMS object over a document's digest; with a time stamp, or by an EC key, always built anew.

        Raises:
            KeyUnavailable: the key cannot be used now.
        """
        if stamper is not None or not signer.values_of_one_length:
            return _built(signer, digest, stamper)
        template = self._templates.get(signer.identity)
        if template is None:
            der = _built(signer, digest, None)
            made = _template(der, digest)
            if made is not None:
                self._templates[signer.identity] = made
            return der
        attributes = _put(template.attributes, template.digest_in_attributes, digest)
        signature = signer.sign_attributes(attributes)
        if len(signature) != template.signature_bytes:
            raise KeyUnavailable(f"a signature value of {len(signature)} bytes, not {template.signature_bytes}")
        return _put(_put(template.der, template.digest_at, digest), template.signature_at, signature)


def _built(signer: KeySigner, digest: bytes, stamper: TimeStamper | None) -> bytes:
    signing = signer.async_sign(
        digest, DIGEST, use_pades=True, timestamper=stamper, signed_attr_settings=PdfCMSSignedAttributes()
    )
    return bytes(asyncio.run(signing).dump())


def _template(der: bytes, digest: bytes) -> _Template | None:
    """None where digest or signature value do not stand in it exactly once: then nothing is put anywhere."""
    info = cms.ContentInfo.load(der)["content"]["signer_infos"][0]
    attributes, signature = bytes(info["signed_attrs"].untag().dump()), bytes(info["signature"].native)
    if (der.count(digest), attributes.count(digest), der.count(signature)) != (1, 1, 1):
        return None
    places = der.index(digest), attributes.index(digest), der.index(signature)
    return _Template(der, attributes, *places, len(signature))


def _put(data: bytes, at: int, part: bytes) -> bytes:
    return b"".join((data[:at], part, data[at + len(part) :]))

"""A CMS object filled into an earlier one is, byte for byte, the one that pyHanko builds."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from demo.pki import PASSPHRASE, DemoPki
from signer.cms import CmsMaker
from signer.keys import DIGEST, KeySigner
from signer.keys_file import FileKey


def _signer(pki: DemoPki, slug: str) -> KeySigner:
    key = FileKey.from_pkcs12(pki.pkcs12_path(slug).read_bytes(), PASSPHRASE)
    return KeySigner(key, key.chain[:1])


def _by_pyhanko(signer: KeySigner, digest: bytes) -> bytes:
    settings = PdfCMSSignedAttributes()
    made = asyncio.run(signer.async_sign(digest, DIGEST, use_pades=True, signed_attr_settings=settings))
    return bytes(made.dump())


@pytest.mark.parametrize("slug", ["agency", "officer"])
def test_the_second_document_gets_what_pyhanko_would_build(pki: DemoPki, slug: str) -> None:
    signer, maker = _signer(pki, slug), CmsMaker()
    for text in (b"first", b"second", b"third"):
        digest = hashlib.sha256(text).digest()
        assert maker.make(signer, digest, None) == _by_pyhanko(signer, digest)


def test_signers_do_not_share_a_template(pki: DemoPki) -> None:
    maker, digest = CmsMaker(), hashlib.sha256(b"document").digest()
    for slug in ("agency", "officer", "agency"):
        signer = _signer(pki, slug)
        assert maker.make(signer, digest, None) == _by_pyhanko(signer, digest)

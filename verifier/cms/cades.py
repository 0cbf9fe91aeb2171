"""The archive time stamp of CAdES (ETSI EN 319 122-1 §5.5.3): is what it stamps what stands in the signature?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from asn1crypto import algos, core, tsp

from verifier.cms.container import CmsSignature, read_cms
from verifier.cms.rules import Content, check_integrity, digest_of, signing_certificate
from verifier.guard import attempt
from verifier.report import Integrity

ARCHIVE_TIME_STAMP_V3 = "0.4.0.1733.2.4"
_HASH_INDEX, _HASH_INDEX_V3 = "0.4.0.1733.2.5", "0.4.0.19122.1.5"


class _Hashes(core.SequenceOf):  # type: ignore[misc]  # asn1crypto has no types
    _child_spec = core.OctetString


class _HashIndex(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012 - how asn1crypto declares a SEQUENCE
        ("hash_algorithm", algos.DigestAlgorithm),
        ("certificates", _Hashes),
        ("crls", _Hashes),
        ("unsigned", _Hashes),
    ]


def is_archived(signature: CmsSignature, content: Content) -> bool:
    """Does an intact archive time stamp (version 3) protect the signature; trust plays no part in a level."""
    values = signature.unsigned.get(ARCHIVE_TIME_STAMP_V3, [])
    return any(
        attempt("archive", partial(_protects, signature, content, bytes(value.dump()))) is True for value in values
    )


def _protects(signature: CmsSignature, content: Content, token: bytes) -> bool:
    stamp = read_cms(token)
    inside = stamp.encapsulated
    if inside is None:
        return False
    certificate = signing_certificate(stamp, stamp.candidates).certificate
    if check_integrity(stamp, certificate, [inside], "tst_info").integrity is not Integrity.INTACT:
        return False
    imprint = tsp.TSTInfo.load(inside)["message_imprint"]
    algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
    stamped = archived_by(signature, content, stamp, algorithm)
    held = digest_of(algorithm, stamped) == bytes(imprint["hashed_message"].native)
    (index,) = stamp.unsigned[_HASH_INDEX_V3]
    return held and _index_holds(signature, _HashIndex.load(index.dump()))


def archived_by(signature: CmsSignature, content: Content, stamp: CmsSignature, algorithm: str) -> Content:
    """What an archive time stamp (version 3) is over, by the digest of its imprint.

    Raises:
        LookupError: it says in an older form what it protects, and that is not read here.
    """
    if _HASH_INDEX in stamp.unsigned:
        raise LookupError("an ats-hash-index of version 1")
    indices = stamp.unsigned.get(_HASH_INDEX_V3, [])
    return _imprint_input(signature, content, algorithm, b"".join(bytes(index.dump()) for index in indices))


def _imprint_input(signature: CmsSignature, content: Content, algorithm: str, index: bytes) -> list[bytes]:
    """Content type, digest of the content, the SignerInfo without its unsigned attributes, the index; in this order."""
    info = signature.signer_info
    fields = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    parts = [bytes(info[name].dump()) for name in fields]
    content_type = bytes(signature.signed_data["encap_content_info"]["content_type"].dump())
    return [content_type, digest_of(algorithm, content) or b"", *parts, index]


def _index_holds(signature: CmsSignature, index: Any) -> bool:
    """Every certificate and every list of status that the stamp names is still there."""
    algorithm = str(index["hash_algorithm"]["algorithm"].native)
    return all(
        set(index[name].native) <= _digests(algorithm, signature.signed_data[field])
        for name, field in (("certificates", "certificates"), ("crls", "crls"))
    )


def _digests(algorithm: str, members: Sequence[Any]) -> set[bytes]:
    if isinstance(members, core.Void):
        return set()
    return {hashlib.new(algorithm, member.dump()).digest() for member in members}

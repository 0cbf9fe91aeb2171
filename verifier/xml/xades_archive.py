"""The archive time stamp of XAdES (ETSI EN 319 132-1 §5.5.2): is what it stamps what stands in the signature?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from asn1crypto import tsp

from verifier.cms.container import read_cms
from verifier.cms.rules import check_integrity, digest_of, signing_certificate
from verifier.guard import attempt
from verifier.report import Integrity
from verifier.xml.safety import Element, XmlDocument
from verifier.xml.signature import XmlSignature, referenced_octets
from verifier.xml.transforms import DEFAULT, DS, Canonicalization, canonical, decoded, read_method
from verifier.xml.xades import V141, Properties


def is_archived(signature: XmlSignature, properties: Properties | None, document: XmlDocument) -> bool:
    """Does an intact archive time stamp protect the signature; trust plays no part in a level."""
    if properties is None or properties.unsigned is None:
        return False
    holders = properties.unsigned.findall(f"{{{properties.namespace}}}UnsignedSignatureProperties")
    return any(
        attempt("archive", partial(_protects, stamp, signature, properties.namespace, document)) is True
        for holder in holders
        for stamp in holder.iterfind(f"{{{V141}}}ArchiveTimeStamp")
    )


def _protects(stamp: Element, signature: XmlSignature, namespace: str, document: XmlDocument) -> bool:
    methods = stamp.findall(f"{{{DS}}}CanonicalizationMethod")
    method = read_method(methods[0]) if methods else DEFAULT
    stamped = list(_stamped(stamp, signature, document, method))
    tokens = [decoded(one) for one in stamp.iterfind(f"{{{namespace}}}EncapsulatedTimeStamp")]
    return bool(tokens) and all(_holds(token, stamped) for token in tokens)


def _stamped(
    stamp: Element, signature: XmlSignature, document: XmlDocument, method: Canonicalization
) -> Iterator[bytes]:
    """What the references name; SignedInfo, value and keys; unsigned properties before the stamp; Objects."""
    yield from referenced_octets(signature, document)
    for name in ("SignedInfo", "SignatureValue", "KeyInfo"):
        for part in signature.element.findall(f"{{{DS}}}{name}"):
            yield canonical(part, method)
    for earlier in reversed(list(stamp.itersiblings(preceding=True))):
        if isinstance(earlier.tag, str):
            yield canonical(earlier, method)
    for held in signature.element.iterfind(f"{{{DS}}}Object"):
        if not any("QualifyingProperties" in str(child.tag) for child in held):
            yield canonical(held, method)


def _holds(token: bytes, stamped: Sequence[bytes]) -> bool:
    stamp = read_cms(token)
    content = stamp.encapsulated or b""
    certificate = signing_certificate(stamp, stamp.candidates).certificate
    if check_integrity(stamp, certificate, [content], "tst_info").integrity is not Integrity.INTACT:
        return False
    imprint: Any = tsp.TSTInfo.load(content)["message_imprint"]
    algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
    return digest_of(algorithm, stamped) == bytes(imprint["hashed_message"].native)

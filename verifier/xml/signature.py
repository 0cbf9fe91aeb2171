"""One XML signature (XMLDSig 1.1): read strictly, references resolved inside the document, digests and value checked.

What the references say is read from the canonical form of SignedInfo, the very bytes that the value is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from asn1crypto import x509
from lxml import etree

from verifier.cms.container import read_certificate
from verifier.guard import Failure, attempt
from verifier.report import Finding, Integrity, Severity, SubIndication
from verifier.xml.algorithms import AlgorithmUnknownError, digest, digest_name, is_der_value, is_hmac, verifies
from verifier.xml.safety import DuplicateIdError, Element, XmlDocument
from verifier.xml.transforms import (
    AGAIN,
    DS,
    ENVELOPED,
    NotBase64Error,
    Selection,
    TransformRefusedError,
    Transforms,
    canonical,
    decoded,
    left_out,
    octets,
    read_method,
    read_transforms,
)

MAX_REFERENCES = 100
"""Each costs a canonicalisation of what it names; real signatures have one to four."""


class XmlSignatureError(ValueError):
    """The element is no signature as XMLDSig defines one."""


@dataclass(frozen=True)
class XmlSignature:
    """A signature's parts. ``references`` are elements of the re-read canonical SignedInfo."""

    element: Element
    signed_info: bytes
    references: tuple[Element, ...]
    method: str
    value: bytes
    value_element: Element
    certificates: tuple[x509.Certificate, ...]
    crls: tuple[bytes, ...]


@dataclass(frozen=True)
class Signed:
    """What a reference signs: ``target`` and all below it, but not what stands in ``left_out`` (signatures).

    ``with_comments``: comments are signed too. ``text_only``: of ``target`` only what its text encodes (base64).
    """

    target: Element
    whole_document: bool
    left_out: frozenset[Element]
    type: str
    with_comments: bool = False
    text_only: bool = False

    def covers(self, element: Element) -> bool:
        """Is this element, with all below it, among what is signed."""
        for node in (element, *element.iterancestors()):
            if node in self.left_out:
                return False
            if node is self.target:
                return True
        return False


@dataclass(frozen=True)
class XmlIntegrity:
    """Outcome of reference and signature validation (XMLDSig §3.2); ``digests`` are the algorithms they used.

    ``named`` is what the references point to, ``signed`` of it that whose digest holds; ``value_in_der``: the key made
    the value, but it is not written as the standard has it.
    """

    integrity: Integrity
    failure: SubIndication | None = None
    named: tuple[Signed, ...] = ()
    signed: tuple[Signed, ...] = ()
    digests: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    value_in_der: bool = False


def read_signature(element: Element) -> XmlSignature:
    """Take a ``ds:Signature`` apart.

    Raises:
        XmlSignatureError: parts are missing, doubled, in another order or not what they should be.
        TransformRefusedError: SignedInfo is canonicalised by something unknown.
    """
    children = [child for child in element if isinstance(child.tag, str)]
    tags = [etree.QName(child).localname if _in_ds(child) else "?" for child in children]
    expected = ["SignedInfo", "SignatureValue", *(["KeyInfo"] if "KeyInfo" in tags else [])]
    if tags[: len(expected)] != expected or set(tags[len(expected) :]) - {"Object"}:
        raise XmlSignatureError(f"children {tags[:10]}")
    stored = children[0]
    method = _only(stored, "CanonicalizationMethod")
    signed_info = canonical(stored, read_method(method))
    parsed = etree.fromstring(signed_info, AGAIN)
    references = tuple(parsed[2:])
    if [_local(child) for child in parsed[:2]] != ["CanonicalizationMethod", "SignatureMethod"] or not references:
        raise XmlSignatureError("SignedInfo")
    if len(references) > MAX_REFERENCES or any(_local(reference) != "Reference" for reference in references):
        raise XmlSignatureError(f"{len(references)} references")
    keys = children[2] if len(expected) == 3 else None
    return XmlSignature(
        element=element,
        signed_info=signed_info,
        references=references,
        method=parsed[1].get("Algorithm", ""),
        value=decoded(children[1]),
        value_element=children[1],
        certificates=_certificates(keys),
        crls=tuple(_encoded(keys, "X509CRL")),
    )


def check_xml_integrity(
    signature: XmlSignature, certificate: x509.Certificate | None, document: XmlDocument
) -> XmlIntegrity:
    """1 every reference resolves and its digest holds · 2 the value over SignedInfo verifies with the key."""
    if is_hmac(signature.method):
        finding = Finding("XML-HMAC", Severity.ERROR)
        return XmlIntegrity(Integrity.UNKNOWN, SubIndication.FORMAT_FAILURE, findings=(finding,))
    outcomes = [_reference(signature, reference, document) for reference in signature.references]
    named = tuple(outcome.named for outcome in outcomes if outcome.named is not None)
    signed = tuple(o.named for o in outcomes if o.named is not None and o.failure is None)
    digests = tuple(outcome.digest for outcome in outcomes if outcome.digest)
    findings = tuple(finding for outcome in outcomes for finding in outcome.findings)
    failures = [outcome.failure for outcome in outcomes if outcome.failure is not None]
    if SubIndication.HASH_FAILURE in failures:
        return XmlIntegrity(Integrity.BROKEN, SubIndication.HASH_FAILURE, named, signed, digests, findings)
    if failures:
        return XmlIntegrity(Integrity.UNKNOWN, failures[0], named, signed, digests, findings)
    if certificate is None:
        failure = SubIndication.NO_SIGNING_CERTIFICATE_FOUND
        return XmlIntegrity(Integrity.UNKNOWN, failure, named, signed, digests, findings)
    holds = value_holds(signature, certificate)
    if isinstance(holds, Failure):
        unknown = Finding("SIGNATURE-ALGORITHM-UNKNOWN", Severity.WARNING, (("detail", holds.detail),))
        failure = SubIndication.POLICY_PROCESSING_ERROR
        return XmlIntegrity(Integrity.UNKNOWN, failure, named, signed, digests, (*findings, unknown))
    in_der = not holds and _value_in_der(signature, certificate)
    if not holds and not in_der:
        return XmlIntegrity(Integrity.BROKEN, SubIndication.SIG_CRYPTO_FAILURE, named, signed, digests, findings)
    return XmlIntegrity(Integrity.INTACT, None, named, signed, digests, findings, in_der)


def value_holds(signature: XmlSignature, certificate: x509.Certificate) -> bool | Failure:
    """Does the value verify with this certificate's key."""
    return attempt("verify", lambda: verifies(signature.method, certificate, signature.value, signature.signed_info))


def _value_in_der(signature: XmlSignature, certificate: x509.Certificate) -> bool:
    made = attempt(
        "verify", lambda: is_der_value(signature.method, certificate, signature.value, signature.signed_info)
    )
    return made is True


def referenced_octets(signature: XmlSignature, document: XmlDocument) -> list[bytes]:
    """What each reference's digest is of, in the order of SignedInfo.

    Raises:
        ValueError: one of them cannot be computed.
    """
    found = []
    for reference in signature.references:
        selection = _resolve(reference.get("URI"), document) or _whole(signature, reference, document)
        if selection is None:
            raise ValueError("a reference does not resolve")
        found.append(octets(selection, _read_reference(reference)[0], signature.element))
    return found


@dataclass(frozen=True)
class _Outcome:
    """One reference: what it points to, and why it does not vouch for that."""

    named: Signed | None = None
    failure: SubIndication | None = None
    digest: str = ""
    findings: tuple[Finding, ...] = ()


def _reference(signature: XmlSignature, reference: Element, document: XmlDocument) -> _Outcome:
    uri = reference.get("URI")
    named = (("uri", (uri or "")[:100]),)
    try:
        selection = _resolve(uri, document) or _whole(signature, reference, document)
    except DuplicateIdError:
        return _refused(None, SubIndication.FORMAT_FAILURE, "XML-ID-REPEATED", named)
    if selection is None:
        code = "XML-REFERENCE-MISSING" if uri and uri.startswith("#") else "XML-REFERENCE-EXTERNAL"
        return _refused(None, SubIndication.SIGNED_DATA_NOT_FOUND, code, named)
    target = Signed(selection.element, selection.whole_document, frozenset(), reference.get("Type", ""))
    try:
        transforms, algorithm, value = _read_reference(reference)
    except TransformRefusedError as error:
        parameters = (("detail", str(error)),)
        return _refused(target, SubIndication.POLICY_PROCESSING_ERROR, "XML-TRANSFORM-REFUSED", parameters)
    except AlgorithmUnknownError as error:
        parameters = (("algorithm", str(error)),)
        return _refused(target, SubIndication.POLICY_PROCESSING_ERROR, "DIGEST-UNKNOWN", parameters)
    except (XmlSignatureError, NotBase64Error) as error:
        parameters = (("detail", str(error)),)
        return _refused(target, SubIndication.FORMAT_FAILURE, "XML-SIGNATURE-UNREADABLE", parameters)
    target = replace(
        target,
        left_out=frozenset(left_out(selection, transforms, signature.element)),
        with_comments=selection.with_comments and transforms.method.with_comments,
        text_only=transforms.base64,
    )
    data = attempt("canonicalise", lambda: octets(selection, transforms, signature.element))
    if isinstance(data, Failure):
        parameters = (("detail", data.detail),)
        return _refused(target, SubIndication.POLICY_PROCESSING_ERROR, "XML-TRANSFORM-REFUSED", parameters)
    if digest(algorithm, data) != value:
        finding = Finding("XML-REFERENCE-BROKEN", Severity.ERROR, named)
        return _Outcome(target, SubIndication.HASH_FAILURE, algorithm, (finding,))
    return _Outcome(target, None, algorithm)


def _refused(
    named: Signed | None, failure: SubIndication, code: str, parameters: tuple[tuple[str, str], ...]
) -> _Outcome:
    return _Outcome(named, failure, findings=(Finding(code, Severity.ERROR, parameters),))


def _read_reference(reference: Element) -> tuple[Transforms, str, bytes]:
    """Transforms, digest algorithm and digest value of a reference."""
    children = [_local(child) for child in reference]
    if children not in (["DigestMethod", "DigestValue"], ["Transforms", "DigestMethod", "DigestValue"]):
        raise XmlSignatureError(f"Reference with {children[:5]}")
    steps = list(reference[0]) if len(children) == 3 else []
    if any(_local(step) != "Transform" for step in steps):
        raise XmlSignatureError("Transforms")
    return read_transforms(steps), digest_name(reference[-2].get("Algorithm", "")), decoded(reference[-1])


def _resolve(uri: str | None, document: XmlDocument) -> Selection | None:
    """Only what is inside the document; nothing is ever fetched (XMLDSig §4.4.3.2–3)."""
    if uri == "":
        return Selection(document.root, True, False)
    if uri is None or not uri.startswith("#"):
        return None
    pointer = uri[1:]
    if pointer == "xpointer(/)":
        return Selection(document.root, True, True)
    comments = False
    for quote in "'\"":
        opening, closing = f"xpointer(id({quote}", f"{quote}))"
        if pointer.startswith(opening) and pointer.endswith(closing):
            pointer, comments = pointer[len(opening) : -len(closing)], True
            break
    element = document.by_id(pointer)
    return None if element is None else Selection(element, False, comments)


def _whole(signature: XmlSignature, reference: Element, document: XmlDocument) -> Selection | None:
    """The document, where the one reference without a URI takes the signature out of it (XMLDSig §4.4.3).

    What such a reference is of "the application knows": a signature that stands within what it signs leaves one answer.
    """
    if sum(one.get("URI") is None for one in signature.references) != 1 or reference.get("URI") is not None:
        return None
    first = reference.find(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    if first is None or first.get("Algorithm") != ENVELOPED:
        return None
    return Selection(document.root, True, False)


def _certificates(keys: Element | None) -> tuple[x509.Certificate, ...]:
    """Candidates only: what stands in KeyInfo is believed by nobody until a path leads to an anchor."""
    read = [attempt("certificate", partial(read_certificate, der)) for der in _encoded(keys, "X509Certificate")]
    return tuple(certificate for certificate in read if not isinstance(certificate, Failure))


def _encoded(keys: Element | None, name: str) -> Sequence[bytes]:
    if keys is None:
        return []
    found = [attempt("base64", partial(decoded, one)) for one in keys.iterfind(f"{{{DS}}}X509Data/{{{DS}}}{name}")]
    return [der for der in found if not isinstance(der, Failure)]


def _only(parent: Element, name: str) -> Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise XmlSignatureError(f"{len(found)} times {name}")
    return found[0]


def _in_ds(element: Element) -> bool:
    return bool(etree.QName(element).namespace == DS)


def _local(element: Element) -> str:
    """Local name in the signature namespace; anything else has none."""
    return etree.QName(element).localname if isinstance(element.tag, str) and _in_ds(element) else "?"

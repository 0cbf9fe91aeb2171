"""From a reference to the octets its digest is of (XMLDSig §4.4.3): the allowed transforms, and canonical XML.

Allowed are the enveloped-signature transform, canonicalisation, and base64 of an element that holds nothing else. XPath
and XSLT choose or compute what is signed, so that nobody could say what the reader saw; they are refused. Expressions
that leave signatures out and nothing else are known by their text and never evaluated: of XPath 1.0 and of XPath
Filter 2.0 (W3C REC-xmldsig-filter2-20021108), by which EU DSS signs enveloped documents.
"""

from __future__ import annotations

import base64
import binascii
import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from verifier.xml.safety import MAX_BYTES, XML, Element

DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = f"{DS}enveloped-signature"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_C14N_10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
_BASE64 = f"{DS}base64"
_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_NO_SIGNATURES = re.compile(r"not\(ancestor-or-self::([A-Za-z][\w.-]*):Signature\)")
_FILTER_2 = "http://www.w3.org/2002/06/xmldsig-filter2"
_EVERY_SIGNATURE = re.compile(r"(?:/descendant::|//)([A-Za-z][\w.-]*):Signature")
_THIS_SIGNATURE = re.compile(r"here\(\)/ancestor::([A-Za-z][\w.-]*):Signature\[1\]")
SIGNATURE = f"{{{DS}}}Signature"
MAX_TRANSFORMS = 5
AGAIN = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, collect_ids=False)
"""For what this module itself wrote: it has no DTD."""


@dataclass(frozen=True)
class Canonicalization:
    """One canonical form; ``prefixes`` is the InclusiveNamespaces list of the exclusive ones."""

    exclusive: bool
    with_comments: bool
    version_11: bool = False
    prefixes: tuple[str, ...] = ()


METHODS = {
    _C14N_10: Canonicalization(False, False),
    f"{_C14N_10}#WithComments": Canonicalization(False, True),
    _C14N_11: Canonicalization(False, False, version_11=True),
    f"{_C14N_11}#WithComments": Canonicalization(False, True, version_11=True),
    _EXCLUSIVE: Canonicalization(True, False),
    f"{_EXCLUSIVE}WithComments": Canonicalization(True, True),
}
DEFAULT = METHODS[_C14N_10]
"""Where a reference names none (XMLDSig §4.4.3.2)."""


class TransformRefusedError(ValueError):
    """A transform that is not on the allow-list, or in an order that means nothing."""


class NotBase64Error(ValueError):
    """An element that should hold base64 and nothing else holds something else."""


@dataclass(frozen=True)
class Selection:
    """What a reference selects: an element with all below it, without comments unless it says otherwise."""

    element: Element
    whole_document: bool
    with_comments: bool


@dataclass(frozen=True)
class Transforms:
    """The transforms of one reference, checked against the allow-list.

    ``enveloped`` leaves the signature itself out, ``without_signatures`` every one; ``base64`` takes what the text
    of the element encodes instead of a canonical form.
    """

    enveloped: bool
    method: Canonicalization
    without_signatures: bool = False
    base64: bool = False


def read_method(element: Element) -> Canonicalization:
    """The canonicalisation that a CanonicalizationMethod or Transform element names.

    Raises:
        TransformRefusedError: it is not one of the six.
    """
    algorithm = element.get("Algorithm", "")
    method = METHODS.get(algorithm)
    if method is None:
        raise TransformRefusedError(algorithm[:100])
    prefixes: list[str] = []
    for child in element:
        if not (method.exclusive and child.tag == f"{{{_EXCLUSIVE}}}InclusiveNamespaces"):
            raise TransformRefusedError(f"{algorithm[:100]} with a parameter")
        prefixes += child.get("PrefixList", "").split()
    return Canonicalization(method.exclusive, method.with_comments, method.version_11, tuple(prefixes))


def read_transforms(elements: Sequence[Element]) -> Transforms:
    """Base64 alone; or transforms that leave signatures out, then at most one canonicalisation.

    Raises:
        TransformRefusedError: anything else.
    """
    if len(elements) > MAX_TRANSFORMS:
        raise TransformRefusedError(f"{len(elements)} transforms")
    if len(elements) == 1 and elements[0].get("Algorithm") == _BASE64 and not len(elements[0]):
        return Transforms(False, DEFAULT, base64=True)
    enveloped, without_signatures, method = False, False, None
    for element in elements:
        algorithm = element.get("Algorithm", "")
        if method is not None:
            raise TransformRefusedError(f"{algorithm[:100]} after a canonicalisation")
        if algorithm == ENVELOPED and len(element) == 0:
            enveloped = True
        elif algorithm == _XPATH and _leaves_signatures_out(element):
            without_signatures = True
        elif algorithm == _FILTER_2:
            every, own = _filtered(element)
            without_signatures, enveloped = without_signatures or every, enveloped or own
        else:
            method = read_method(element)
    return Transforms(enveloped, method or DEFAULT, without_signatures)


def _leaves_signatures_out(transform: Element) -> bool:
    if len(transform) != 1 or transform[0].tag != f"{{{DS}}}XPath" or len(transform[0]):
        return False
    expression = transform[0]
    return _is_of_signatures(_NO_SIGNATURES, (expression.text or "").strip(), expression)


def _filtered(transform: Element) -> tuple[bool, bool]:
    """XPath Filter 2.0 that leaves out every signature, or this one; to intersect with the whole changes nothing.

    Raises:
        TransformRefusedError: it chooses anything else.
    """
    every = own = False
    for expression in transform:
        text, kind = (expression.text or "").strip(), expression.get("Filter")
        if expression.tag != f"{{{_FILTER_2}}}XPath" or len(expression) or set(expression.attrib) != {"Filter"}:
            raise TransformRefusedError(f"{_FILTER_2} with {str(expression.tag)[:60]}")
        if kind == "subtract" and _is_of_signatures(_EVERY_SIGNATURE, text, expression):
            every = True
        elif kind == "subtract" and _is_of_signatures(_THIS_SIGNATURE, text, expression):
            own = True
        elif (kind, text) != ("intersect", "/"):
            raise TransformRefusedError(f"{kind} {text[:80]}")
    if not (every or own):
        raise TransformRefusedError(f"{_FILTER_2} that leaves nothing out")
    return every, own


def _is_of_signatures(pattern: re.Pattern[str], text: str, expression: Element) -> bool:
    match = pattern.fullmatch(text)
    return match is not None and expression.nsmap.get(match[1]) == DS


def left_out(selection: Selection, transforms: Transforms, signature: Element) -> list[Element]:
    """The signatures within the selection that the transforms take out of it."""
    if transforms.without_signatures:
        return list(selection.element.iter(SIGNATURE))
    return [signature] if transforms.enveloped and contains(selection.element, signature) else []


def octets(selection: Selection, transforms: Transforms, signature: Element) -> bytes:
    """What the digest is of: the selection without the signatures that are left out, in canonical form."""
    element = selection.element
    if transforms.base64:
        return decoded(element)
    tree = element.getroottree()
    absent = left_out(selection, transforms, signature)
    if absent:
        tree = copy.deepcopy(tree)
        removed = [_twin(tree, one) for one in absent]
        element = _twin(tree, element)
        for one in removed:
            _remove(one)
    comments = transforms.method.with_comments and selection.with_comments
    method = Canonicalization(
        transforms.method.exclusive, comments, transforms.method.version_11, transforms.method.prefixes
    )
    return _serialized(tree if selection.whole_document else element, method)


def canonical(element: Element, method: Canonicalization) -> bytes:
    """One element in canonical form, as it stands in its document.

    Inclusive forms carry the ``xml:`` attributes of the ancestors along (Canonical XML 1.0 §2.4; 1.1: only those that
    are inherited by nature). The element is written out with the namespaces in scope and read again as a document of
    its own: in place, lxml 6.1 puts an empty ``xmlns`` on elements two levels below it.

    Raises:
        TransformRefusedError: canonical XML 1.1 below an ``xml:base``, which nobody uses and would need joining.
    """
    inherited = {} if method.exclusive else _inherited(element, method)
    apex = etree.fromstring(etree.tostring(element, encoding="UTF-8", with_tail=False), AGAIN)
    for name, value in inherited.items():
        apex.set(name, value)
    return _dump(apex.getroottree(), method)


def _serialized(subject: Any, method: Canonicalization) -> bytes:
    return _dump(subject, method) if isinstance(subject, etree._ElementTree) else canonical(subject, method)


def _dump(subject: Any, method: Canonicalization) -> bytes:
    return bytes(
        etree.tostring(
            subject,
            method="c14n",
            exclusive=method.exclusive,
            with_comments=method.with_comments,
            inclusive_ns_prefixes=list(method.prefixes) if method.exclusive else None,
            with_tail=False,
        )
    )


def _inherited(element: Element, method: Canonicalization) -> dict[str, str]:
    found: dict[str, str] = {}
    for ancestor in element.iterancestors():
        for name, value in ancestor.attrib.items():
            if name.startswith(f"{{{XML}}}") and name not in element.attrib:
                found.setdefault(name, value)
    if not method.version_11:
        return found
    if f"{{{XML}}}base" in found:
        raise TransformRefusedError("xml:base under Canonical XML 1.1")
    return {name: value for name, value in found.items() if name in (f"{{{XML}}}lang", f"{{{XML}}}space")}


def contains(element: Element, inner: Element) -> bool:
    """Is ``inner`` the element itself or below it."""
    return any(ancestor is element for ancestor in (inner, *inner.iterancestors()))


def _twin(tree: Any, element: Element) -> Element:
    """The same place in a copy of the document."""
    path: list[int] = []
    while (parent := element.getparent()) is not None:
        path.append(parent.index(element))
        element = parent
    twin = tree.getroot()
    for index in reversed(path):
        twin = twin[index]
    return twin


def _remove(element: Element) -> None:
    """Take an element out, but leave the text that follows it (lxml would take it along)."""
    parent = element.getparent()
    if parent is None:
        raise TransformRefusedError("the signature is the whole document")
    previous = element.getprevious()
    if element.tail:
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def decoded(element: Element) -> bytes:
    """The base64 content of an element that has nothing else in it, no comment either.

    Raises:
        NotBase64Error: something else is there.
    """
    text = element.text or ""
    if len(element) or len(text) > MAX_BYTES:
        raise NotBase64Error(f"{etree.QName(element).localname} holds more than base64")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotBase64Error(f"{etree.QName(element).localname} is not base64") from error

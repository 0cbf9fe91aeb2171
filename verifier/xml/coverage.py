"""Is what was signed exactly what the document shows: everything outside the signed subtrees must be signatures only.

This is where wrapping fails: the signed element may be intact somewhere, but what stands in its place is not signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from lxml import etree

from verifier.report import Coverage
from verifier.xml.safety import XML, Element, id_names
from verifier.xml.signature import Signed
from verifier.xml.transforms import DS, SIGNATURE

OBJECT = f"{{{DS}}}Object"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_SAYS_NOTHING = frozenset(
    {f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation", f"{{{XML}}}space", f"{{{XML}}}lang"}
)
"""Attributes that may stand around what is signed. Not ``xsi:nil``, ``xsi:type`` or ``xml:base``: they change it."""

_SIGNATURE_WORDS = ("http://www.w3.org/2000/09/xmldsig", "http://www.w3.org/2009/xmldsig11#", "http://uri.etsi.org/")
"""Namespaces of what a signature says about itself, by their beginnings."""

_HOLDERS = frozenset({OBJECT, SIGNATURE, f"{{{DS}}}Reference"})
"""Names that content may have too without being mistaken for a signature's parts."""

_SIGNED_INFO = f"{{{DS}}}SignedInfo"
_PROPERTY = f"{{{DS}}}SignatureProperty"

_OF_AN_OBJECT = frozenset({"Id", "Encoding", "MimeType"})


@dataclass(frozen=True)
class XmlCoverage:
    """How much is signed; ``outside`` are the outermost elements with content that is not."""

    coverage: Coverage
    outside: tuple[Element, ...] = ()


def coverage_of(root: Element, signature: Element, signed: Sequence[Signed]) -> XmlCoverage:
    """Compare what a signature signs with the whole document."""
    targets = content_targets(signature, signed)
    if not targets:
        return XmlCoverage(Coverage.NONE, (root,))
    names = content_names(targets)
    hidden = (
        *_hidden(signature, signed, names),
        *_echoes(root, signature, signed, names),
        *_with_instructions(root, signed),
    )
    outside = (*_outside(root, signature, targets), *_only_text_signed(signed), *hidden)
    if outside:
        return XmlCoverage(Coverage.PARTIAL, outside)
    if signature is root or any(target is root for target in targets):
        return XmlCoverage(Coverage.WHOLE_FILE)
    return XmlCoverage(Coverage.WHOLE_REVISION)


def content_targets(signature: Element, signed: Sequence[Signed]) -> list[Element]:
    """What is signed besides the signature's own parts: an Object of it counts where it carries content."""
    return [one.target for one in signed if not _own_part(signature, one.target)]


def content_names(targets: Sequence[Element]) -> frozenset[str]:
    """Local names of the elements that are signed as content, what signatures say about themselves left aside."""
    tags: set[str] = set()
    waiting = list(targets)
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str) or element.tag == SIGNATURE:
            continue
        if next(element.iter(SIGNATURE), None) is None:
            tags.update(one.tag for one in element.iter(etree.Element))  # at the speed of C: documents have thousands
        else:
            tags.add(element.tag)
            waiting.extend(element)
    return frozenset(_local(tag) for tag in tags if not _is_signature_word(tag))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_signature_word(tag: str) -> bool:
    return tag.lstrip("{").startswith(_SIGNATURE_WORDS)


def speaks_like(parts: Sequence[Element], names: frozenset[str]) -> bool:
    """Do these parts hold an element of one of these names: who looks for the name may read it instead."""
    return not names.isdisjoint(content_names(parts))


def words_apart(signed: Sequence[Signed]) -> bool:
    """Does a comment that nobody signed stand before words that somebody did (CVE-2017-11427 and its relatives).

    The canonical form leaves comments out: the digest is of ``900000`` where the document holds ``9<!-- -->00000``, and
    a program that takes the first piece of text reads 9.
    """
    unsigned = (comment for one in signed if not one.with_comments for comment in one.target.iter(etree.Comment))
    return any((comment.tail or "").strip() for comment in unsigned)


def _only_text_signed(signed: Sequence[Signed]) -> Iterator[Element]:
    """Under the base64 transform neither name nor attributes of the element are signed: only an Object's are known."""
    for one in signed:
        if one.text_only and (one.target.tag != OBJECT or set(one.target.attrib) - _OF_AN_OBJECT):
            yield one.target


def unsigned_stylesheets(root: Element, signed: Sequence[Signed]) -> bool:
    """Does a stylesheet instruction that nobody signed decide what a browser shows."""
    if any(one.whole_document for one in signed):
        return False
    before = root.itersiblings(preceding=True)
    return any(node.tag is etree.PI and node.target == "xml-stylesheet" for node in before)


def _own_part(signature: Element, target: Element) -> bool:
    """KeyInfo, properties and the like; not content in an Object, and never the signature as a whole."""
    path = [target, *target.iterancestors()]
    if target is signature or signature not in path:
        return False
    top = path[path.index(signature) - 1]
    if top.tag != OBJECT:
        return True
    return all(_is_properties(child) for child in top if isinstance(child.tag, str)) and not _text(top)


def _is_properties(element: Element) -> bool:
    name = etree.QName(element)
    known = name.namespace == DS or (name.namespace or "").startswith("http://uri.etsi.org/01903")
    return known and name.localname in ("QualifyingProperties", "SignatureProperties", "QualifyingPropertiesReference")


def _outside(root: Element, signature: Element, targets: Sequence[Element]) -> Iterator[Element]:
    """Walk down only where something signed lies below; beside it, only signatures and what holds them may stand.

    Sets hold the elements themselves: lxml makes a new object for an element that nobody holds.
    """
    signed = set(targets)
    above = {node for target in targets for node in takewhile(lambda one: one is not signature, target.iterancestors())}
    waiting = [root, *(child for child in signature if child.tag == OBJECT)]
    while waiting:
        element = waiting.pop()
        if element in signed or element is signature or not isinstance(element.tag, str):
            continue
        if element in above:
            if element.tag == SIGNATURE or not _bare(element):
                yield element
            waiting.extend(element)
        elif not (_only_properties(element) if element.getparent() is signature else _holds_signatures(element)):
            yield element


def _hidden(signature: Element, signed: Sequence[Signed], names: frozenset[str]) -> Iterator[Element]:
    """Content in the parts of a signature that nobody signs: its keys, its unsigned properties, countersignatures.

    Nothing there is shown, but programs find it: an element that is called like one of the signed content would be read
    in its place. One of a foreign namespace is content too, but in a SignatureProperty, which is there for any words
    about the signature (a time of signing, which is only not believed).
    """
    targets = {one.target for one in signed}
    parts = [child for child in signature if child.tag not in (_SIGNED_INFO, f"{{{DS}}}SignatureValue")]
    waiting = [(part, False) for part in parts if not any(one.covers(part) for one in signed)]
    while waiting:
        element, in_property = waiting.pop()
        if not isinstance(element.tag, str) or element in targets:  # signed, and all below it
            continue
        in_property = in_property or element.tag == _PROPERTY
        foreign = not _is_signature_word(element.tag) and not in_property
        if foreign or (_local(element.tag) in names and element.tag not in _HOLDERS):
            yield element
        else:
            waiting.extend((child, in_property) for child in element)


def _echoes(root: Element, signature: Element, signed: Sequence[Signed], names: frozenset[str]) -> Iterator[Element]:
    """In the signatures of others: elements called like an element of what this one signs, whoever signed them."""
    targets = {one.target for one in signed}
    others = [one for one in root.iter(SIGNATURE) if signature not in (one, *one.iterancestors())]
    waiting = [one for one in others if not any(part.covers(one) for part in signed)]
    seen: set[Element] = set()
    while waiting:
        element = waiting.pop()
        if element in seen or element is signature or element in targets or not isinstance(element.tag, str):
            continue
        seen.add(element)
        if _local(element.tag) in names and element.tag not in _HOLDERS:
            yield element
        else:
            waiting.extend(element)


def _with_instructions(root: Element, signed: Sequence[Signed]) -> Iterator[Element]:
    """Elements with a processing instruction that nobody signed: nothing of it is shown, but programs act on it."""
    for holder in dict.fromkeys(instruction.getparent() for instruction in root.iter(etree.PI)):
        if holder is None or any(part.covers(holder) for part in signed):
            continue
        if not any(one.tag == _SIGNED_INFO for one in (holder, *holder.iterancestors())):  # signed by the value itself
            yield holder


def _only_properties(element: Element) -> bool:
    return not _text(element) and all(_is_properties(child) for child in element if isinstance(child.tag, str))


def _holds_signatures(element: Element) -> bool:
    """A signature, or a container such as DSCKS: around at least one of them no text and no telling attribute."""
    found = False
    waiting = [element]
    while waiting:
        node = waiting.pop()
        if not isinstance(node.tag, str):
            continue
        if node.tag == SIGNATURE:
            found = True
            continue
        if not _bare(node):
            return False
        waiting.extend(node)
    return found


def _bare(element: Element) -> bool:
    """No text of its own, no attributes but IDs, schema locations, xml:space and xml:lang."""
    identifiers = set(id_names(element))
    said = [name for name in element.attrib if name not in identifiers and name not in _SAYS_NOTHING]
    return not said and not _text(element)


def _text(element: Element) -> bool:
    """Is there text directly inside, between the children."""
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)

"""Is what was signed exactly what the document shows: outside of it stands only what the type's structure allows.

This is where wrapping fails: the signed element may be intact somewhere, but what stands in its place is not signed.
A known type (``documents/*.toml``) may have its frames, the places of its signatures and its unsigned leaves, each by
its exact path. Any other document is signed as a whole, or all around what is signed are names that nobody signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from verifier.report import Coverage
from verifier.xml.around import OBJECT, Around
from verifier.xml.properties import has_text, is_properties, is_signature_word, is_time_of_signing, local
from verifier.xml.safety import Element, id_names
from verifier.xml.signature import Signed
from verifier.xml.transforms import DS, SIGNATURE

_HOLDERS = frozenset({OBJECT, SIGNATURE, f"{{{DS}}}Reference"})
"""Names that content may have too without being mistaken for a signature's parts."""

_SIGNED_INFO = f"{{{DS}}}SignedInfo"
_PROPERTY = f"{{{DS}}}SignatureProperty"

_OF_AN_OBJECT = frozenset({"Id", "Encoding", "MimeType"})


@dataclass(frozen=True)
class XmlCoverage:
    """How much is signed; ``outside`` are the outermost elements with content that is not.

    ``by_design`` are the leaves that the document's type leaves unsigned. ``frame``: elements around or beside what is
    signed whose names nobody signed and no known type explains. ``documents``: others in the same envelope, which other
    signatures answer for. ``misplaced``: the signature stands where the type has
    none.
    """

    coverage: Coverage
    outside: tuple[Element, ...] = ()
    by_design: tuple[Element, ...] = ()
    frame: tuple[Element, ...] = ()
    documents: tuple[Element, ...] = ()
    misplaced: bool = False


def coverage_of(
    root: Element,
    signature: Element,
    signed: Sequence[Signed],
    signed_elsewhere: Callable[[Sequence[Element]], bool],
) -> XmlCoverage:
    """Compare what a signature signs with the whole document; ``signed_elsewhere``: do others sign these elements."""
    targets = content_targets(signature, signed)
    if not targets:
        return XmlCoverage(Coverage.NONE, (root,))
    names = content_names(targets)
    around = Around(root, signature, targets, signed_elsewhere)
    around.walk()
    outside = (
        *around.outside,
        *_only_text_signed(signed),
        *_split_values(root, signed),
        *_hidden(signature, signed, names),
        *_echoes(root, signature, signed, names),
        *_with_instructions(root, signed),
    )
    whole = signature is root or any(target is root for target in targets)
    coverage = Coverage.WHOLE_FILE if whole else Coverage.WHOLE_REVISION
    return XmlCoverage(
        Coverage.PARTIAL if outside else coverage,
        outside,
        tuple(around.by_design),
        tuple(around.frame),
        tuple(around.documents),
        around.misplaced,
    )


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
    return frozenset(local(tag) for tag in tags if not is_signature_word(tag))


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
    return all(is_properties(child) for child in top if isinstance(child.tag, str)) and not has_text(top)


def _hidden(signature: Element, signed: Sequence[Signed], names: frozenset[str]) -> Iterator[Element]:
    """Content in the parts of a signature that nobody signs: its keys, its unsigned properties, countersignatures.

    Nothing there is shown, but programs find it: an element that is called like one of the signed content would be read
    in its place. One of a foreign namespace is content too, but in a SignatureProperty, which is there for any words
    about the signature (a time of signing, which is only not believed).
    """
    targets = {one.target for one in signed}
    if has_text(signature) or set(signature.attrib) - set(id_names(signature)):
        yield signature
    parts = [child for child in signature if child.tag not in (_SIGNED_INFO, f"{{{DS}}}SignatureValue")]
    waiting = [(part, False) for part in parts if not any(one.covers(part) for one in signed)]
    while waiting:
        element, in_property = waiting.pop()
        if not isinstance(element.tag, str) or element in targets:  # signed, and all below it
            continue
        if is_time_of_signing(element):
            continue
        in_property = in_property or element.tag == _PROPERTY
        foreign = not in_property and (not is_signature_word(element.tag) or _mixed(element))
        if foreign or (local(element.tag) in names and element.tag not in _HOLDERS):
            yield element
        else:
            waiting.extend((child, in_property) for child in element)


def _mixed(element: Element) -> bool:
    """Words between elements, where XMLDSig and XAdES have none."""
    return len(element) > 0 and has_text(element)


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
        if local(element.tag) in names and element.tag not in _HOLDERS:
            yield element
        else:
            waiting.extend(element)


def _acts(node: Element) -> bool:
    """An instruction beside the root; a stylesheet has a reason of its own (``unsigned_stylesheets``)."""
    return node.tag is etree.PI and node.target != "xml-stylesheet"


def _with_instructions(root: Element, signed: Sequence[Signed]) -> Iterator[Element]:
    """Elements with a processing instruction that nobody signed: nothing of it is shown, but programs act on it."""
    beside = (*root.itersiblings(preceding=True), *root.itersiblings())
    if not any(one.whole_document for one in signed) and any(_acts(node) for node in beside):
        yield root
    for holder in dict.fromkeys(instruction.getparent() for instruction in root.iter(etree.PI)):
        if holder is None or any(part.covers(holder) for part in signed):
            continue
        if not any(one.tag == _SIGNED_INFO for one in (holder, *holder.iterancestors())):  # signed by the value itself
            yield holder


def _split_values(root: Element, signed: Sequence[Signed]) -> Iterator[Element]:
    """Elements with words of their own around a signature that is not signed with them: ``9<Signature/>00000``.

    The digest is of the words without the signature; who reads the element reads them apart.
    """
    for signature in root.iter(SIGNATURE):
        parent = signature.getparent()
        if parent is None or any(one.covers(signature) for one in signed):
            continue
        if not is_signature_word(parent.tag) and has_text(parent):
            yield parent

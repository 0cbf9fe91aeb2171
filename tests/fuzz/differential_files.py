"""XML and CMS for the differential: files whose signed values are known, mutated, and read by other programs.

Of XML five readers say what stands where (lxml as a tree and by ``text`` alone, ElementTree, minidom, expat); of CMS
openssl says the content, and nothing beside it may be a file of another format.
"""

from __future__ import annotations

import base64
import random
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Any
from xml.dom import minidom
from xml.parsers import expat

from asn1crypto import pem
from lxml import etree

from demo.pki import DemoPki
from demo.responders import Responders
from tests.fuzz.hostile_files import ARMOURS, TREES
from tests.properties.signed_files import LETTER, attached, declaration, invoice, receipt, stamped_letter, two_signers
from tests.unit.verifier.xml_maker import DS
from verifier.report import Conclusion, ValidationReport

Reading = list[tuple[str, str]]
"""Path and text of each element that has one, and of each attribute, in document order; signatures left out."""

_SIGNATURE = f"{{{DS}}}Signature"
_IDS = ("id", "Id", "ID")
MAGICS = (
    b"%PDF-", b"PK\x03\x04", b"<?xml", b"<html", b"<!DOCTYPE", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"{\\rtf", b"<svg",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A mutated file, by which mutation, of which paper."""

    how: str
    paper: str
    data: bytes


class FileGround:
    """The signed files, and what their readers see."""

    def __init__(self, pki: DemoPki, responders: Responders) -> None:
        makers = (invoice, declaration, receipt, two_signers)
        self._trees = {make.__name__: make(pki, responders).data for make in makers}
        self._letters = {make.__name__: make(pki, responders).data for make in (attached, stamped_letter)}
        self._read = {name: read_by_all(data) for name, data in self._trees.items()}
        self._signers: dict[str, frozenset[str]] = {}
        self._shown: dict[str, object] = {}

    def files(self) -> Mapping[str, bytes]:
        """Every signed file by name."""
        return {**self._trees, **self._letters}

    def content_of(self, _: str) -> bytes | None:
        """What a detached signature is over; none of these is."""
        return None

    def know(self, name: str, report: ValidationReport) -> None:
        """Note who signed the file as it was, and what the report shows of it."""
        self._signers[name], self._shown[name] = _signers(report), _shown(report)

    def xml_case(self, chance: random.Random) -> Made:
        """A mutated XML."""
        return _made(self._trees, TREES, chance)

    def armour_case(self, chance: random.Random) -> Made:
        """A mutated CMS."""
        return _made(self._letters, ARMOURS, chance)

    def seen_otherwise(self, name: str, data: bytes, report: ValidationReport) -> tuple[str, ...]:
        """Who reads something else than what was signed in a file that passed."""
        if report.conclusion is not Conclusion.TOTAL_PASSED:
            return ()
        why = [] if _signers(report) <= self._signers[name] else ["another signer"]
        if name in self._letters:
            return (*why, *_letter_otherwise(data))
        signed = self._read[name]
        for reader, reading in read_by_all(data).items():
            if reading != signed[reader]:
                why.append(f"{reader}: {_first_unlike(signed[reader], reading)}")
        if _shown(report) != self._shown[name]:
            why.append(f"shown as signed: {_shown(report)}")
        return tuple(why)


def read_by_all(data: bytes) -> dict[str, Reading]:
    """What each reader sees; the words of its refusal where it refuses."""
    readers: dict[str, Callable[[bytes], Reading]] = {
        "lxml": _by_lxml, "lxml, text alone": _by_lxml_text, "ElementTree": _by_element_tree, "minidom": _by_minidom,
        "expat": _by_expat,
    }  # fmt: skip
    found: dict[str, Reading] = {}
    for name, reader in readers.items():
        try:
            found[name] = reader(data)
        except (etree.XMLSyntaxError, ElementTree.ParseError, expat.ExpatError, ValueError) as error:
            found[name] = [("refused", type(error).__name__)]
    return found


def _by_lxml(data: bytes) -> Reading:
    """All text of an element and what stands in it, comments and instructions left out."""
    return _walk(etree.fromstring(data), lambda one: "".join(one.xpath("text()")))


def _by_lxml_text(data: bytes) -> Reading:
    """As most programs read a value: up to the first thing inside the element."""
    return _walk(etree.fromstring(data), lambda one: one.text or "")


def _by_element_tree(data: bytes) -> Reading:
    return _walk(ElementTree.fromstring(data), lambda one: one.text or "")


def _walk(element: object, text_of: Callable[..., str], above: str = "") -> Reading:
    tag = getattr(element, "tag", None)
    if not isinstance(tag, str) or tag == _SIGNATURE:
        return [] if not isinstance(tag, str) or above else _enveloped(element, text_of)
    path = f"{above}/{tag}"
    found = _kept(path, text_of(element), dict(element.attrib))  # type: ignore[attr-defined]
    for child in element:  # type: ignore[attr-defined]
        found += _walk(child, text_of, path)
    return found


def _enveloped(signature: object, text_of: Callable[..., str]) -> Reading:
    """Of a signature that is the document: what its objects hold."""
    found: Reading = []
    for child in signature:  # type: ignore[attr-defined]
        if child.tag == f"{{{DS}}}Object" and not any("Qualifying" in str(one.tag) for one in child):
            found += _walk(child, text_of, "Signature")
    return found


def _by_minidom(data: bytes) -> Reading:
    """As programs that take the first child of an element for its value."""
    found: Reading = []

    def walk(node: Any, above: str) -> None:
        is_signature = node.namespaceURI == DS and node.localName == "Signature"
        if is_signature and above:
            return
        path = f"{above}/{node.namespaceURI or ''} {node.localName}"
        first = node.firstChild
        text = first.data if first is not None and first.nodeType in (first.TEXT_NODE, first.CDATA_SECTION_NODE) else ""
        if not is_signature:
            found.extend(_kept(path, text, {n: v for n, v in node.attributes.items() if not n.startswith("xmlns")}))
        for child in node.childNodes:
            inside = is_signature and not (child.localName == "Object" and "Qualifying" not in child.toxml()[:300])
            if isinstance(child, minidom.Element) and not inside:
                walk(child, path)

    walk(minidom.parseString(data).documentElement, "")
    return found


def _by_expat(data: bytes) -> Reading:
    """Events alone: text gathered by path, with namespaces; what a signature inside the document holds left out."""
    found: dict[str, list[str]] = {}
    path: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: Mapping[str, str]) -> None:
        path.append(name)
        words = " ".join(f"{key}={value}" for key, value in sorted(attributes.items()))
        found.setdefault("/".join(path), []).append(words)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: path.pop()
    parser.CharacterDataHandler = lambda text: found["/".join(path)].append(text)
    parser.Parse(data, True)
    inside = f"{DS} Signature"
    kept = {at: "".join(texts).strip() for at, texts in found.items() if inside not in at}
    return [(at, text) for at, text in kept.items() if text]


def _kept(path: str, text: str, attributes: Mapping[object, object]) -> Reading:
    found = [(path, text.strip())] if text.strip() else []
    return found + [(f"{path}@{name}", str(value)) for name, value in sorted(attributes.items(), key=str)]


def _first_unlike(before: Reading, after: Reading) -> str:
    lost = [one for one in before if one not in after][:1]
    new = [one for one in after if one not in before][:1]
    return f"signed {lost or 'the same values'}, read {new or 'in another order'}"


def _signers(report: ValidationReport) -> frozenset[str]:
    return frozenset(v.facts.signer.certificate_sha256 for v in report.verdicts if v.facts.signer is not None)


def _shown(report: ValidationReport) -> object:
    """What the report shows as signed (contract: ``signed_content``)."""
    return getattr(report, "signed_content", None)


def _letter_otherwise(data: bytes) -> list[str]:
    """Openssl's content, and formats that stand beside it."""
    armoured = pem.detect(data)
    with NamedTemporaryFile(suffix=".p7m") as file:
        file.write(data)
        file.flush()
        form = "PEM" if armoured else "DER"
        command = ["openssl", "cms", "-verify", "-noverify", "-binary", "-inform", form, "-in", file.name]
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    why = [] if done.returncode or done.stdout == LETTER else ["openssl: another content"]
    beside = data.replace(LETTER, b"")
    if armoured:
        lines = [line for line in data.splitlines() if b"-" not in line and b":" not in line]
        beside += base64.b64decode(b"".join(lines) + b"==")
    why += [f"{magic!r} beside the content" for magic in MAGICS if magic in beside.replace(LETTER, b"")]
    return why


def _made(
    files: Mapping[str, bytes], mutations: tuple[Callable[[bytes, random.Random], bytes], ...], chance: random.Random
) -> Made:
    name = chance.choice(sorted(files))
    mutation = chance.choice(mutations)
    return Made(mutation.__name__, name, mutation(files[name], chance))

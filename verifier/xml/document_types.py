"""The document types whose published structure says what may stay unsigned: ``documents/*.toml``, one file each.

A path counts by its every step, in the type's own namespace: ``DSCKS`` below ``HDon`` is the signatures' place, below
any other root it is a word that somebody wrote.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from lxml import etree

from verifier.xml.safety import Element


class Part(StrEnum):
    """What an element is by its path: FRAME and PLACE hold others and say nothing, BODY is a document in an envelope,
    LEAF is unsigned by design, DATA is what signatures sign.
    """

    BODY = "body"
    FRAME = "frame"
    PLACE = "place"
    LEAF = "leaf"
    DATA = "data"
    UNKNOWN = "unknown"


class Party(StrEnum):
    """Who signs in a place. OTHER is whoever else the seller lets sign; no number is expected of it.

    TAX_OFFICER is the head of a tax office, by a certificate of his own; PAYER pays the income that tax is kept from;
    DECLARANT is the taxpayer or a tax agent or employee who declares for him.
    """

    SELLER = "seller"
    BUYER = "buyer"
    TAXPAYER = "taxpayer"
    DECLARANT = "declarant"
    PAYER = "payer"
    TAX_DEPARTMENT = "tax-department"
    TAX_OFFICER = "tax-officer"
    OTHER = "other"


@dataclass(frozen=True)
class Place:
    """Where a signature stands, and the paths of the signed numbers of the party that signs there.

    ``otherwise`` are numbers that name the party where it has no tax number (identity card, budget unit); ``delegates``
    those of who may sign for it (NĐ 123/2020 Đ.3.7: uỷ nhiệm lập hoá đơn).
    """

    path: str
    party: Party
    numbers: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    delegates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows by their path, and their columns as (code, path) pairs."""

    rows: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class View:
    """What of the signed data is read out: (code, path) pairs, and the first of the tables that has a row."""

    title: str
    fields: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class DocumentType:
    """One root element with what may stand below it; ``bodies`` is where an envelope holds other documents.

    One of ``issuers`` has to sign, where there are any; ``issuers_by_form``: where the form at a path begins so, this
    party instead.
    """

    root: str
    namespace: str
    data: frozenset[str]
    main: str
    frames: frozenset[str]
    leaves: frozenset[str]
    places: Mapping[str, Place]
    issuers: frozenset[Party]
    issuers_by_form: tuple[tuple[str, str, Party], ...]
    view: View | None
    bodies: str | None = None

    @property
    def tag(self) -> str:
        """The root's name as lxml writes it."""
        return f"{{{self.namespace}}}{self.root}" if self.namespace else self.root

    def part(self, path: str) -> Part:
        """What stands at this path below the root."""
        if path == "":
            return Part.FRAME
        if path in self.places:
            return Part.PLACE
        if path in self.leaves:
            return Part.LEAF
        if path in self.frames:  # before the data: an envelope's data are a frame to who signs one document in it
            return Part.FRAME
        return Part.DATA if path in self.data else Part.UNKNOWN

    def find(self, unit: Element, path: str) -> list[Element]:
        """The elements at a path below the root element ``unit``, in the type's namespace."""
        return [unit] if path == "." else list(unit.iterfind(qualified(path, self.namespace)))


@dataclass(frozen=True)
class Located:
    """An element's type, the root element of its document, its path below that, and what it is."""

    type: DocumentType
    unit: Element
    path: str
    part: Part


def qualified(path: str, namespace: str) -> str:
    """A path of plain names for lxml, each name in the namespace."""
    if not namespace:
        return path
    steps = (step if step in ("", "*", ".") else f"{{{namespace}}}{step}" for step in path.split("/"))
    return "/".join(steps)


def locate(element: Element) -> Located | None:
    """Where in a known document an element stands, None in any other document."""
    above = [element, *element.iterancestors()]
    root = above[-1]
    kind = type_of(root)
    if kind is None:
        return None
    names = [_name(one, kind.namespace) for one in reversed(above[:-1])]
    if kind.bodies is not None and names[:1] == [kind.bodies] and len(names) > 1:
        body, inner = above[-3], type_of(above[-3])
        if inner is None or inner.bodies is not None:
            return Located(kind, root, "/".join(names), Part.UNKNOWN)
        path = "/".join(_name(one, inner.namespace) for one in reversed(above[:-3]))
        return Located(inner, body, path, Part.BODY if path == "" else inner.part(path))
    path = "/".join(names)
    return Located(kind, root, path, kind.part(path))


def units(root: Element) -> list[tuple[DocumentType, Element]]:
    """The documents of a file: the root, or those in the envelope that it is."""
    kind = type_of(root)
    if kind is None:
        return []
    if kind.bodies is None:
        return [(kind, root)]
    bodies = [child for holder in kind.find(root, kind.bodies) for child in holder if isinstance(child.tag, str)]
    return [(inner, body) for body in bodies if (inner := type_of(body)) is not None and inner.bodies is None]


def type_of(root: Element) -> DocumentType | None:
    """The type that an element is the root of."""
    return document_types().get(root.tag) if isinstance(root.tag, str) else None


@cache
def document_types() -> Mapping[str, DocumentType]:
    """Every type by the tag of its root."""
    files = resources.files("verifier.xml") / "documents"
    read = [_read(tomllib.loads(one.read_text("utf-8"))) for one in files.iterdir() if one.name.endswith(".toml")]
    return {one.tag: one for one in read}


def _read(values: Mapping[str, Any]) -> DocumentType:
    places = [
        Place(
            path=one["path"],
            party=Party(one["party"]),
            numbers=tuple(one.get("numbers", ())),
            otherwise=tuple(one.get("otherwise", ())),
            delegates=tuple(one.get("delegates", ())),
        )
        for one in values["place"]
    ]
    view = values.get("view")
    return DocumentType(
        root=values["root"],
        namespace=values["namespace"],
        data=frozenset(values["data"]),
        main=values["main"],
        frames=frozenset(values["frames"]),
        leaves=frozenset(values["leaves"]),
        places={one.path: one for one in places},
        issuers=frozenset(Party(one) for one in values.get("issuers", ())),
        issuers_by_form=tuple((path, start, Party(one)) for path, start, one in values.get("issuers_by_form", ())),
        view=None if view is None else _view(view),
        bodies=values.get("bodies"),
    )


def _view(values: Mapping[str, Any]) -> View:
    tables = [Table(one["rows"], _pairs(one["columns"])) for one in values["table"]]
    return View(values["title"], _pairs(values["fields"]), tuple(tables))


def _pairs(values: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((code, path) for code, path in values)


def _name(element: Element, namespace: str) -> str:
    """The plain name of an element of the namespace; the name as lxml writes it in any other."""
    if not isinstance(element.tag, str):
        return "?"
    name = etree.QName(element)
    return name.localname if (name.namespace or "") == namespace else str(element.tag)

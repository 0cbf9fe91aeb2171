"""Step 2: the signatures of a PDF, listed, and how much of the file each one covers.

A listing never raises for one bad signature: what could not be read stands in the entry's ``findings``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature as _EmbeddedPdfSignature

from verifier.guard import Failure, attempt, plain
from verifier.pdf.coverage import is_resaved, measure_coverage
from verifier.pdf.destroyed import destroyed, traces
from verifier.pdf.listed import MAX_FIELD_DEPTH, TEXT_KEYS, RawSignature
from verifier.pdf.page_widgets import widget_of
from verifier.pdf.reading import OpenedPdf
from verifier.pdf.recovery import find_in_bytes, find_in_repaired
from verifier.pdf.updates.chain import is_linearised_revision
from verifier.report import Coverage, Finding, Severity, SignatureKind

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

SUBFILTER_TIMESTAMP = "ETSI.RFC3161"
KNOWN_SUBFILTERS = frozenset(
    {
        "ETSI.CAdES.detached",
        "adbe.pkcs7.detached",
        "adbe.pkcs7.sha1",
        "adbe.x509.rsa_sha1",
        SUBFILTER_TIMESTAMP,
    }
)


@dataclass(frozen=True)
class ListedSignature:
    """One signature dictionary as it stands in the file, in plain values, before any cryptography.

    Offsets are bytes from the start of the file. ``contents_start`` is the offset of ``<``, ``contents_end`` the one
    past ``>``; both None where the gap of the byte range could not be found. ``revision_end`` is the end of the covered
    bytes (``byte_range[2] + byte_range[3]``), 0 where there is no usable byte range.
    """

    field: str | None
    """Fully qualified field name, decoded; None for a signature dictionary outside any field."""
    kind: SignatureKind
    subfilter: str | None
    """Without the slash: ``ETSI.CAdES.detached``; None where absent."""
    byte_range: tuple[int, ...]
    contents: bytes
    """``/Contents`` as decoded from the hex string, padding included."""
    contents_start: int | None
    contents_end: int | None
    revision_end: int
    object_ref: tuple[int, int] | None
    """Object number and generation of the signature dictionary; None where it is a direct object."""
    field_refs: tuple[tuple[int, int], ...] = ()
    """Every field that points to this dictionary (more than one is a finding)."""
    dictionary: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Texts of the dictionary: Type, Filter, SubFilter, Name, Reason, Location, ContactInfo, M."""
    certificates: tuple[bytes, ...] = ()
    """``/Cert`` (only adbe.x509.rsa_sha1), DER."""
    coverage: Coverage = Coverage.NONE
    findings: tuple[Finding, ...] = ()
    resaved: bool = False
    """Another program wrote the whole file anew, so that the byte range fits nothing in it."""
    embedded: EmbeddedPdfSignature | None = None
    """pyHanko's handle on the shared reader; None where it could not make one. Never leaves the worker process."""


@dataclass(frozen=True)
class Listing:
    """All signatures, in the order in which they were made (end of the covered bytes), and what was odd on the way."""

    signatures: tuple[ListedSignature, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def judged(self) -> frozenset[tuple[int, int]] | None:
        """The dictionaries that the report judges as signatures of somebody, by object; None where it stopped early.

        Neither a placeholder nor a time stamp is one: nobody answers for what their fields show.
        """
        if any(finding.code == "TOO-MANY-SIGNATURES" for finding in self.findings):
            return None
        signers = (one for one in self.signatures if one.kind is SignatureKind.SIGNATURE)
        return frozenset(one.object_ref for one in signers if one.object_ref is not None)


def list_signatures(opened: OpenedPdf, max_signatures: int) -> Listing:
    """List every signature dictionary once, whichever fields it hangs in, and measure its coverage."""
    found = attempt("list", lambda: _find(opened))
    if isinstance(found, Failure):
        return Listing((), (Finding("LISTING-FAILED", Severity.ERROR, (("detail", found.detail),)),))
    raw, findings = found
    listing = _assemble(opened.data, raw, max_signatures)
    return Listing(listing.signatures, (*findings, *listing.findings))


def _find(opened: OpenedPdf) -> tuple[list[RawSignature], list[Finding]]:
    """Signatures in fields, then those that only the bytes show."""
    missing: list[str] = []
    emptied: list[str] = []
    if opened.reader is not None:
        found = list(_in_fields(opened.reader, missing, emptied))
    elif opened.repaired is not None:
        found = find_in_repaired(opened.repaired)
    else:
        in_bytes = find_in_bytes(opened.data)
        return in_bytes, [] if in_bytes else [destroyed()]
    known = {raw.object_ref for raw in found}
    judged = {(raw.byte_range, raw.contents) for raw in found}
    findings = [destroyed(name) for name in emptied]
    for raw in find_in_bytes(opened.data):
        if raw.object_ref in known or (raw.byte_range, raw.contents) in judged or not raw.contents.strip(b"\0"):
            continue
        if raw.usage_rights:
            findings.append(Finding("USAGE-RIGHTS", Severity.INFO))
            continue
        live = _live(opened.reader, raw) if opened.reader is not None else None
        if live is not None or missing or raw.contents_at == sum(raw.byte_range[:2]):
            known.add(raw.object_ref)
            found.append(live or raw)
        else:
            findings.append(Finding("SIGNATURE-DICTIONARY-STRAY", Severity.WARNING))
    if not found and not emptied:
        findings.extend(traces(opened.data, opened.reader, opened.repaired))
    return found, list(dict.fromkeys(findings))


def _live(reader: PdfFileReader, raw: RawSignature) -> RawSignature | None:
    """The object of that number as the document's last revision has it, where it is a signature dictionary."""
    if raw.object_ref is None:
        return None
    value = _resolved(generic.Reference(*raw.object_ref, reader))
    if isinstance(value, generic.DictionaryObject) and "/ByteRange" in value and "/Contents" in value:
        widget = widget_of(reader, raw.object_ref)
        if widget is not None:
            return _read(reader, widget[0], value, _text(widget[0], "T"), widget[1], raw.object_ref)
        return _read(reader, None, value, None, None, raw.object_ref)
    return None


def _assemble(data: bytes, found: list[RawSignature], max_signatures: int) -> Listing:
    """Merge what hangs in several fields, leave out placeholders, measure coverage, order by covered end."""
    findings: list[Finding] = []
    listed: list[ListedSignature] = []
    for group in _by_dictionary(found)[:max_signatures]:
        raw = group[0]
        if len(set(raw.contents)) < 2:  # nothing, or one byte over and over: no CMS
            waits = Finding("SIGNATURE-PLACEHOLDER", Severity.WARNING, (("field", raw.field or ""),))
            findings.append(waits if raw.waiting else destroyed(raw.field or ""))
            continue
        listed.append(_listed(data, group))
    if len(_by_dictionary(found)) > max_signatures:
        findings.append(Finding("TOO-MANY-SIGNATURES", Severity.ERROR, (("limit", str(max_signatures)),)))
    listed.sort(key=lambda signature: (signature.revision_end, signature.byte_range))
    return Listing(tuple(listed), tuple(findings))


def _by_dictionary(found: list[RawSignature]) -> list[list[RawSignature]]:
    groups: dict[object, list[RawSignature]] = {}
    for raw in found:
        groups.setdefault(raw.object_ref or (raw.byte_range, raw.contents), []).append(raw)
    return list(groups.values())


def _listed(data: bytes, group: list[RawSignature]) -> ListedSignature:
    raw = group[0]
    subfilter = raw.texts.get("SubFilter")
    measured = measure_coverage(data, raw.byte_range, raw.contents)
    resaved = is_resaved(data, measured, raw.byte_range, raw.contents)
    findings = [] if resaved else list(measured.findings)
    coverage = measured.coverage
    if coverage is Coverage.WHOLE_REVISION and not _is_revision(data, measured.revision_end, raw.embedded):
        coverage = Coverage.PARTIAL
        findings.append(Finding("BYTE-RANGE-NOT-A-REVISION", Severity.ERROR))
    if raw.field is None and not resaved:
        findings.append(Finding("SIGNATURE-OUTSIDE-FIELD", Severity.WARNING))
    elif len(group) > 1:
        names = ", ".join(dict.fromkeys(entry.field or "" for entry in group))
        findings.append(Finding("SIGNATURE-IN-SEVERAL-FIELDS", Severity.WARNING, (("fields", names),)))
    if subfilter not in KNOWN_SUBFILTERS:
        findings.append(Finding("SUBFILTER-UNKNOWN", Severity.WARNING, (("subfilter", subfilter or "—"),)))
    timestamp = subfilter == SUBFILTER_TIMESTAMP or (subfilter is None and raw.texts.get("Type") == "DocTimeStamp")
    if (raw.texts.get("Type") == "DocTimeStamp") != timestamp:
        findings.append(Finding("SIGNATURE-TYPE-WRONG", Severity.INFO, (("type", raw.texts.get("Type", "—")),)))
    return ListedSignature(
        field=raw.field,
        kind=SignatureKind.DOCUMENT_TIMESTAMP if timestamp else SignatureKind.SIGNATURE,
        subfilter=subfilter,
        byte_range=raw.byte_range,
        contents=raw.contents,
        contents_start=measured.contents_start,
        contents_end=measured.contents_end,
        revision_end=measured.revision_end,
        object_ref=raw.object_ref,
        field_refs=tuple(entry.field_ref for entry in group if entry.field_ref is not None),
        dictionary=raw.texts,
        certificates=raw.certificates,
        coverage=coverage,
        findings=tuple(findings),
        resaved=resaved,
        embedded=raw.embedded,
    )


def _is_revision(data: bytes, end: int, embedded: EmbeddedPdfSignature | None) -> bool:
    """Does pyHanko find every cross-reference section of the signed revision inside the covered bytes.

    It takes the two sections of a linearised file for two revisions (ISO 32000-2 annex F).
    """
    if embedded is None:
        return True
    level = attempt("coverage", embedded.evaluate_signature_coverage)
    entire = not isinstance(level, Failure) and level.value >= _ENTIRE_REVISION
    return entire or is_linearised_revision(data, end)


_ENTIRE_REVISION = 2  # SignatureCoverageLevel.ENTIRE_REVISION; ENTIRE_FILE is 3


def _in_fields(reader: PdfFileReader, missing: list[str], emptied: list[str]) -> Iterator[RawSignature]:
    """Every filled signature field.

    Names of fields that cannot be read are added to ``missing``, those whose signature is gone to ``emptied``.
    """
    form = _value(reader.root, "AcroForm")
    fields = _value(form, "Fields")
    if isinstance(fields, generic.ArrayObject):
        yield from _FieldWalk(reader, missing, emptied).walk(fields, "", None, 0)


class _FieldWalk:
    """One walk over a form tree; cycles are cut and broken fields passed over, but counted."""

    def __init__(self, reader: PdfFileReader, missing: list[str], emptied: list[str]) -> None:
        self._reader = reader
        self._missing, self._emptied = missing, emptied
        self._seen: set[tuple[int, int]] = set()

    def walk(
        self, fields: generic.ArrayObject, parent: str, inherited: str | None, depth: int
    ) -> Iterator[RawSignature]:
        for entry in fields if depth < MAX_FIELD_DEPTH else ():
            reference = _reference(entry)
            if reference is not None and reference in self._seen:
                continue
            if reference is not None:
                self._seen.add(reference)
            field = _resolved(entry)
            if not isinstance(field, generic.DictionaryObject):
                self._missing.append(parent)
                continue
            yield from self._field(field, reference, parent, inherited, depth)

    def _field(
        self,
        field: generic.DictionaryObject,
        reference: tuple[int, int] | None,
        parent: str,
        inherited: str | None,
        depth: int,
    ) -> Iterator[RawSignature]:
        name = _text(field, "T")
        full_name = (f"{parent}.{name}" if parent else name) if name is not None else parent
        field_type = _text(field, "FT") or inherited
        value = _value(field, "V")
        if isinstance(value, generic.DictionaryObject) and (field_type == "Sig" or "/ByteRange" in value):
            yield _read(self._reader, field, value, full_name, reference)
        elif isinstance(value, Failure):
            self._missing.append(full_name)
        if field_type == "Sig" and "/V" in field and not isinstance(value, generic.DictionaryObject):
            self._note_value(field, full_name)
        kids = _value(field, "Kids")
        if isinstance(kids, generic.ArrayObject):
            yield from self.walk(kids, full_name, field_type, depth + 1)

    def _note_value(self, field: generic.DictionaryObject, name: str) -> None:
        """A value that is no signature; a direct null is none (ISO 32000-2 7.3.7)."""
        value = attempt("value", lambda: field.raw_get("/V"))
        if not isinstance(value, generic.NullObject):
            self._emptied.append(name)


def _read(
    reader: PdfFileReader,
    field: generic.DictionaryObject | None,
    value: generic.DictionaryObject,
    name: str | None,
    field_ref: tuple[int, int] | None,
    object_ref: tuple[int, int] | None = None,
) -> RawSignature:
    embedded: EmbeddedPdfSignature | Failure | None = None
    if field is not None:
        object_ref = _reference(attempt("reference", lambda: field.raw_get("/V")))
        embedded = attempt("handle", lambda: _EmbeddedPdfSignature(reader, field, name or ""))
    texts = {key: text for key in TEXT_KEYS if (text := _text(value, key)) is not None}
    return RawSignature(
        field=name,
        field_ref=field_ref,
        object_ref=object_ref,
        byte_range=_numbers(value),
        contents=_contents(value),
        texts=texts,
        certificates=_certificates(value),
        waiting=_is_waiting(value),
        embedded=None if isinstance(embedded, Failure) else embedded,
    )


def _reference(value: Any) -> tuple[int, int] | None:
    if isinstance(value, generic.IndirectObject):
        return int(value.idnum), int(value.generation)
    return None


def _value(dictionary: object, key: str) -> Any:
    """An entry, references followed (``dict.get`` of pyHanko's dictionaries does not); None where it has none."""
    if not isinstance(dictionary, generic.DictionaryObject) or f"/{key}" not in dictionary:
        return None
    return attempt(key, lambda: dictionary[f"/{key}"])


def _resolved(entry: Any) -> Any:
    return attempt("object", entry.get_object)


def _text(dictionary: generic.DictionaryObject, key: str) -> str | None:
    value = _value(dictionary, key)
    if isinstance(value, generic.NameObject):
        return plain(value).removeprefix("/")
    if isinstance(value, generic.TextStringObject):
        return plain(value)
    if isinstance(value, generic.ByteStringObject):
        return bytes(value).decode("latin-1")
    return None


def _numbers(dictionary: generic.DictionaryObject) -> tuple[int, ...]:
    """``/ByteRange`` as plain integers; empty where it is absent or holds anything else."""

    def read() -> tuple[int, ...]:
        value = dictionary["/ByteRange"]
        entries = [entry.get_object() for entry in value]
        if not all(isinstance(entry, int) for entry in entries):
            raise TypeError("not integers")
        return tuple(int(entry) for entry in entries)

    numbers = attempt("byte range", read)
    return () if isinstance(numbers, Failure) else numbers


def _is_waiting(dictionary: generic.DictionaryObject) -> bool:
    """A program that will sign later marks the places of its numbers with names: ``[0 /*** /*** /***]``."""
    value = _value(dictionary, "ByteRange")
    return isinstance(value, generic.ArrayObject) and any(isinstance(entry, generic.NameObject) for entry in value)


def _contents(dictionary: generic.DictionaryObject) -> bytes:
    """``/Contents`` is never encrypted (ISO 32000-2 7.6.2)."""

    def read() -> bytes:
        value = dictionary.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
        if isinstance(value, generic.IndirectObject):
            value = _resolved(value)
        return bytes(value.original_bytes)

    contents = attempt("contents", read)
    return b"" if isinstance(contents, Failure) else contents


def _certificates(dictionary: generic.DictionaryObject) -> tuple[bytes, ...]:
    def read() -> tuple[bytes, ...]:
        value = _value(dictionary, "Cert")
        entries = value if isinstance(value, generic.ArrayObject) else [value] if value is not None else []
        return tuple(bytes(_resolved(entry).original_bytes) for entry in entries)

    certificates = attempt("certificates", read)
    return () if isinstance(certificates, Failure) else certificates

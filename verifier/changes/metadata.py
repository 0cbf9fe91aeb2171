"""Purposes: metadata, producers' marks, output intents, authentication codes (ISO 32000-2 §14.3, §14.11.5; TS 32004).

A document may say who worked on it last and when. What it says of itself (title, author, subject, keywords) may be
added, and may not be said otherwise: viewers show a title in place of the file's name.
"""

from __future__ import annotations

import pikepdf
from lxml import etree

from verifier.changes.comparison import Comparison, Difference, dictionary_of
from verifier.changes.equality import decoded
from verifier.changes.kinds import conforms
from verifier.changes.profiles import keeps_colours
from verifier.changes.revision_objects import items
from verifier.changes.signing import Changes
from verifier.changes.vocabulary import Change, ChangeKind

MAX_XMP_BYTES = 4 << 20
_DESCRIBING = ("/Title", "/Author", "/Subject", "/Keywords")
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DESCRIBING_XMP = (f"{_DC}title", f"{_DC}creator", f"{_DC}description", f"{_DC}subject")


def explain_information(comparison: Comparison, difference: Difference) -> Changes | None:
    """``/Info`` (table 349): texts and dates; what describes the document is kept, or is new."""
    if difference.key != "/Info":
        return None
    before, after = dictionary_of(difference.before), dictionary_of(difference.after)
    if difference.after is not None and not _is_flat(difference.after, after):
        return None
    for key in _DESCRIBING:
        said, says = before.get(key), after.get(key)
        if said is not None and _words(said) and not (says is not None and _words(said) == _words(says)):
            return (Change(ChangeKind.DESCRIPTION, key),)
    if _title_is_shown(comparison) and _words(before.get("/Title")) != _words(after.get("/Title")):
        return (Change(ChangeKind.DESCRIPTION, "/Title"),)
    return ()


def _is_flat(holder: pikepdf.Object, entries: dict[str, pikepdf.Object]) -> bool:
    scalars = all(not isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) for value in entries.values())
    return scalars and isinstance(holder, pikepdf.Dictionary) and not isinstance(holder, pikepdf.Stream)


def _words(value: pikepdf.Object | None) -> str:
    """A text in whichever of the encodings of text strings (§7.9.2.2)."""
    return " ".join(str(value).split()) if isinstance(value, pikepdf.String) else ""


def _title_is_shown(comparison: Comparison) -> bool:
    shown = dictionary_of(comparison.new.root.get("/ViewerPreferences")).get("/DisplayDocTitle")
    return shown is not None and shown.unparse(resolved=True) == b"true"


def explain_metadata(_: Comparison, difference: Difference) -> Changes | None:
    """The catalog's XMP: a packet that parses, and describes the document as before where it did."""
    if difference.key != "/Metadata" or not conforms(difference.after, "metadata"):
        return None
    before, after = _described(difference.before), _described(difference.after)
    if after is None or (before and any(after.get(key) != said for key, said in before.items())):
        return None
    return (Change(ChangeKind.METADATA, "/Metadata"),)


def _described(stream: pikepdf.Object | None) -> dict[str, str] | None:
    """What an XMP packet says of the document; None where it is none."""
    data = decoded(stream, MAX_XMP_BYTES) if isinstance(stream, pikepdf.Stream) else None
    if data is None or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        root = etree.fromstring(data.strip(b"\0 \t\r\n\xef\xbb\xbf"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if next(root.iter(f"{_RDF}RDF"), None) is None:
        return None
    found = {
        key: " ".join("".join(root.iter(key).__next__().itertext()).split())
        for key in _DESCRIBING_XMP
        if next(root.iter(key), None) is not None
    }
    return {key: said for key, said in found.items() if said}


def explain_mark(_: Comparison, difference: Difference) -> Changes | None:
    """Marks of producers that no viewer shows: LibreOffice's checksum; that a document is tagged (§14.7.1)."""
    if difference.key == "/DocChecksum":
        return () if not isinstance(difference.after, (pikepdf.Dictionary, pikepdf.Array)) else None
    if difference.key != "/MarkInfo" or difference.after is None:
        return None
    before, after = dictionary_of(difference.before), dictionary_of(difference.after)
    if not after.keys() <= {"/Marked", "/UserProperties", "/Suspects"}:
        return None
    untagged = _is_true(before.get("/Marked")) and not _is_true(after.get("/Marked"))
    return None if untagged else (Change(ChangeKind.METADATA, "/MarkInfo"),)


def _is_true(value: pikepdf.Object | None) -> bool:
    return value is not None and value.unparse(resolved=True) == b"true"


def explain_output_intents(_: Comparison, difference: Difference) -> Changes | None:
    """Output intents where none were, with a profile under which colours stay what they are."""
    if difference.key != "/OutputIntents" or items(difference.before) or difference.after is None:
        return None
    if not conforms(difference.after, "list output-intent"):
        return None
    profiles = [dictionary_of(one).get("/DestOutputProfile") for one in items(difference.after)]
    if not all(one is None or keeps_colours(one) for one in profiles):
        return None
    return (Change(ChangeKind.METADATA, "/OutputIntents"),)


def explain_authentication(comparison: Comparison, difference: Difference) -> Changes | None:
    """The code that protects the integrity of an encrypted document, made anew with each update (ISO/TS 32004 §5)."""
    encrypted = dictionary_of(comparison.new.pdf.trailer).get("/Encrypt") is not None
    known = difference.key == "/AuthCode" and difference.after is not None and encrypted
    return () if known and conforms(difference.after, "auth-code") else None

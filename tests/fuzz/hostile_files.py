"""Mutations of signed XML trees and of the armour around a CMS; those called ``same_…`` change nothing signed."""

from __future__ import annotations

import base64
import copy
import io
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pikepdf
from asn1crypto import cms, core
from lxml import etree

from tests.unit.verifier.xml_maker import DS

FileMutation = Callable[[bytes, random.Random], bytes]

_WORDS = ("999000000", "Công ty Khác", "B")
_WRAPPERS = ("Phu", "TToan", "DLHDon", "HDon", "Object", "NBan")


def _tree(data: bytes) -> Any:
    return etree.fromstring(data)


def _text(root: Any) -> bytes:
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"))


def _elements(root: Any, signed: bool | None = None) -> list[Any]:
    """Elements outside signatures; ``signed`` are those with a text of their own."""
    inside = [one for one in root.iter("{*}*") if not any(a.tag == f"{{{DS}}}Signature" for a in one.iterancestors())]
    kept = [one for one in inside if one.tag != f"{{{DS}}}Signature"] or [root]
    return [one for one in kept if (one.text or "").strip()] or kept if signed else kept


def _new(chance: random.Random, like: Any) -> Any:
    """An element that looks like another, with other words."""
    made = etree.Element(like.tag, nsmap=like.nsmap)
    made.text = chance.choice(_WORDS)
    return made


def renamed(data: bytes, chance: random.Random) -> bytes:
    """An element, mostly the root, has another name or namespace."""
    root = _tree(data)
    one = root if chance.random() < 0.6 else chance.choice(_elements(root))
    one.tag = chance.choice(("TToan", "HDon2", "{urn:other}HDon", "hdon", "Phu", one.tag + "x"))
    return _text(root)


def wrapped(data: bytes, chance: random.Random) -> bytes:
    """The document, or an element, inside another one."""
    root = _tree(data)
    if chance.random() < 0.5:
        outer = etree.Element(chance.choice(_WRAPPERS))
        outer.append(root)
        return _text(outer)
    one = chance.choice(_elements(root))
    if one.getparent() is None:
        return _text(root)
    outer = etree.Element(chance.choice(_WRAPPERS))
    one.addprevious(outer)
    outer.append(one)
    return _text(root)


def look_alike(data: bytes, chance: random.Random) -> bytes:
    """A value once more with other words, before or after, or in any element."""
    root = _tree(data)
    one = chance.choice(_elements(root, signed=True))
    made = _new(chance, one)
    place = chance.choice(_elements(root))
    if place is root or chance.random() < 0.6:
        place.insert(chance.randrange(len(place) + 1), made)
    else:
        place.addprevious(made)
    return _text(root)


def empty_look_alike(data: bytes, chance: random.Random) -> bytes:
    """An empty element, with words in its attributes or its name, where others are."""
    root = _tree(data)
    made = etree.Element(chance.choice(("NBan", "NMua", "TgTTTBSo", "GhiChu-9000000", "CCKSKhac")))
    name = chance.choice(("Id", "id", "ten", "{http://www.w3.org/XML/1998/namespace}id", ""))
    if name:
        made.set(name, chance.choice(("so-tien-9000000", "data", "sig", "x1")))
    place = chance.choice(_elements(root))
    place.insert(chance.randrange(len(place) + 1), made)
    return _text(root)


def attribute(data: bytes, chance: random.Random) -> bytes:
    """An attribute more, or one with another value."""
    root = _tree(data)
    one = chance.choice(_elements(root))
    names = ("Id", "id", "lang", "{http://www.w3.org/XML/1998/namespace}space", "soTien", "{urn:x}a")
    one.set(chance.choice(names), chance.choice(("9000000", "preserve", "data", "khac")))
    return _text(root)


def split_value(data: bytes, chance: random.Random) -> bytes:
    """A comment, an instruction, a section or a copy of the signature inside a signed value."""
    values = list(re.finditer(rb">([^<>\s][^<>]{2,60})</(?!ds:|X509|Sig|Dig)", data))
    if not values:
        return data
    found = chance.choice(values)
    at = chance.randrange(found.start(1), found.end(1) + 1)
    while data[at : at + 1] and data[at] & 0xC0 == 0x80:
        at -= 1
    signature = re.search(rb"<(?:\w+:)?Signature[ >].*?</(?:\w+:)?Signature>", data, re.DOTALL)
    middle = chance.choice((
        b"<!---->", b"<!--9-->", b"<?x 9?>", b"<![CDATA[]]>", signature[0] if signature else b"<!-- -->",
        b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
    ))  # fmt: skip
    return data[:at] + middle + data[at:]


def moved(data: bytes, chance: random.Random) -> bytes:
    """A signed element, or the signature, stands elsewhere; or there is a copy of it."""
    root = _tree(data)
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    one = chance.choice([*_elements(root)[1:], *signatures] or [root])
    if one is root:
        return _text(root)
    piece = one if chance.random() < 0.6 else copy.deepcopy(one)
    place = chance.choice([e for e in _elements(root) if one not in (e, *e.iterancestors())] or [root])
    piece.tail = None
    place.insert(chance.randrange(len(place) + 1), piece)
    return _text(root)


def signature_changed(data: bytes, chance: random.Random) -> bytes:
    """Something in the signature that it does not sign: names of keys, more certificates, objects, properties."""
    root = _tree(data)
    signature = chance.choice(list(root.iter(f"{{{DS}}}Signature")))
    qualifying = signature.find(".//{*}QualifyingProperties")
    choice = chance.randrange(6)
    if choice == 0:
        made = etree.SubElement(signature, f"{{{DS}}}Object")
        made.text = "9000000"
    elif choice == 1 and qualifying is not None:
        qualifying.getparent().append(copy.deepcopy(qualifying))
    elif choice == 2:
        keys = signature.find(f"{{{DS}}}KeyInfo")
        made = etree.SubElement(signature if keys is None else keys, f"{{{DS}}}KeyName")
        made.text = "Giám đốc"
    elif choice == 3:
        data_of = signature.find(f".//{{{DS}}}X509Data")
        if data_of is not None:
            data_of.append(copy.deepcopy(data_of[0]))
    elif choice == 4:
        signature.set("soTien", "9000000")
    else:
        etree.SubElement(signature, "{urn:x}GhiChu").text = "9000000"
    return _text(root)


def prologue(data: bytes, chance: random.Random) -> bytes:
    """What stands before or behind the root: a document type, entities, comments, instructions, another root."""
    middle = data.index(b"?>") + 2
    words = (
        b"<!-- 9000000 -->", b'<?xml-stylesheet type="text/xsl" href="x.xsl"?>', b'<!DOCTYPE HDon [<!ENTITY e "9">]>',
        b"<!DOCTYPE HDon SYSTEM 'x.dtd'>", b"<!-- %PDF-1.4 -->", b"<?php 9 ?>",
    )  # fmt: skip
    word = chance.choice(words)
    if chance.random() < 0.6:
        return data[:middle] + b"\n" + word + data[middle:]
    return data + chance.choice((word, b"<HDon/>", b"%PDF-1.4", b"PK\x03\x04", b"\0"))


def namespaces(data: bytes, chance: random.Random) -> bytes:
    """A default namespace, a prefix or a declaration on any element."""
    tags = list(re.finditer(rb"<[A-Za-z:]+(?=[ >])", data))
    tag = chance.choice(tags)
    word = chance.choice(
        (b' xmlns="urn:other"', b' xmlns:x="urn:x"', b' xmlns=""', b' xml:lang="vi"', b' xml:base="x"')
    )
    return data[: tag.end()] + word + data[tag.end() :]


def same_spelling(data: bytes, chance: random.Random) -> bytes:
    """Other quotes, blanks inside tags, references for letters: canonical XML is the same."""
    choice = chance.randrange(4)
    if choice == 0:
        return re.sub(rb'="([^"<>\']*)"', rb"='\1'", data)
    if choice == 1:
        return re.sub(rb"</([A-Za-z:]+)>", rb"</\1 >", data)
    if choice == 2:
        return re.sub(rb"<([A-Za-z]+)/>", rb"<\1></\1>", data)
    return re.sub(rb">(\d)(\d+)</", lambda m: b">&#%d;%s</" % (m[1][0], m[2]), data)


def same_encoding(data: bytes, chance: random.Random) -> bytes:
    """Another encoding of the same letters, a mark at the beginning, Windows' line ends."""
    text = data.decode("utf-8")
    choice = chance.randrange(4)
    if choice == 0:
        return b"\xef\xbb\xbf" + data
    if choice == 1:
        return re.sub(r"encoding=['\"]UTF-8['\"]", 'encoding="UTF-16"', text).encode("utf-16")
    if choice == 2:
        return data.replace(b"\n", b"\r\n")
    return data + b"\n"


TREES: tuple[FileMutation, ...] = (
    renamed, wrapped, look_alike, look_alike, empty_look_alike, attribute, split_value, split_value, moved, moved,
    signature_changed, signature_changed, prologue, namespaces, same_spelling, same_encoding,
)  # fmt: skip


def _armoured(data: bytes, label: str = "CMS", width: int = 64) -> bytes:
    body = base64.b64encode(data)
    lines = b"\n".join(body[at : at + width] for at in range(0, len(body), width))
    return b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label.encode(), lines, label.encode())


def _pdf() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(200, 200)).Contents = pdf.make_stream(b"0 0 150 150 re f")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("9.000.000.txt", "9.000.000")
    return out.getvalue()


def same_pem(data: bytes, chance: random.Random) -> bytes:
    """In armour by RFC 7468, under its own or the older label, with lines of 64 or 76."""
    armoured = _armoured(data, chance.choice(("CMS", "PKCS7")), chance.choice((64, 64, 76)))
    return armoured if chance.random() < 0.7 else armoured.replace(b"\n", b"\r\n")


def pem_words(data: bytes, chance: random.Random) -> bytes:
    """Words or another format before, behind or inside the armour."""
    armoured = _armoured(data)
    words = chance.choice((b"Kinh gui: 9.000.000\n", _pdf(), b"<html>9.000.000</html>\n", b"\n\n", _zip()))
    first, _, rest = armoured.partition(b"\n")
    return chance.choice((
        words + armoured, armoured + words, first + b"\nComment: 9.000.000\nProc-Type: 4,CLEAR\n\n" + rest,
        first + b"\n" + words + rest, armoured.replace(b"-----END", words + b"-----END"),
    ))  # fmt: skip


def pem_twice(data: bytes, chance: random.Random) -> bytes:
    """Two blocks, or labels that do not agree, or of something else."""
    armoured = _armoured(data)
    other = _armoured(data, chance.choice(("CERTIFICATE", "PKCS7", "CMS", "X509 CRL")))
    return chance.choice((
        armoured + other, other + armoured,
        armoured.replace(b"END CMS", b"END PKCS7"), armoured.replace(b"CMS", b"MESSAGE"),
        armoured.replace(b"-----BEGIN", b"----BEGIN"), armoured.lower(), armoured.replace(b"-----END CMS-----\n", b""),
    ))  # fmt: skip


def base64_spoilt(data: bytes, chance: random.Random) -> bytes:
    """Letters outside the alphabet, padding missing or inside, a line with words."""
    armoured = bytearray(_armoured(data))
    at = chance.randrange(40, len(armoured) - 30)
    armoured[at:at] = chance.choice((b"=", b"==", b"!", b"-", b" ", b"\n", b"\0", b"%PDF-1.4 ", b"9.000.000 "))
    return bytes(armoured)


def der_behind(data: bytes, chance: random.Random) -> bytes:
    """Bytes behind or before the DER: zeros, a PDF, a ZIP, another CMS."""
    more = chance.choice((b"\0", b"\0" * 64, b"\n", _pdf(), _zip(), data))
    return chance.choice((data + more, data + more, more + data))


def second_format(data: bytes, chance: random.Random) -> bytes:
    """A PDF or a page in an unsigned attribute, or among the certificates' neighbours."""
    info = cms.ContentInfo.load(data)
    signer = info["content"]["signer_infos"][0]
    inner = chance.choice((_pdf(), b"<html>9.000.000</html>", _zip(), b"9.000.000"))
    kept = [] if isinstance(signer["unsigned_attrs"], core.Void) else list(signer["unsigned_attrs"])
    value = core.OctetString(inner)
    made = cms.CMSAttribute({"type": "1.2.3.4.5", "values": [core.Any(value)]})
    signer["unsigned_attrs"] = cms.CMSAttributes([*kept, made])
    content = info["content"].copy()
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": content}).dump(force=True))


def indefinite(data: bytes, _: random.Random) -> bytes:
    """The outer elements with indefinite lengths (BER), as streaming programs write them."""
    info = cms.ContentInfo.load(data)
    inner, kind = bytes(info["content"].dump()), bytes(info["content_type"].dump())
    return b"\x30\x80" + kind + b"\xa0\x80" + inner + b"\x00\x00\x00\x00"


def bare_base64(data: bytes, chance: random.Random) -> bytes:
    """Base64 without armour, or an S/MIME part."""
    body = base64.encodebytes(data)
    head = (
        b"MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=signed-data\n"
        b"Content-Transfer-Encoding: base64\n\n"
    )
    return chance.choice((body, head + body))


ARMOURS: tuple[FileMutation, ...] = (
    same_pem, same_pem, pem_words, pem_words, pem_twice, base64_spoilt, der_behind, second_format, indefinite,
    bare_base64,
)  # fmt: skip

"""One file, one format: as what else could a program open these bytes?

A signature speaks for the document that its own format shows. Programs choose by the name of a file, or look for a
mark and read on from there: PDF viewers within the first 1,024 bytes and then from the end, ZIP programs from the end,
browsers anywhere. What such a program would show nobody signed.
"""

from __future__ import annotations

import re

HEADER_WINDOW = 1024
"""Readers look for ``%PDF-`` within the first 1024 bytes (ISO 32000-1, annex H.3.4.1)."""

PDF_MARK = b"%PDF-"

IMAGE_MARKS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"\x00\x00\x00\x0cjP  ",
    b"\xff\x4f\xff\x51",
    b"\x97JB2\r\n\x1a\n",
)

_LOCAL_FILE, _END_OF_ARCHIVE = b"PK\x03\x04", b"PK\x05\x06"
_FOUND_ANYWHERE = (("RAR", b"Rar!\x1a\x07"), ("7z", b"7z\xbc\xaf\x27\x1c"))
"""Archives that their programs look for behind whatever a file begins with."""
_END_OF_ARCHIVE_BYTES = 22
_MAX_ARCHIVE_COMMENT = 0xFFFF

_PDF_PARTS = re.compile(rb"%PDF-|%%EOF|startxref|endobj|endstream|trailer[\0\t\n\f\r ]*(?:<<|%)")
"""What makes a PDF reader take a file for one, or find another end of it; ``_has_object`` finds the objects."""

_OBJECT = re.compile(rb"(?<=[\0\t\n\f\r 0-9])obj")
_NUMBER = b"0123456789+-."
_WHITE = b"\0\t\n\f\r "
_LINE_ENDS = b"\r\n"

_HTML = re.compile(
    rb"<(!doctype\s+html"
    rb"|(html|head|body|title|base|link|meta|style|script|noscript|template|slot|main|section|article|aside|header|footer"
    rb"|nav|address|blockquote|figure|figcaption|div|pre|code|var|samp|kbd|span|small|strong|mark|time|data|abbr|cite|dfn"
    rb"|sub|sup|bdi|bdo|ruby|wbr|ins|del|big|center|font|strike|marquee|picture|source|img|iframe|frameset|frame|embed"
    rb"|object|param|video|audio|track|map|area|table|caption|colgroup|col|tbody|thead|tfoot|form|fieldset|legend|label"
    rb"|input|button|select|datalist|optgroup|option|textarea|output|progress|meter|details|summary|dialog|menu|canvas"
    rb"|svg|math|plaintext|xmp|listing)[\s/>]"
    rb"|(a|b|i|p|q|s|u|h[1-6]|br|hr|em|tt|ul|ol|li|dl|dt|dd|tr|td|th)(\s[^<>]{0,500})?/?>"
    rb"([ -~]|[\xc2-\xf4][\x80-\xbf]{1,3}){12})",
    re.IGNORECASE,
)
"""Elements of HTML; of those with short names only before words, for random bytes hold three signs now and then."""
_ENDS_AN_HTML_COMMENT = re.compile(rb"<!--?>|<!--->|--!>")
"""Browsers end a comment here, XML does not: what follows is a comment to the one and a page to the other."""

_STARTS = (
    ("HTML", re.compile(rb"\s*<(!doctype\s+html|html|head|body|script|svg)[\s/>]", re.IGNORECASE)),
    ("XML", re.compile(rb"\s*<[?!A-Za-z_]")),
    ("PostScript", re.compile(rb"%!PS")),
    ("RTF", re.compile(rb"\{\\rtf")),
    (
        "PKCS #7",
        re.compile(
            rb"-----BEGIN (PKCS7|CMS|PKCS #7 SIGNED DATA)-----"
            rb"|\x30[\x80-\x84].{0,4}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07",
            re.DOTALL,
        ),
    ),
)


def is_image(data: bytes) -> bool:
    """Does the file begin as a picture does."""
    if data.startswith(IMAGE_MARKS):
        return True
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return True
    return data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")


def besides_pdf(data: bytes) -> tuple[str, ...]:
    """As what else a PDF could be opened: by what stands before its header, or as an archive that ends with it."""
    before = data[: max(data.find(PDF_MARK, 0, HEADER_WINDOW + len(PDF_MARK)), 0)]
    found = [name for name, start in _STARTS if start.match(before)]
    if before and is_image(data):
        found.append("IMAGE")
    if before and (before.startswith(_LOCAL_FILE) or _HTML.search(before)):
        found.append("ZIP" if before.startswith(_LOCAL_FILE) else "HTML")
    return tuple(dict.fromkeys([*found, *(("ZIP",) if _ends_as_archive(data) else ())]))


def besides_xml(data: bytes) -> tuple[str, ...]:
    """As what else an XML file could be opened: comments, instructions and CDATA hold anything."""
    found = ["PDF"] if _has_pdf_parts(data) else []
    if _ENDS_AN_HTML_COMMENT.search(data):
        found.append("HTML")
    return (*found, *(("ZIP",) if _ends_as_archive(data) else ()))


def in_the_shell(shell: bytes) -> tuple[str, ...]:
    """What could be opened in the parts of a CMS file that are not its content: nobody signed those."""
    found = ["PDF"] if _has_pdf_parts(shell) else []
    if _HTML.search(shell):
        found.append("HTML")
    if _LOCAL_FILE in shell or _END_OF_ARCHIVE in shell:
        found.append("ZIP")
    return (*found, *(name for name, mark in _FOUND_ANYWHERE if mark in shell))


def _has_pdf_parts(data: bytes) -> bool:
    return _PDF_PARTS.search(data) is not None or any(_has_object(data, one.start()) for one in _OBJECT.finditer(data))


def _has_object(data: bytes, at: int) -> bool:
    """Do two numbers stand before this ``obj``; white space and comments may stand between (ISO 32000-2 §7.2.3)."""
    for _ in range(2):
        at, commented = _before_white(data, at)
        if commented:
            return True
        digits = at
        while digits and data[digits - 1] in _NUMBER:
            digits -= 1
        if digits == at:
            return False
        at = digits
    return True


def _before_white(data: bytes, at: int) -> tuple[int, bool]:
    """Where the white space before an offset begins, and whether a line that holds a comment ends there."""
    end = at
    while end and data[end - 1] in _WHITE:
        end -= 1
    if not set(data[end:at]) & set(_LINE_ENDS):
        return end, False
    line = max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end)) + 1
    return end, b"%" in data[line:end]


def _ends_as_archive(data: bytes) -> bool:
    """An end-of-central-directory record whose comment reaches to the last byte (APPNOTE 4.3.16)."""
    at = data.rfind(_END_OF_ARCHIVE, max(0, len(data) - _MAX_ARCHIVE_COMMENT - _END_OF_ARCHIVE_BYTES))
    if at < 0 or at + _END_OF_ARCHIVE_BYTES > len(data):
        return False
    comment = int.from_bytes(data[at + 20 : at + 22], "little")
    return at + _END_OF_ARCHIVE_BYTES + comment == len(data)

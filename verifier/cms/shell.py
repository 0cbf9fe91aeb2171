"""A CMS file apart from its content: certificates, unsigned attributes and the like, which nobody signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from asn1crypto import core, parser

from verifier.cms.container import CmsSignature, structure_end
from verifier.guard import Failure, attempt
from verifier.second_format import in_the_shell

_OCTET_STRING = 4
_MAX_PIECES = 100_000
"""Of a content that a streaming signer wrote in pieces (of 1 kB or more each)."""


@dataclass(frozen=True)
class Shell:
    """What stands beside the content: bytes behind the structure, and formats that could be opened instead of it."""

    trailing: bytes
    formats: tuple[str, ...]


def shell_of(contents: bytes, parsed: CmsSignature) -> Shell:
    """Look at everything in the file that is not the content."""
    end = structure_end(contents)
    pieces = attempt("content", lambda: list(_pieces(parsed.signed_data["encap_content_info"]["content"])))
    rest = contents if isinstance(pieces, Failure) else _without(contents, pieces)
    return Shell(contents[end:], in_the_shell(rest))


def _without(contents: bytes, pieces: list[bytes]) -> bytes:
    """The file without its content, whose pieces stand in it in this order."""
    kept, at = [], 0
    for piece in pieces:
        found = contents.find(piece, at)
        if found < 0:
            return contents
        kept.append(contents[at:found])
        at = found + len(piece)
    return b"\x01".join([*kept, contents[at:]])


def _pieces(content: Any) -> Iterator[bytes]:
    """The octets of the content as they stand: one string, or several in a constructed one (X.690 §8.7.3)."""
    if isinstance(content, core.Void):
        return
    yield from _octets(bytes(content.untag().dump()), [_MAX_PIECES])


def _octets(encoded: bytes, left: list[int]) -> Iterator[bytes]:
    _, method, tag, _, inside, _ = parser.parse(encoded, strict=False)
    if tag != _OCTET_STRING or not method:
        yield inside
        return
    while inside:
        left[0] -= 1
        if left[0] < 0:
            raise ValueError("too many pieces")
        end = structure_end(inside)
        yield from _octets(inside[:end], left)
        inside = inside[end:]

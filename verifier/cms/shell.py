"""A CMS file apart from its content: certificates, unsigned attributes and the like, which nobody signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.cms.container import structure_end
from verifier.cms.structure import MalformedError, NotOfTheStandardError, read_structure
from verifier.second_format import in_the_shell

_USUAL_PIECES = frozenset({1000, 1 << 10, 1 << 11, 1 << 12, 10_000, 1 << 13, 1 << 14, 1 << 15, 1 << 16})
"""Octets in each piece but the last, as OpenSSL, Bouncy Castle and others write them."""


@dataclass(frozen=True)
class Shell:
    """What stands beside the content: bytes behind the structure, and formats that could be opened instead of it.

    ``strange`` names the structure that has other elements than the standard's; None where all is as it has it.
    """

    trailing: bytes
    formats: tuple[str, ...]
    strange: str | None = None


def shell_of(contents: bytes) -> Shell:
    """Look at everything in the file that is not the content.

    Raises:
        ValueError: it is no structure at all.
    """
    try:
        structure = read_structure(contents)
    except NotOfTheStandardError as error:
        return _strange(contents, str(error))
    except MalformedError:
        return _strange(contents, "BER")
    rest, at = [], 0
    for start, end in structure.content:
        rest.append(contents[at:start])
        at = end
    formats = in_the_shell(b"\x01".join([*rest, contents[at:]]))
    if _is_cut_at_will([end - start for start, end in structure.content]):
        formats = tuple(dict.fromkeys([*formats, *in_the_shell(b"".join(contents[s:e] for s, e in structure.content))]))
    return Shell(contents[structure.end :], formats)


def _strange(contents: bytes, name: str) -> Shell:
    """Nobody can say which of its bytes are the content."""
    trailing = contents[structure_end(contents) :]
    return Shell(trailing, in_the_shell(trailing), name)


def _is_cut_at_will(sizes: Sequence[int]) -> bool:
    """Whether the content stands in pieces as no program cuts it.

    Where they end nobody signed. Between them stand their lengths, which a program that opens the file as what the
    content is reads as part of it: a length of 49 is the digit 1.
    """
    if len(sizes) < 2:
        return False
    return not (set(sizes[:-1]) <= _USUAL_PIECES and len(set(sizes[:-1])) == 1 and 0 <= sizes[-1] <= sizes[0])

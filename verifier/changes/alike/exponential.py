"""Exponential functions (ISO 32000-2 §7.10.3): from one colour to another, over the whole of the domain."""

from __future__ import annotations

import pikepdf

from verifier.changes.comparison import dictionary_of
from verifier.changes.revision_objects import items, number_of

MAX_EXPONENT = 4.0


def is_plain_exponential(function: pikepdf.Object | None) -> bool:
    """Whether every viewer goes from the one colour to the other in the same way."""
    entries = dictionary_of(function)
    exponent = number_of(entries.get("/N"))
    first, last = items(entries.get("/C0")), items(entries.get("/C1"))
    domain = [number_of(one) for one in items(entries.get("/Domain"))]
    return (
        not isinstance(function, pikepdf.Stream)
        and number_of(entries.get("/FunctionType")) == 2
        and exponent is not None
        and 0 < exponent <= MAX_EXPONENT
        and domain == [0, 1]
        and len(first) == len(last) > 0
        and all(number_of(one) is not None for one in (*first, *last))
    )

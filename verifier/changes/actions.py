"""Which actions only lead the reader somewhere, and which do something (ISO 32000-2 §12.6.4, table 201)."""

from __future__ import annotations

import pikepdf

from verifier.changes.revision_objects import items, name_of

MAX_CHAIN = 20
"""Actions that follow one another (``/Next``); a longer chain is none that only leads somewhere."""
_LEADING = frozenset({"/GoTo", "/GoToR", "/URI", "/Thread"})
_PAGES_NEAR = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})


def only_leads(action: pikepdf.Object | None, depth: int = 0) -> bool:
    """Whether an action, or a destination in its place, shows another page or address and does nothing else."""
    if action is None or isinstance(action, (pikepdf.Array, pikepdf.Name, pikepdf.String)):
        return True
    if depth > MAX_CHAIN or not isinstance(action, pikepdf.Dictionary) or isinstance(action, pikepdf.Stream):
        return False
    kind, following = name_of(action.get("/S")), action.get("/Next")
    near = kind == "/Named" and name_of(action.get("/N")) in _PAGES_NEAR
    chain = items(following) if isinstance(following, pikepdf.Array) else [following]
    return (kind in _LEADING or near) and "/JS" not in action and all(only_leads(one, depth + 1) for one in chain)

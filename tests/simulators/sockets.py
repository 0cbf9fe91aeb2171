"""What this process really does at the socket: connections made and names looked up, seen by an audit hook."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Seen:
    """Addresses connected to and names resolved while watching."""

    connections: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)


_watching: list[Seen] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching:
        return
    if event == "socket.connect":
        _watching[-1].connections.append(str(arguments[1]))
    elif event == "socket.getaddrinfo":
        _watching[-1].lookups.append(str(arguments[0]))


sys.addaudithook(_hook)  # audit hooks cannot be removed: one for the process, silent unless somebody watches


@contextmanager
def watched_sockets() -> Iterator[Seen]:
    """Watch all threads of this process."""
    seen = Seen()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)

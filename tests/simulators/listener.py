"""A loopback port that counts who connects: libxml2 would open sockets that no audit hook of Python sees."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Listener:
    """``connections`` made to ``url`` so far."""

    url: str
    connections: int = 0


@contextmanager
def listening() -> Iterator[Listener]:
    """Listen until the block ends; every connection is closed at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(f"http://127.0.0.1:{server.getsockname()[1]}")
        server.settimeout(0.05)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                listener.connections += 1
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener
        finally:
            done.set()
            thread.join()

"""The production server in its own processes, and a hand that ends worker processes from outside."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import psutil

ANTIN = Path(sys.executable).with_name("antin")


@contextmanager
def serving(environment: dict[str, str], log: Path, *arguments: str) -> Iterator[str]:
    """``antin serve`` on loopback, awaited until it answers or has ended; its address."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(ANTIN), "serve", "--bind", f"127.0.0.1:{port}", "--workers", "2", *arguments]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=out)
        try:
            while not _healthy(f"http://127.0.0.1:{port}"):
                if process.poll() is not None:
                    raise RuntimeError(log.read_text(encoding="utf-8", errors="replace")[-3000:])
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _healthy(site: str) -> bool:
    try:
        return httpx.get(f"{site}/healthz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def worker_processes(root: psutil.Process) -> list[psutil.Process]:
    """The processes below that were forked by a fork server: they open documents."""
    found = []
    for process in root.children(recursive=True):
        with suppress(psutil.Error):
            parent = process.parent()
            if parent is not None and "forkserver" in " ".join(parent.cmdline()):
                found.append(process)
    return found


@contextmanager
def killing_workers(every_s: float | None, seed: int = 1) -> Iterator[None]:
    """Now and then one worker process of this process's family is killed, as the kernel does where memory is short."""
    if every_s is None:
        yield
        return
    chance, over = random.Random(seed), threading.Event()

    def kill() -> None:
        while not over.wait(every_s):
            with suppress(psutil.Error, IndexError):
                chance.choice(worker_processes(psutil.Process())).kill()

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()

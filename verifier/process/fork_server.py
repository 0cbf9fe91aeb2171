"""The process that all worker processes are forked from: safe with threads, and it has the verifier loaded.

Light to import, so that a program can start it before it loads anything else, and before it opens a key, a secret or
a database: a worker has nothing of these, neither a file that is open nor the environment (``bare_start``).
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

_PRELOADED = ["verifier.process.bare_start", "verifier.process.workers"]


def fork_server() -> ForkServerContext:
    """Where worker processes come from; the first of them starts it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def start_ahead() -> None:
    """Start it now and do not wait: it loads the verifier on another core while this process loads its own part."""
    fork_server()
    forkserver.ensure_running()

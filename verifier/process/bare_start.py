"""The fork server begins anew without the environment of the program that started it.

Imported by the fork server alone, before anything else. Passphrases, PINs and the database's address stand in that
environment; a worker that a document took over must not find them, not even in ``/proc/self/environ``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

_KEPT = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV"})
_KEPT_FAMILIES = ("LC_", "PYTHON", "LD_", "OPENBLAS_", "OMP_", "FONTCONFIG_")
_SIGN = "ANTIN_WORKERS_ENVIRONMENT"
"""Set where this was done, so that it is done once."""


def bare(environ: Mapping[str, str]) -> dict[str, str]:
    """What of an environment a worker needs: where programs, libraries and fonts are, language and zone."""
    return {name: value for name, value in environ.items() if name in _KEPT or name.startswith(_KEPT_FAMILIES)}


def begin_anew(environ: Mapping[str, str] = os.environ) -> None:
    """Replace this process by the same command in a bare environment; does nothing where that was done."""
    if _SIGN not in environ:
        os.execve(sys.executable, sys.orig_argv, bare(environ) | {_SIGN: "bare"})  # noqa: S606 - its own command


if "from multiprocessing.forkserver import main" in sys.orig_argv[-1]:
    begin_anew()

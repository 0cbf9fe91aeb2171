"""Keep the Dockerfile honest where there is no container engine: run its own steps in a clean folder.

Reads the Dockerfile's instructions, runs the RUN steps stage by stage with its paths moved under a temporary folder,
then starts the CMD there as an unprivileged user and asks the HEALTHCHECK. Steps that change the machine (apt-get,
useradd) are not run: packages are looked up, the account is a number. Exits 0 only if everything held.

usage: python deploy/check_dockerfile.py [--read-only]      --read-only: look at the text only, run nothing
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMAGE_PATHS = ("/opt/antin", "/var/lib/antin")
START_LIMIT_S = 60.0


@dataclass
class Stage:
    """One FROM … with what follows it."""

    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)


def read_stages(text: str) -> list[Stage]:
    """Instructions by stage; continued lines joined, comments dropped."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    stages: list[Stage] = []
    for instruction in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        keyword, _, rest = instruction.strip().partition(" ")
        if keyword == "FROM":
            stages.append(Stage(rest.partition(" AS ")[2] or "final"))
        elif keyword:
            stages[-1].steps.append((keyword, rest.strip()))
    return stages


def complaints(stages: list[Stage]) -> list[str]:
    """What the text alone shows to be wrong."""
    final = stages[-1]
    users = [rest for keyword, rest in final.steps if keyword == "USER"]
    keywords = {keyword for keyword, _ in final.steps}
    found = []
    if len(stages) < 2:
        found.append("one stage only: build tools would be shipped")
    if not users or users[-1] in ("root", "0"):
        found.append("the service would run as root")
    found += [f"no {needed}" for needed in ("HEALTHCHECK", "CMD", "VOLUME") if needed not in keywords]
    copied = [rest for keyword, rest in final.steps if keyword == "COPY"]
    found += [f"copied from the tree, not from a stage: {rest}" for rest in copied if not rest.startswith("--from=")]
    for _, rest in (step for stage in stages for step in stage.steps if step[0] == "COPY"):
        if rest.startswith("--from="):
            continue
        sources = rest.split()[:-1]
        found += [f"COPY {name}: not in the tree" for name in sources if not (ROOT / name).exists()]
        found += [f"COPY {name}: kept out by .dockerignore" for name in sources if _ignored(name)]
    return found


def _ignored(name: str) -> bool:
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip().rstrip("/")
        if not pattern or pattern.startswith("#"):
            continue
        path = name.rstrip("/")
        hit = fnmatch(path, pattern.lstrip("!")) or path.startswith(pattern.lstrip("!") + "/")
        if hit:
            out = not pattern.startswith("!")
    return out


class CleanFolder:
    """The image's file system under a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(root)}
        passed_on = ("PIP_", "UV_", "SSL_", "REQUESTS_CA", "CURL_CA", "HTTP", "http", "NO_PROXY", "no_proxy")
        self.environment |= {key: value for key, value in os.environ.items() if key.startswith(passed_on)}
        self.workdir = root
        self.user: str | None = None

    def moved(self, text: str) -> str:
        """The same with the image's paths under the folder."""
        for path in IMAGE_PATHS:
            text = re.sub(rf"(?<![\w./-]){re.escape(path)}\b", f"{self.root}{path}", text)
        return text

    def build(self, stages: list[Stage]) -> None:
        """Run every stage; what a stage leaves behind is out of reach of the next but by COPY --from."""
        for stage in stages:
            for path in IMAGE_PATHS:
                if (self.root / path[1:]).exists():
                    (self.root / path[1:]).rename(self.root / f"{path[1:].replace('/', '-')}-of-earlier-stage")
            self.workdir = self.root
            for keyword, rest in stage.steps:
                self.step(keyword, rest)

    def step(self, keyword: str, rest: str) -> None:
        """One instruction."""
        match keyword:
            case "WORKDIR" | "VOLUME":
                folder = Path(self.moved(rest))
                folder.mkdir(parents=True, exist_ok=True)
                self.workdir = folder if keyword == "WORKDIR" else self.workdir
            case "ENV":
                for pair in shlex.split(rest):
                    name, _, value = pair.partition("=")
                    self.environment[name] = self.moved(value)
            case "COPY":
                self.copy(rest)
            case "RUN":
                self.run(rest)
            case "USER":
                self.user = rest
            case "EXPOSE" | "HEALTHCHECK" | "CMD":
                pass
            case _:
                raise SystemExit(f"check_dockerfile.py does not know {keyword}: teach it")

    def copy(self, rest: str) -> None:
        """COPY from the tree, or an image path back from an earlier stage."""
        *sources, target = rest.split()
        if sources[0].startswith("--from="):
            prefix = next(path for path in IMAGE_PATHS if sources[1].startswith(path))
            earlier = self.root / f"{prefix[1:].replace('/', '-')}-of-earlier-stage" / sources[1][len(prefix) + 1 :]
            Path(self.moved(target)).parent.mkdir(parents=True, exist_ok=True)
            earlier.rename(self.moved(target))
            return
        for name in sources:
            place = self.workdir / target
            if (ROOT / name).is_dir():
                shutil.copytree(
                    ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"), dirs_exist_ok=True
                )
            else:
                place = place / name if target.endswith("/") else place
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place)

    def run(self, command: str) -> None:
        """RUN, but for what would change the machine."""
        if command.startswith("apt-get"):
            for package in re.findall(r"--no-install-recommends ([\w.+ -]+)", command)[0].split():
                subprocess.run(["dpkg", "-s", package], check=True, capture_output=True)
            return
        if command.startswith("useradd"):
            return
        print(f"RUN {command}", flush=True)
        subprocess.run(["/bin/sh", "-ec", self.moved(command)], check=True, cwd=self.workdir, env=self.environment)


def start_and_ask(folder: CleanFolder, final: Stage) -> None:
    """Start the CMD as a stranger to the files, wait until the HEALTHCHECK passes, end it with SIGTERM."""
    parts = dict(final.steps)
    port = _free_port()
    command = [word.replace(":8000", f":{port}") for word in json.loads(parts["CMD"])]
    check = [word.replace(":8000", f":{port}") for word in json.loads(parts["HEALTHCHECK"].partition("CMD ")[2])]
    uid = 10001 if os.getuid() == 0 else os.getuid()
    home = Path(folder.environment["ANTIN_HOME"])
    if os.getuid() == 0:
        os.chown(home, uid, uid)
    options: dict[str, Any] = {"cwd": home, "env": {**folder.environment, "HOME": str(home)}}
    if os.getuid() == 0:
        options |= {"user": uid, "group": uid, "extra_groups": []}
    print(f"CMD {shlex.join(command)} as user {uid}", flush=True)
    before = _state(folder.root / "opt")
    service = subprocess.Popen(command, **options)
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while subprocess.run(check, check=False, capture_output=True, **options).returncode != 0:
            if service.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the service did not become healthy")
            time.sleep(0.5)
        print("HEALTHCHECK passed")
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(timeout=30)
    if _state(folder.root / "opt") != before:
        raise SystemExit("the service wrote outside ANTIN_HOME and /tmp")


def _state(root: Path) -> set[tuple[str, float]]:
    return {(str(path), path.lstat().st_mtime) for path in root.rglob("*")}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def main() -> None:
    """See the module."""
    stages = read_stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    if found := complaints(stages):
        raise SystemExit("\n".join(f"Dockerfile: {complaint}" for complaint in found))
    if "--read-only" in sys.argv:
        return
    with tempfile.TemporaryDirectory(prefix="antin-image-") as root:
        Path(root).chmod(0o755)
        folder = CleanFolder(Path(root))
        folder.build(stages)
        start_and_ask(folder, stages[-1])
    print("Dockerfile: every step ran, the service became healthy and wrote nowhere else")


if __name__ == "__main__":
    main()

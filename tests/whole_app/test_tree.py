"""The tree itself: no private key in it, no dead link, every dependency explained and pinned by hash."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-runtime.lock", "tests/scans/augraphy/requirements.lock")
SOURCES = ("requirements.in", "requirements-runtime.in", "tests/scans/augraphy/requirements.in")
PRODUCT = ("api", "signer", "verifier", "certs", "migrations")
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}")
KEY_SUFFIXES = frozenset({".p12", ".pfx", ".key", ".jks"})
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img[^>]*\ssrc=\"([^\"]+)\"")
NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?")


def tracked(*patterns: str) -> list[Path]:
    """The files in version control, by path under the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def wanted(name: str) -> list[str]:
    """The packages that a ``requirements*.in`` names itself."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (NAME.match(line) for line in lines)
    return [match[1] for match in found if match]


def entries(lock: str) -> dict[str, str]:
    """Each pinned package of a lock with its own lines."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return {normal(block.partition("==")[0]): block for block in blocks if block.strip()}


def normal(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


class TestSecrets:
    def test_no_private_key_in_the_tree(self) -> None:
        guilty = [path for path in tracked() if path.suffix in KEY_SUFFIXES or PRIVATE_KEY.search(path.read_bytes())]
        assert guilty == []

    def test_a_private_key_would_be_found(self) -> None:
        body = b"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
        for kind in (b"", b"RSA ", b"EC ", b"ENCRYPTED "):
            assert PRIVATE_KEY.search(b"-----BEGIN " + kind + b"PRIVATE KEY-----\n" + body)

    def test_no_certificate_of_a_real_authority_is_shipped(self) -> None:
        """law.md: the catalogue holds facts; certificates are the operator's to download."""
        assert tracked("certs/*.pem", "certs/*.cer", "certs/*.crt", "certs/*.der") == []


class TestDocuments:
    @pytest.mark.parametrize("path", tracked("*.md"), ids=lambda path: str(path.relative_to(ROOT)))
    def test_links_lead_somewhere(self, path: Path) -> None:
        dead = [link for link in links(path) if not (path.parent / link.partition("#")[0]).exists()]
        assert dead == []

    def test_every_decision_is_in_its_place(self) -> None:
        names = sorted(path.name for path in tracked("docs/adr/*.md"))
        numbers = [int(name[:4]) for name in names]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_every_setting_is_told_to_the_operator(self) -> None:
        told = set(re.findall(r"`([a-z_]+)`", (ROOT / "deploy/README.md").read_text(encoding="utf-8")))
        assert {field.name for field in fields(Settings)} - {"home"} <= told

    def test_help_of_make_names_the_targets_of_the_contract(self) -> None:
        printed = subprocess.run(["make"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
        for target in ("install", "demo", "test", "check", "serve", "bench"):
            assert re.search(rf"^\s+{target}\s+\S", printed, flags=re.MULTILINE), target


def _of_node() -> set[str]:
    """Packages of the programs that tests run in Node."""
    found = [json.loads(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("package.json")]
    return {name for one in found for name in one.get("dependencies", {})}


class TestDependencies:
    @pytest.mark.parametrize("package", [name for source in SOURCES for name in wanted(source)])
    def test_every_dependency_has_its_reason(self, package: str) -> None:
        rows = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").splitlines()
        assert [row for row in rows if row.startswith(f"| {package} |")], f"docs/dependencies.md: no line for {package}"

    def test_no_reason_without_a_dependency(self) -> None:
        rows = re.findall(r"^\| ([A-Za-z0-9._-]+) \|", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.MULTILINE)
        known = {"package", *(name for source in SOURCES for name in wanted(source)), *_of_node()}
        assert sorted(set(rows) - known) == []

    @pytest.mark.parametrize("lock", LOCKS)
    def test_locks_hold_hashes_and_no_addresses(self, lock: str) -> None:
        assert "://" not in (ROOT / lock).read_text(encoding="utf-8")
        pinned = entries(lock)
        assert pinned
        for name, block in pinned.items():
            assert re.match(r"\S+==\S+ ", block), name
            assert "--hash=sha256:" in block, name

    @pytest.mark.parametrize(("lock", "source"), list(zip(LOCKS, SOURCES, strict=True)))
    def test_locks_hold_what_is_asked_for(self, lock: str, source: str) -> None:
        assert {normal(name) for name in wanted(source)} <= entries(lock).keys()

    def test_the_runtime_lock_is_a_part_of_the_other(self) -> None:
        whole, runtime = entries("requirements.lock"), entries("requirements-runtime.lock")
        assert {name: block for name, block in runtime.items() if whole.get(name) != block} == {}

    def test_the_product_imports_only_what_it_runs_on(self) -> None:
        """Every direct import of the product is a direct requirement: nothing leans on another package's dependency."""
        declared = {normal(name) for name in wanted("requirements-runtime.in")}
        providers = {module: {normal(name) for name in names} for module, names in packages_distributions().items()}
        own = {*PRODUCT, "__future__"}
        undeclared = {
            f"{path.relative_to(ROOT)}: {module}"
            for path in tracked(*(f"{package}/*.py" for package in PRODUCT))
            for module in imported(path)
            if module not in own
            and module not in sys.stdlib_module_names
            and not providers.get(module, set()) & declared
        }
        assert sorted(undeclared) == []

    def test_the_lock_is_not_another_tools(self) -> None:
        assert tracked("uv.lock", "poetry.lock", "Pipfile*") == []
        assert "uv" not in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})


class TestDockerfile:
    def test_its_text_is_sound(self) -> None:
        """Non-root, health check, several stages, nothing copied that does not exist (the steps: `make dockerfile`)."""
        done = subprocess.run(
            [sys.executable, "deploy/check_dockerfile.py", "--read-only"],
            cwd=ROOT,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr


def links(path: Path) -> list[str]:
    """What a document points to inside the tree."""
    targets = [one or other for one, other in LINK.findall(path.read_text(encoding="utf-8"))]
    return [target for target in targets if "://" not in target and not target.startswith(("#", "mailto:"))]


def imported(path: Path) -> Iterator[str]:
    """Top-level names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield node.module.partition(".")[0]

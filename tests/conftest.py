"""Fixtures for all tests: the demo PKI with its responders on loopback, and the shared real files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.pki import DemoPki, make_pki
from demo.responders import Responders, free_base_url

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Responders]:
    """One PKI for a test process, its responders running."""
    made = make_pki(tmp_path_factory.mktemp("pki"), free_base_url())
    with Responders(made) as running:
        yield running


@pytest.fixture(scope="session")
def pki(_running: Responders) -> DemoPki:
    """The demo PKI; its responders answer on loopback."""
    return _running.pki


@pytest.fixture
def responders(_running: Responders) -> Iterator[Responders]:
    """The running responders; switches and revocations are undone after the test, earlier requests forgotten."""
    _running.requests.clear()
    yield _running
    _running.reset()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory of real certificates and files ($ANTIN_SHARED); tests that need it are skipped without it.

    Under CI=true its absence is a failure: there nothing may be skipped silently.
    """
    directory = Path(os.environ.get("ANTIN_SHARED") or "../shared")
    if not directory.is_absolute():
        directory = (ROOT / directory).resolve()
    if not (directory / "trust").is_dir():
        reason = "ANTIN_SHARED: the shared real files are not there"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return directory

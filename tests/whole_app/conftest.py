"""One installation for all tests of the whole application."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext

import pytest

from demo.pki import DemoPki
from tests.installation import Installation, installation


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Installation]:
    """A running installation with the demo's trust."""
    with installation(tmp_path_factory.mktemp("home"), pki) as running:
        yield running


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """New processes come from one that has imported everything and started nothing."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.whole_app.dying", "api.sealing", "api.validation"])
    return made

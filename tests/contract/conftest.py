"""One installation for the tests of the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.pki import DemoPki
from tests.installation import Installation, installation


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Installation]:
    """A running installation with the demo's trust."""
    with installation(tmp_path_factory.mktemp("home"), pki) as running:
        yield running

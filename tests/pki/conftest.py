"""A PKI made for the time the questions of these tests are about; no responder runs, no time passes."""

from __future__ import annotations

import pytest

from demo.pki import DemoPki, make_pki
from tests.pki.statements import AT


@pytest.fixture(scope="session")
def still(tmp_path_factory: pytest.TempPathFactory) -> DemoPki:
    """The demo PKI as of ``AT``; its addresses answer nothing."""
    return make_pki(tmp_path_factory.mktemp("still"), "http://127.0.0.1:9", AT)

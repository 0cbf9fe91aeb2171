"""Files under Vietnamese names come down whole from the production server (RFC 6266)."""

from __future__ import annotations

import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest

from api.actions import dossiers, identities, seals, verify_document
from api.actions.verify_document import Upload
from api.callers import OPERATOR
from demo.pki import DemoPki
from tests.installation import OFFICER_PASSWORD, Installation, installation, unsigned_declaration
from tests.production_server import production_server
from tests.sealing_home import DOSSIER, dossier_data, result_paper, seal_order

NAME = "Giấy phép số 118 – Đặng Thị Hoà.pdf"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("downloads") / "home", pki) as running:
        yield running


@pytest.fixture(scope="module")
def address(service: Installation) -> Iterator[str]:
    with production_server(service.app) as url:
        yield url


def _got(url: str, **headers: str) -> tuple[bytes, str]:
    """Body and file name, as a browser reads the name: the one in UTF-8 first."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        _, _, encoded = answer.headers["Content-Disposition"].partition("filename*=UTF-8''")
        _, _, plain = answer.headers["Content-Disposition"].partition("filename=")
        return answer.read(), urllib.parse.unquote(encoded) or plain


def test_an_officer_gets_a_paper_under_its_name(service: Installation, address: str) -> None:
    made = verify_document.verify_upload(service.services, OPERATOR, Upload(unsigned_declaration(), NAME))
    identities.create_officer(service.services, OPERATOR, "bich.tt", "Trần Thị Bích", OFFICER_PASSWORD)
    session = identities.sign_in(service.services, "bich.tt", OFFICER_PASSWORD, "127.0.0.1")
    assert session is not None
    url = f"{address}/can-bo/kiem-tra/{made.id}/tep"
    assert _got(url, Cookie=f"antin_session={session.token}") == (unsigned_declaration(), NAME)


def test_a_portal_gets_a_result_under_its_code(service: Installation, address: str) -> None:
    dossiers.put_dossier(service.services, OPERATOR, DOSSIER, dossier_data())
    sealed = seals.seal(service.services, OPERATOR, "k", seal_order(document=result_paper(), filename=NAME))
    data, name = _got(f"{address}/v1/results/{sealed.result_code}/document", Authorization=f"Bearer {service.key}")
    assert (len(data), name) == (sealed.size_bytes, f"{sealed.result_code}.pdf")

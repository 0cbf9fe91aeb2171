"""A running site for the journeys: the real service on a loopback port, a sealed result, and papers of every kind."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pikepdf
from werkzeug.serving import WSGIRequestHandler, make_server

from api.actions import dossiers, identities, seals
from api.actions.seals import Seal
from api.app import create_app
from api.callers import OPERATOR
from api.services import Services, build_services
from demo.documents import declaration, forge
from demo.pki import DemoPki
from tests.installation import APPLICANT, OFFICER_PASSWORD, sign_as, unsigned_declaration
from tests.sealing_home import DOSSIER, dossier_data, seal_order, sealing_settings

OFFICER = "bich.tt"
OFFICER_NAME = "Trần Thị Bích"


@dataclass(frozen=True)
class Papers:
    """What people drop, by what is the matter with it."""

    pki: DemoPki

    @cached_property
    def good(self) -> bytes:
        """Signed by the applicant, unchanged."""
        return sign_as(self.pki, "citizen", unsigned_declaration())

    @cached_property
    def forged(self) -> bytes:
        """Signed, then the area on page 1 was changed."""
        return forge(self.good, declaration(APPLICANT, "9.200"))

    @cached_property
    def of_two(self) -> bytes:
        """Signed by two people, one after the other."""
        return sign_as(self.pki, "employee", self.good, "Signature2")

    @cached_property
    def of_a_stranger(self) -> bytes:
        """Signed with a certificate whose issuer nobody here knows."""
        return sign_as(self.pki, "stranger", unsigned_declaration())

    @cached_property
    def revoked(self) -> bytes:
        """Signed with a certificate that had been revoked."""
        return sign_as(self.pki, "revoked", unsigned_declaration())

    @property
    def unsigned(self) -> bytes:
        """As filled in."""
        return unsigned_declaration()

    @property
    def damaged(self) -> bytes:
        """The first half of a file."""
        return self.unsigned[:300]

    @cached_property
    def locked(self) -> bytes:
        """Needs a password to be opened."""
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(self.unsigned)) as document:
            document.save(out, encryption=pikepdf.Encryption(owner="chủ", user="khoá"))
        return out.getvalue()

    @property
    def office(self) -> bytes:
        """A Word document (its container's first bytes)."""
        return b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + b"\x00" * 16 + b"[Content_Types].xml" + b"\x00" * 64


@dataclass(frozen=True)
class Site:
    """The site under ``url``; ``seal`` is in force, ``expired`` is over, ``sealed`` the bytes of the first."""

    url: str
    services: Services
    papers: Papers
    seal: Seal
    sealed: bytes
    expired: Seal

    def session_cookie(self) -> str:
        """The cookie of a signed-in officer, for journeys that are not about signing in."""
        session = identities.sign_in(self.services, OFFICER, OFFICER_PASSWORD, "127.0.0.1")
        assert session is not None
        return session.token


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """A passed test prints nothing."""


@contextmanager
def running_site(home: Path, pki: DemoPki) -> Iterator[Site]:
    """Make the installation, seal two results, serve."""
    settings = replace(sealing_settings(home, pki), public_url="http://127.0.0.1")
    with build_services(settings, environ={}) as services:
        identities.create_officer(services, OPERATOR, OFFICER, OFFICER_NAME, OFFICER_PASSWORD)
        dossiers.put_dossier(services, OPERATOR, DOSSIER, dossier_data(regulation="kon-tum-08-2018"))
        seal = seals.seal(services, OPERATOR, "journey-1", seal_order(valid_until=date(2099, 11, 18)))
        expired = seals.seal(
            services, OPERATOR, "journey-2", seal_order(issued_on=date(2024, 1, 2), valid_until=date(2025, 1, 2))
        )
        _, sealed = seals.sealed_document(services, OPERATOR, seal.result_code)
        server = make_server("127.0.0.1", 0, create_app(services), threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Site(f"http://127.0.0.1:{server.port}", services, Papers(pki), seal, sealed, expired)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

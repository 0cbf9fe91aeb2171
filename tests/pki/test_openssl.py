"""OpenSSL's answer beside ours: the distribution points that the engine stumbles over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certs.revocation import CertStatus
from demo.pki import DemoPki
from tests.pki.statements import AT, DAY, ask, crl

LISTED = [reason for reason in x509.ReasonFlags if reason is not x509.ReasonFlags.remove_from_crl]
"""removeFromCRL stands in delta lists only."""

POINT = "http://127.0.0.1:9/crl/public-sub.crl"


def openssl_says(still: DemoPki, slug: str, statement: bytes, directory: Path) -> CertStatus:
    """The status by ``openssl verify -crl_check`` at ``AT``, the issuer taken for an anchor."""
    holder = still.holder(slug)
    files = {"leaf": holder.certificate, "issuer": holder.issuer.certificate}
    for name, certificate in files.items():
        (directory / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (directory / "list.pem").write_bytes(x509.load_der_x509_crl(statement).public_bytes(Encoding.PEM))
    command = [
        "openssl",
        "verify",
        "-partial_chain",
        "-crl_check",
        "-extended_crl",
        "-attime",
        str(int(AT.timestamp())),
    ]
    command += ["-CAfile", "issuer.pem", "-CRLfile", "list.pem", "leaf.pem"]
    said = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if said.returncode == 0:
        return CertStatus.GOOD
    return CertStatus.REVOKED if "certificate revoked" in said.stdout + said.stderr else CertStatus.UNKNOWN


@pytest.mark.parametrize("slug", ["citizen", "plain"])
@pytest.mark.parametrize("reason", [None, *LISTED], ids=str)
def test_with_and_without_crl_issuer(
    still: DemoPki, slug: str, reason: x509.ReasonFlags | None, tmp_path: Path
) -> None:
    statement = crl(still, revoked={slug: (AT - DAY, reason)} if reason is not None else {})
    ours = ask(still, slug, crls=[statement]).status
    assert ours is (CertStatus.GOOD if reason is None else CertStatus.REVOKED)
    assert openssl_says(still, slug, statement, tmp_path) is ours


@pytest.mark.parametrize(
    "statement",
    ["stale", "of another CA", "of another generation", "of another point", "for CAs", "for some reasons", "delta"],
)
def test_what_does_not_speak_about_it(still: DemoPki, statement: str, tmp_path: Path) -> None:
    def point(url: str = POINT, **changes: bool) -> tuple[x509.ExtensionType, bool]:
        cas, reasons = changes.get("cas", False), changes.get("reasons")
        some = frozenset({x509.ReasonFlags.key_compromise}) if reasons else None
        names = [x509.UniformResourceIdentifier(url)]
        return x509.IssuingDistributionPoint(names, None, False, cas, some, False, False), True

    der = {
        "stale": lambda: crl(still, stated=AT - 3 * DAY, until=AT - DAY),
        "of another CA": lambda: crl(still, by="official-sub"),
        "of another generation": lambda: crl(still, by="public-sub-old"),
        "of another point": lambda: crl(still, extensions=[point("http://127.0.0.1:9/other.crl")]),
        "for CAs": lambda: crl(still, extensions=[point(cas=True)]),
        "for some reasons": lambda: crl(still, extensions=[point(reasons=True)]),
        "delta": lambda: crl(still, extensions=[(x509.DeltaCRLIndicator(1), True)]),
    }[statement]()
    assert ask(still, "plain", crls=[der]).status is CertStatus.UNKNOWN
    assert openssl_says(still, "plain", der, tmp_path) is CertStatus.UNKNOWN

"""Signed XML and CMS files: a verdict derived again from its evidence equals the stored one, also through REST."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import Installation, installation
from tests.properties.signed_files import MAKERS, Maker, attached, declaration, detached, invoice, long_term, revoked
from tests.unit.verifier.signing import environment, now
from verifier.bundle.bundle import bundle_of, comparable, environment_of, read_bundle, write_bundle
from verifier.inputs import VerificationInput
from verifier.policy import load_policy
from verifier.report import Conclusion
from verifier.verify import verify_document

REVOKED = (revoked(declaration, "citizen"), revoked(attached, "citizen"), revoked(long_term, "company"))
"""Those of them fail whose own claim, or whose time stamp, is from after the revocation: all three."""


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=400)], ids=["at once", "later"])
@pytest.mark.parametrize("make", [*MAKERS, *REVOKED], ids=lambda make: make.__name__)
def test_the_same_verdict_from_the_evidence_alone(
    make: Maker, later: timedelta, pki: DemoPki, responders: Responders
) -> None:
    made, at = make(pki, responders), now() + later
    responders.clock = lambda: at
    first = verify_document(made, environment(pki), at)
    bundle = read_bundle(write_bundle(bundle_of(first, first.evidence), "", {}, {}))
    responders.reset()
    responders.requests.clear()
    judged_with = environment_of(bundle, load_policy(bundle.policy_id), pki.trust_store(), pki.catalogue())
    again = verify_document(made, judged_with, bundle.validation_time)
    assert str(comparable(again)) == str(comparable(first))
    assert comparable(again) == comparable(first)
    assert responders.requests == []
    if not later:
        failed = make in REVOKED
        assert (first.conclusion is Conclusion.TOTAL_FAILED) == failed, first.verdicts


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Any:
    with installation(tmp_path_factory.mktemp("home"), pki) as running:
        yield running


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> CommandLine:
    """Another machine with the demo's trust, long after."""
    home = tmp_path_factory.mktemp("elsewhere")
    (home / "catalogue.toml").write_bytes(pki.catalogue_path.read_bytes())
    line = CommandLine(load_texts(), Language.EN, {"ANTIN_HOME": str(home)}, lambda: now() + timedelta(days=4000))
    assert run(line, ["trust", "import", str(pki.trust_directory)]) == 0
    return line


@pytest.mark.parametrize("make", [long_term, detached, *REVOKED[:2]], ids=lambda make: make.__name__)
def test_from_the_rest_answer_to_the_command_line(
    make: Maker,
    service: Installation,
    elsewhere: CommandLine,
    pki: DemoPki,
    responders: Responders,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = make(pki, responders)
    paper, bundle, beside = tmp_path / "to-khai", tmp_path / "evidence.zip", tmp_path / "noi-dung"
    paper.write_bytes(made.data)
    form: dict[str, Any] = {"file": (io.BytesIO(made.data), "to-khai")}
    arguments = ["verify", "--json", str(paper), "--evidence", str(bundle)]
    if made.content is not None:
        form["content"] = (io.BytesIO(made.content), "noi-dung")
        beside.write_bytes(made.content)
        arguments += ["--content", str(beside)]
    given = service.client.post("/v1/verifications", data=form, headers=service.headers).json
    assert given is not None
    bundle.write_bytes(service.get(f"/v1/verifications/{given['id']}/evidence").data)
    responders.reset()
    responders.requests.clear()
    capsys.readouterr()
    assert run(elsewhere, arguments) == 0
    again = json.loads(capsys.readouterr().out)
    assert responders.requests == []
    assert again["conclusion"] == given["conclusion"]
    assert again["conclusion"] == ("TOTAL-FAILED" if make in REVOKED else "TOTAL-PASSED")
    assert again["signatures"] == given["signatures"]
    unsealed = [finding for finding in again["findings"] if finding["code"] == "EVIDENCE-NOT-SEALED"]
    assert len(unsealed) == 1, "nobody sealed this bundle, and that is said"
    assert [finding for finding in again["findings"] if finding not in unsealed] == given["findings"]


def test_the_evidence_of_one_file_does_not_help_another(pki: DemoPki, responders: Responders) -> None:
    """The statuses in a bundle are of certificates: of another signer's they say nothing."""
    first = verify_document(invoice(pki, responders), environment(pki), now())
    bundle = read_bundle(write_bundle(bundle_of(first, first.evidence), "", {}, {}))
    judged_with = environment_of(bundle, load_policy(), pki.trust_store(), pki.catalogue())
    other: VerificationInput = attached(pki, responders)
    assert verify_document(other, judged_with, now()).conclusion is Conclusion.INDETERMINATE

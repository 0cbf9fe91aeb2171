"""How the evidence stands, through REST and the command line: what ends when, for the caller's agencies only."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from jsonschema import Draft202012Validator

from api.actions import identities
from api.callers import OPERATOR
from api.v1.schemas import SCHEMAS
from demo.documents import permit
from demo.pki import DemoPki
from tests.installation import APPLICANT, Installation, installation
from tests.whole_app.test_cli import Terminal

PERMIT = permit(APPLICANT, "118/GP-STNMT", date(2026, 11, 20), "Phạm Thị Mẫu", "1.200")


def test_what_ends_when(service: Installation) -> None:
    service.put_dossier("SEAL-1")
    sealed = service.seal("health", PERMIT, level="B-LTA").json
    assert sealed is not None and (sealed["level"], sealed["wished_level"]) == ("B-LTA", "B-LTA")
    found = service.get("/v1/evidence-health").json
    schema = {"$ref": "#/components/schemas/EvidenceHealth", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate(found)
    assert found is not None and found["stuck"] == [] and found["due"] == {"raise": 0, "assess": 0, "renew": 0}
    assert sum(one["count"] for one in found["months"]) >= 1 and found["next_due"] is not None
    other = identities.create_api_key(service.services, OPERATOR, "khác", ("another",))
    answer = service.client.get("/v1/evidence-health", headers={"Authorization": f"Bearer {other.text}"})
    assert answer.json is not None and (answer.json["months"], answer.json["next_due"]) == ([], None)
    shell = Terminal(service.services.settings.home)
    printed = shell.run("evidence", "health", "--json")
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout)["months"] == found["months"]
    said = shell.run("evidence", "health")
    assert "Đến hạn: nâng mức 0" in said.stdout and found["months"][0]["month"] in said.stdout
    shown = shell.run("result", "show", sealed["result_code"])
    assert shown.returncode == 0 and "đang có hiệu lực" in shown.stdout and "B-LTA" in shown.stdout
    withdraw = ("result", "withdraw", sealed["result_code"], "--reason", "holder-request", "--decided-by", "Giám đốc")
    decision = ("--decision", "512/QĐ", "--decided-on", "2026-11-20")
    for words in ("Đã thu hồi", "không ghi lần thứ hai"):
        done = shell.run(*withdraw, *decision)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout
    refused = shell.run(*withdraw, "--decision", "513/QĐ", "--decided-on", "2026-11-20")
    assert refused.returncode == 1 and "đã bị thu hồi" in refused.stderr
    for what in (sealed["verification_code"], "ket-qua.pdf"):
        if what == "ket-qua.pdf":
            path = service.services.settings.home / what
            path.write_bytes(service.get(sealed["document_url"]).data)
            what = str(path)
        checked = shell.run("check", what)
        assert checked.returncode == 0, checked.stderr
        assert "đã bị thu hồi" in checked.stdout and "512/QĐ" in checked.stdout


def test_no_password_or_token_of_an_authority_is_told(tmp_path: Path, pki: DemoPki) -> None:
    authority = {"url": "https://user:secret-word@tsa.example:8443/stamp?token=secret-word", "per_day": 10}
    with installation(tmp_path / "home", pki, tsa=(authority,), tsa_urls=()) as other:
        answer = other.get("/v1/evidence-health")
    assert answer.json is not None
    assert [one["address"] for one in answer.json["quotas"]] == ["https://tsa.example:8443/stamp"]
    assert "secret-word" not in answer.text

"""``antin batch``: an order and a folder of files become a batch that the worker seals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.actions import dossiers
from api.callers import OPERATOR
from api.cli import run
from api.clock import system_clock
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from api.services import build_services
from demo.pki import DemoPki
from tests.batch_making import papers
from tests.sealing_home import dossier_data, sealing_settings


def _antin(home: Path, *arguments: str) -> tuple[int, str]:
    """Run a command in this process; exit status and what it wrote."""
    environment = {"ANTIN_HOME": str(home), "ANTIN_PUBLIC_URL": "https://kiem-tra.example"}
    with CliRunner().isolation() as (out, *_):
        line = CommandLine(load_texts(), Language.VI, environment, system_clock)
        status = run(line, list(arguments))
        return status, out.getvalue().decode()


def test_a_batch_from_the_command_line(tmp_path: Path, pki: DemoPki) -> None:
    settings = sealing_settings(tmp_path / "home", pki)
    made = papers(3, documents=[papers(1).documents[0], b"no PDF"])
    with build_services(settings, system_clock, {}) as services:
        for item in made.order.items:
            dossiers.put_dossier(services, OPERATOR, item.dossier, dossier_data())
    items = []
    for item, document in zip(made.order.items, made.documents, strict=True):
        (tmp_path / item.filename).write_bytes(document)
        facts = {"dossier": item.dossier, "title": item.title, "number": item.number, "holder_name": item.holder_name}
        items.append({**facts, "issued_on": "2026-11-18", "file": item.filename})
    order = {"name": "Giấy phép", "agency": "so-tnmt", "signatory": "giam-doc", "level": "B-B", "items": items}
    (tmp_path / "lo.json").write_text(json.dumps(order), encoding="utf-8")
    status, said = _antin(settings.home, "batch", "create", str(tmp_path / "lo.json"))
    assert status == 0, said
    batch_id = said.split("Lô ")[1].split(":")[0]
    assert "Sẵn sàng" in said
    assert _antin(settings.home, "batch", "create", str(tmp_path / "lo.json"))[1].count(batch_id) == 1
    assert "Đang ký" in _antin(settings.home, "batch", "start", batch_id)[1]
    assert _antin(settings.home, "worker", "--once")[0] == 0
    status, said = _antin(settings.home, "batch", "show", batch_id, "--follow")
    assert status == 0
    assert "Đã xong. 2/3 đã ký, 1 không ký được" in said
    assert "2. giay-phep-2.pdf (hồ sơ LO-2): Tệp không phải PDF" in said
    assert batch_id in _antin(settings.home, "batch", "list")[1]
    status, said = _antin(settings.home, "batch", "resume", batch_id)
    assert status == 1, "it is over"


@pytest.mark.parametrize("content", ["no JSON", "[]", '{"items": [{"file": "none.pdf"}]}', '{"items": 3}'])
def test_an_order_that_is_none_is_said_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "lo.json").write_text(content, encoding="utf-8")
    status, said = _antin(tmp_path / "home", "batch", "create", str(tmp_path / "lo.json"))
    assert status == 2
    assert "Traceback" not in said

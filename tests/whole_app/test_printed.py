"""The report on paper: through REST, for every kind of verdict, with the seven fields that the law wants shown."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from demo.citizen import sign_as
from demo.documents import forge
from demo.pki import DemoPki
from tests.installation import Installation, unsigned_declaration

SEVEN = (
    "Tổ chức cấp chứng thư",
    "Người ký",
    "Đơn vị quản lý chứng thư",
    "Thời gian ký, dấu thời gian",
    "Tính toàn vẹn",
    "Hiệu lực khi ký",
    "Thời hạn chứng thư",
)


def _printed(service: Installation, data: bytes, tmp_path: Path) -> tuple[bytes, str]:
    made: dict[str, Any] = service.verify(data).json or {}
    answer = service.get(f"/v1/verifications/{made['id']}/report.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    path = tmp_path / "report.pdf"
    path.write_bytes(answer.data)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    return answer.data, " ".join(text.split())


def test_a_good_signature_is_printed_with_the_seven_fields(service: Installation, pki: DemoPki, tmp_path: Path) -> None:
    data, text = _printed(service, sign_as(pki.holder("citizen"), unsigned_declaration()), tmp_path)
    for field in SEVEN:
        assert field in text
    assert "hợp lệ" in text
    assert "Nguyễn Văn Mẫu" in text
    with pikepdf.open(io.BytesIO(data)) as document:
        assert len(document.pages) == 1
        assert str(document.Root.Lang) == "vi-VN"


@pytest.mark.parametrize("kind", ["forged", "unsigned", "empty", "many"])
def test_every_verdict_can_be_printed(kind: str, service: Installation, pki: DemoPki, tmp_path: Path) -> None:
    signed = sign_as(pki.holder("citizen"), unsigned_declaration())
    data = {
        "forged": forge(signed, unsigned_declaration("9.200")),
        "unsigned": unsigned_declaration(),
        "empty": b"",
        "many": _many(pki),
    }[kind]
    printed, text = _printed(service, data, tmp_path)
    with pikepdf.open(io.BytesIO(printed)) as document:
        assert (len(document.pages) > 1) == (kind == "many")
    assert {"forged": "không hợp lệ", "many": "6. Chữ ký của"}.get(kind, "Kết luận chung") in text


def _many(pki: DemoPki) -> bytes:
    from tests.unit.verifier.signing import Signing, sign

    data = unsigned_declaration()
    for number in range(6):
        data = sign(data, Signing(pki.holder("officer"), field=f"Signature{number}"))
    return data


def test_names_that_the_font_lacks_do_not_prevent_it(service: Installation, tmp_path: Path) -> None:
    body = {"file": (io.BytesIO(unsigned_declaration()), "申請書 😀 đơn.pdf")}
    made: dict[str, Any] = service.client.post("/v1/verifications", data=body, headers=service.headers).json or {}
    answer = service.get(f"/v1/verifications/{made['id']}/report.pdf")
    assert answer.status_code == 200

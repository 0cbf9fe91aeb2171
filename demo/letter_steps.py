"""The demo's letters: one of six signatures as the state's own tool makes them, and one issued here by its clerk."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx

from demo.official_letter import official_letter
from demo.province import AGENCY, SERIES, SIGNATORY, DemoProvince
from demo.state_tool import signed_as_state_tool
from demo.steps import Outcome, refused
from signer.issuing.entry import HeadEntry

VIETNAM = timezone(timedelta(hours=7))
DIRECTOR, TITLE = "Phạm Thị Mẫu", "Giám đốc"
STATE_NUMBER = "2118"
WROTE = "CLERK-WROTE-NUMBER-DAY-MONTH"

Json = dict[str, Any]


@dataclass
class LetterSteps:
    """``client`` is the portal's; the clerk signs in as an officer. ``verify_file`` is the independent checker."""

    province: DemoProvince
    client: httpx.Client
    folder: Path
    dossier: str
    verify_file: Callable[[Path], Json]
    waiting: Json = field(default_factory=dict)

    def of_state_tool(self) -> Outcome:
        """Initials, leader, number, day, month, seal; the first certifies with P = 2."""
        now = datetime.now(UTC)
        entry, file = HeadEntry(STATE_NUMBER, now.astimezone(VIETNAM).date()), self.folder / "cong-van-6-chu-ky.pdf"
        letter = official_letter(DIRECTOR, entry.issued_on.year)
        file.write_bytes(signed_as_state_tool(self.province.pki, letter, DIRECTOR, TITLE, entry, now))
        report = self.verify_file(file)
        told = [finding for signature in report["signatures"] for finding in signature["findings"]]
        initials = [finding["text_vi"] for finding in told if finding["code"] == "DRAFTERS-INITIALS"]
        names = [f"{one['field']} {one['signer']['name']}: {one['indication']}" for one in report["signatures"]]
        checks = [(f"Kết luận {report['conclusion']}: {file.name}", report["conclusion"] == "TOTAL-PASSED")]
        checks += [(name, name.endswith("TOTAL-PASSED")) for name in names]
        checks += [("Đủ sáu chữ ký", len(names) == 6), (_first(initials), len(initials) == 1)]
        return Outcome((*checks, *_clerks(report, STATE_NUMBER)))

    def order(self) -> Outcome:
        """``POST /v1/seals`` with ``issue``: the director signs the letter with its blanks, and it waits."""
        letter = official_letter(DIRECTOR, datetime.now(VIETNAM).year)
        answer = self._order(letter)
        if answer.status_code != 202:
            return refused(answer)
        self.waiting = answer.json() | {"letter": letter}
        signed = self.client.get(self.waiting["document_url"]).content
        file = self.folder / "cong-van-cho-cap-so.pdf"
        file.write_bytes(signed)
        report = self.verify_file(file)
        return Outcome(
            (
                (f"HTTP 202: chờ văn thư cấp số, {self.waiting['document_url']}", self.waiting["number"] is None),
                ("Tệp gửi đến còn nguyên ở đầu tệp đã ký", signed.startswith(letter)),
                (f"Kết luận {report['conclusion']}, {len(report['signatures'])} chữ ký", _passes(report, 1)),
            )
        )

    def issue(self) -> Outcome:
        """``POST /v1/letters/{id}/issue`` by the clerk; then the letter by its code."""
        done = self._as_clerk(f"/v1/letters/{self.waiting['id']}/issue")
        if done.status_code != 200:
            return refused(done)
        answer = self._order(self.waiting["letter"])  # the portal asks for its order again and finds it done
        if answer.status_code != 201:
            return refused(answer)
        sealed, file = answer.json(), self.folder / "cong-van-da-cap-so.pdf"
        file.write_bytes(self.client.get(sealed["document_url"]).content)
        report = self.verify_file(file)
        number = sealed["number"].partition("/")[0]
        before = (self.folder / "cong-van-cho-cap-so.pdf").read_bytes()
        return Outcome(
            (
                (f"Số {sealed['number']}, mã kết quả {sealed['result_code']}", done.json()["state"] == "issued"),
                ("Tệp giám đốc đã ký còn nguyên ở đầu tệp", file.read_bytes().startswith(before)),
                (f"Kết luận {report['conclusion']}: {file.name}", _passes(report, 5)),
                *_clerks(report, number),
            )
        )

    def _order(self, letter: bytes) -> httpx.Response:
        order = {
            "agency": AGENCY,
            "signatory": SIGNATORY,
            "dossier": self.dossier,
            "level": "B-T",
            "title": "Công văn về khai thác tận dụng gỗ rừng trồng",
            "holder_name": "Ủy ban nhân dân xã Tả Lèng",
            "issue": {"series": SERIES, "by_clerk": True},
        }
        return self.client.post(
            "/v1/seals",
            headers={"Idempotency-Key": f"{self.dossier}-cong-van"},
            files={"file": ("cong-van.pdf", letter, "application/pdf")},
            data={"order": json.dumps(order, ensure_ascii=False)},
        )

    def _as_clerk(self, path: str) -> httpx.Response:
        """An act in the clerk's own session: signed in with a password, sent with the form's token."""
        officer = self.province.officers[0]
        with httpx.Client(base_url=self.client.base_url, timeout=self.client.timeout) as clerk:
            clerk.post("/dang-nhap", data={"name": officer.sign_in_name, "password": officer.password})
            # browsers send secure cookies to this machine itself without TLS, the client does not
            clerk.headers["Cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in clerk.cookies.jar)
            page = clerk.get("/can-bo").text
            return clerk.post(path, headers={"X-CSRF-Token": page.split('name="csrf_token" value="')[1].split('"')[0]})


def _passes(report: Json, signatures: int) -> bool:
    made = [one for one in report["signatures"] if one["kind"] == "signature"]
    return report["conclusion"] == "TOTAL-PASSED" and len(made) == signatures


def _clerks(report: Json, number: str) -> list[tuple[str, bool]]:
    """What the report reads of the clerk's act: number and date, and that it is one."""
    told = {finding["code"]: finding["text_vi"] for finding in report["findings"]}
    wrote, act = told.get(WROTE, "Không đọc được số và ngày"), told.get("CLERK-ACT", "Không thấy là một lần phát hành")
    return [(wrote, WROTE in told and number in wrote), (act, "CLERK-ACT" in told)]


def _first(words: list[str]) -> str:
    return words[0] if words else "Không thấy chữ ký nháy"

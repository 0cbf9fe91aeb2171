"""The main job of the service, step by step through its REST API; a step says what it saw and whether it was right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx

from demo import documents
from demo.citizen import sign_as
from demo.documents import Applicant
from demo.letter_steps import LetterSteps
from demo.province import AGENCY, REGULATION, SIGNATORY, DemoProvince
from demo.scan_steps import ScanSteps
from demo.steps import Outcome, Step, refused

DOSSIER = "000.00.16.H35-{day:%y%m%d}-0042"
PERMIT_NUMBER = "118/GP-STNMT"
PERMIT_TITLE = "Giấy phép khai thác tận dụng lâm sản"
AREA_M2, FORGED_AREA_M2 = "1.200", "9.200"
VIETNAM = timezone(timedelta(hours=7))

Json = dict[str, Any]


@dataclass
class MainJob:
    """One dossier from submission to result. ``folder`` receives the files that a visitor may want to try."""

    province: DemoProvince
    client: httpx.Client
    folder: Path
    read_codes: Callable[[bytes], tuple[str, ...]]
    verify_file: Callable[[Path], Json]
    applicant: Applicant = field(init=False)
    dossier: str = field(init=False)
    permit: bytes = field(init=False)
    sealed: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        signer = self.province.pki.holder("citizen")
        self.applicant = Applicant(
            signer.asn1.subject.native["common_name"],
            signer.asn1.subject.native["user_id"].removeprefix("CCCD:"),
            "Bản Nà Nghè, phường Tân Phong, tỉnh Lai Châu",
        )
        today = datetime.now(VIETNAM)
        director = self.province.pki.holder("officer").asn1.subject.native["common_name"]
        self.dossier = DOSSIER.format(day=today)
        self.permit = documents.permit(self.applicant, PERMIT_NUMBER, today.date(), director, AREA_M2)
        self.folder.mkdir(parents=True, exist_ok=True)

    def steps(self) -> Iterator[Step]:
        """The steps in order; a later one uses what an earlier one made."""
        yield Step("Cổng báo hồ sơ mới", "The portal records a dossier", self.record_dossier)
        yield Step("Tờ khai do công dân ký số", "A submission signed by the citizen", self.signed_paper)
        yield Step("Tờ khai bị sửa sau khi ký", "The same, changed after signing", self.forged_paper)
        yield Step("Bản cam kết chưa ký số", "An unsigned paper, by the regulation's way", self.unsigned_paper)
        yield Step("Giám đốc ký, Sở đóng dấu kết quả", "The result: director signs, department seals", self.seal)
        yield Step("Gửi lại đúng yêu cầu đó", "The same request again: the same seal", self.seal_again)
        yield Step("Tra cứu bằng mã QR trên kết quả", "Checked by the code printed on it", self.check_by_code)
        yield Step("Tra cứu bằng tệp", "Checked by file: only its digest is sent", self.check_by_file)
        yield Step("Kiểm tra tệp kết quả, độc lập", "The sealed file, by antin verify", self.verify_sealed)
        paper = self._paper_steps()
        yield Step("Bản quét giấy phép: đúng yêu cầu", "The printed result, scanned: checked", paper.check)
        yield Step("Đối chiếu bản quét với bản chính", "The scan against its original", paper.genuine)
        yield Step("Bản quét bị sửa diện tích", "A scan with another area: boxed", paper.forgery)
        letters = self._letter_steps()
        yield Step(
            "Công văn sáu chữ ký, như phần mềm của Nhà nước", "A letter with six signatures", letters.of_state_tool
        )
        yield Step("Giám đốc ký công văn, số và ngày để trống", "Signed with blanks, waits", letters.order)
        yield Step("Văn thư cấp số, ghi ngày, đóng dấu", "The clerk numbers, dates and seals it", letters.issue)
        yield Step("Cổng đọc dòng sự kiện", "The portal reads the feed of events", self.read_events)

    def _letter_steps(self) -> LetterSteps:
        return LetterSteps(self.province, self.client, self.folder, self.dossier, self.verify_file)

    def _paper_steps(self) -> ScanSteps:
        today = datetime.now(VIETNAM).date()
        director = self.province.pki.holder("officer").asn1.subject.native["common_name"]
        after = documents.permit(self.applicant, PERMIT_NUMBER, today, director, FORGED_AREA_M2)
        return ScanSteps(self.client, self.folder, self.dossier, self.permit, after)

    def record_dossier(self) -> Outcome:
        """``PUT /v1/dossiers/{code}``."""
        answer = self.client.put(
            f"/v1/dossiers/{self.dossier}",
            json={
                "regulation": REGULATION,
                "procedure": {
                    "code": "1.000047",
                    "name": "Phê duyệt khai thác tận dụng lâm sản",
                    "level": 4,
                    "signature_required": True,
                },
                "applicant": {"name": self.applicant.name, "cccd": self.applicant.cccd, "mst": None},
                "submitted_at": datetime.now(UTC).isoformat(),
            },
        )
        return Outcome(
            (
                (
                    f"HTTP {answer.status_code}: hồ sơ {self.dossier}, quy định Lai Châu 03/2017",
                    answer.status_code == 201,
                ),
            )
        )

    def signed_paper(self) -> Outcome:
        """A paper that is as it should be."""
        paper = sign_as(self.province.pki.holder("citizen"), documents.declaration(self.applicant, AREA_M2))
        return self._paper("to-khai.pdf", "Tờ khai", paper, "TOTAL-PASSED", "ACCEPTED")

    def forged_paper(self) -> Outcome:
        """The signed bytes are all still there; the page shows another area."""
        signed = sign_as(self.province.pki.holder("citizen"), documents.declaration(self.applicant, AREA_M2))
        paper = documents.forge(signed, documents.declaration(self.applicant, FORGED_AREA_M2))
        return self._paper("to-khai-bi-sua.pdf", "Tờ khai", paper, "TOTAL-FAILED", "SUPPLEMENT-NEEDED")

    def unsigned_paper(self) -> Outcome:
        """Lai Châu 03/2017 Đ.10: treated as level 3."""
        paper = documents.commitment(self.applicant)
        return self._paper("ban-cam-ket.pdf", "Bản cam kết", paper, "NO-SIGNATURE", "LEVEL-3")

    def seal(self) -> Outcome:
        """``POST /v1/seals``, then the sealed file."""
        answer = self._order_seal()
        if answer.status_code != 201:
            return refused(answer)
        self.sealed = answer.json()
        fetched = self.client.get(self.sealed["document_url"])
        (self.folder / "giay-phep.pdf").write_bytes(fetched.content)
        same = hashlib.sha256(fetched.content).hexdigest() == self.sealed["sha256"]
        return Outcome(
            (
                (f"Mã kết quả {self.sealed['result_code']}", self.sealed["result_code"] == f"{self.dossier}-KQ1"),
                (f"Mã tra cứu {self.sealed['verification_code']}, mức {self.sealed['level']}", True),
                (f"Tệp đã đóng dấu: {self.folder / 'giay-phep.pdf'} ({len(fetched.content):,} byte)", same),
            )
        )

    def seal_again(self) -> Outcome:
        """The portal did not hear the answer and asks again with the same key."""
        answer = self._order_seal()
        if answer.status_code != 201:
            return refused(answer)
        again = answer.json()
        same = (
            again["verification_code"] == self.sealed["verification_code"] and again["sha256"] == self.sealed["sha256"]
        )
        return Outcome((("Vẫn một con dấu: cùng mã, cùng tệp", same and again["replayed"]),))

    def check_by_code(self) -> Outcome:
        """Read the QR code off the sealed page, as a phone does, and follow it."""
        codes = self.read_codes((self.folder / "giay-phep.pdf").read_bytes())
        address = self.sealed["check_url"]
        page = self.client.get(address.removeprefix(self.province.public_url))  # what that host's proxy would pass on
        answer = self.client.get(f"/v1/public/results/{self.sealed['verification_code']}").json()
        result = answer.get("result") or {}
        masked = self.applicant.name not in page.text and self.applicant.name not in json.dumps(
            answer, ensure_ascii=False
        )
        return Outcome(
            (
                (f"Mã QR trên trang 1: {address}", address in codes),
                (f"“{answer['text_vi']}”", answer["state"] == "in-force"),
                (f"{result.get('title')} số {result.get('number')}, cấp cho {result.get('holder')}", masked),
                (f"Trang của công dân: HTTP {page.status_code}", page.status_code == 200),
            )
        )

    def check_by_file(self) -> Outcome:
        """The sealed file is known by its digest; one byte more and it is not."""
        data = (self.folder / "giay-phep.pdf").read_bytes()
        known, changed = (self._by_digest(content) for content in (data, data + b"\n"))
        return Outcome(
            (
                (f"Tệp đúng: “{known['text_vi']}”", known["state"] == "in-force"),
                (f"Tệp khác một byte: “{changed['text_vi']}”", changed["state"] == "unknown"),
            )
        )

    def verify_sealed(self) -> Outcome:
        """The independent checker, in a process of its own, on the file as anybody would receive it."""
        report = self.verify_file(self.folder / "giay-phep.pdf")
        checks = [(f"Kết luận {report['conclusion']}", report["conclusion"] == "TOTAL-PASSED")]
        checks += [(finding["text_vi"], finding["severity"] == "info") for finding in report["findings"]]
        for signature in report["signatures"]:
            who = (signature["signer"] or {}).get("name")
            words = f"{who}: {signature['indication']}, {signature['level'] or signature['kind']}"
            checks.append((words, signature["indication"] == "TOTAL-PASSED"))
        people = [one for one in report["signatures"] if one["kind"] == "signature"]
        return Outcome((*checks, ("Đủ hai chữ ký: người có thẩm quyền trước, cơ quan sau", len(people) == 2)))

    def read_events(self) -> Outcome:
        """``GET /v1/events``: numbered without gaps, no personal data."""
        answer = self.client.get("/v1/events", params={"after": 0})
        events = answer.json()["events"]
        numbers = [event["number"] for event in events]
        private = any(self.applicant.cccd in json.dumps(event) for event in events)
        return Outcome(
            (
                (f"{len(events)} sự kiện: {', '.join(sorted({event['type'] for event in events}))}", len(events) >= 5),
                (
                    "Đánh số liên tục, không có dữ liệu cá nhân",
                    numbers == list(range(1, len(events) + 1)) and not private,
                ),
            )
        )

    def _paper(self, filename: str, name: str, paper: bytes, conclusion: str, outcome: str) -> Outcome:
        (self.folder / filename).write_bytes(paper)
        answer = self.client.post(
            f"/v1/dossiers/{self.dossier}/papers",
            files={"file": (filename, paper, "application/pdf")},
            data={"name": name},
        )
        if answer.status_code not in (200, 201):
            return refused(answer)
        seen = answer.json()
        verification, decided = seen["verification"], seen["outcome"]
        checks = [(f"Kết luận {verification['conclusion']}", verification["conclusion"] == conclusion)]
        checks += [
            (f"Người ký {who['name']}, CCCD {who['cccd']}, {who['issuer']}", True)
            for who in (signature["signer"] for signature in verification["signatures"])
            if who is not None
        ]
        checks.append((f"{decided['text_vi']} ({decided['article']})", decided["code"] == outcome))
        if decided["reason"] is not None:
            checks.append((f"Gửi công dân: “{decided['reason']['text_vi']}”", True))
        return Outcome(tuple(checks))

    def _order_seal(self) -> httpx.Response:
        today = datetime.now(VIETNAM).date()
        order = {
            "agency": AGENCY,
            "signatory": SIGNATORY,
            "dossier": self.dossier,
            "level": "B-LTA",
            "title": PERMIT_TITLE,
            "number": PERMIT_NUMBER,
            "holder_name": self.applicant.name,
            "issued_on": today.isoformat(),
            "valid_until": _a_year_after(today).isoformat(),
        }
        return self.client.post(
            "/v1/seals",
            headers={"Idempotency-Key": f"{self.dossier}-ket-qua"},
            files={"file": ("giay-phep.pdf", self.permit, "application/pdf")},
            data={"order": json.dumps(order, ensure_ascii=False)},
        )

    def _by_digest(self, content: bytes) -> Json:
        digest = hashlib.sha256(content).hexdigest()
        answer: Json = self.client.get(f"/v1/public/digests/{digest}").json()
        return answer


def _a_year_after(day: date) -> date:
    return day + timedelta(days=365)

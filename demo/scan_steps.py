"""The demo's paper: a scan checked, compared with its original, and a forged one with the place boxed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from demo.scanner import forged, printed, scanned
from demo.steps import Outcome, refused

Json = dict[str, Any]


@dataclass(frozen=True)
class ScanSteps:
    """``original`` is the sealed result; ``before`` and ``after`` are its drafts, the second with another area."""

    client: httpx.Client
    folder: Path
    dossier: str
    before: bytes
    after: bytes

    def check(self) -> Outcome:
        """``POST /v1/scans/checks``: the printed and scanned result is a scan as the law asks for."""
        page = printed((self.folder / "giay-phep.pdf").read_bytes())
        (self.folder / "ban-quet.pdf").write_bytes(scanned(page, 1, 0.7))
        (self.folder / "ban-quet-bi-sua.pdf").write_bytes(scanned(forged(page, self.before, self.after), 2, -0.5))
        files = {"file": ("ban-quet.pdf", (self.folder / "ban-quet.pdf").read_bytes(), "application/pdf")}
        answer = self.client.post("/v1/scans/checks", files=files, data={"dossier": self.dossier})
        if answer.status_code != 200:
            return refused(answer)
        seen = answer.json()
        first = seen["pages"][0]
        checks = [
            (f"Loại {seen['kind']}, {first['dpi'][0]:.0f} dpi, {first['colour']}", seen["kind"] == "scan"),
            ("Đạt yêu cầu bản quét, lưu cùng hồ sơ", seen["conforms"] and "id" in seen),
        ]
        found = [*seen["findings"], *first["findings"]]
        return Outcome((*checks, *((each["text_vi"], each["severity"] != "error") for each in found)))

    def genuine(self) -> Outcome:
        """``POST /v1/scans/comparisons``: the true scan against the sealed result."""
        return self._compare("ban-quet.pdf", "match", "Khớp: không chỗ nào khác")

    def forgery(self) -> Outcome:
        """The same with another area printed: boxed."""
        return self._compare("ban-quet-bi-sua.pdf", "differences", "Có khác biệt")

    def _compare(self, copy: str, outcome: str, words: str) -> Outcome:
        names = {"copy": copy, "original": "giay-phep.pdf"}
        files = {side: (name, (self.folder / name).read_bytes(), "application/pdf") for side, name in names.items()}
        answer = self.client.post("/v1/scans/comparisons", files=files, data={"dossier": self.dossier})
        if answer.status_code != 200:
            return refused(answer)
        seen = answer.json()
        boxes = [each["box"] for page in seen["pages"] for each in page["differences"]]
        checks = [(f"{words} ({seen['outcome']})", seen["outcome"] == outcome)]
        checks += [(f"Khung {', '.join(f'{value:.0f}' for value in box)} pt", True) for box in boxes]
        checks.append((f"{len(boxes)} chỗ được khoanh", bool(boxes) == (outcome == "differences")))
        for picture in seen["pictures"]:
            shown = [self.client.get(picture[side]["url"]) for side in ("copy", "original")]
            drawn = all(each.status_code == 200 for each in shown)
            checks += [(f"Ảnh: {each.url}", drawn and picture["aligned"]) for each in shown]
        checks.append((f"Cán bộ xem: {self.client.base_url.join('/can-bo/doi-chieu/' + seen['id'])}", True))
        return Outcome(tuple(checks))

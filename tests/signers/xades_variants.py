"""XAdES of EU DSS in all its packagings, levels and transforms: what passes, and what is only said.

``python -m tests.signers.xades_variants`` makes and judges them all; the suite tries them with the other programs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from demo.pki import DemoPki, make_pki
from demo.responders import Responders, free_base_url
from tests.signers.lines import ProgramFailedError
from tests.signers.matrix import FIRST, SECOND
from tests.signers.programs import Workshop, opened_workshop
from tests.signers.xades_attacks import attacks
from tests.unit.verifier.signing import environment, judge
from tests.unit.verifier.xml_maker import DS
from verifier.report import Conclusion, ValidationReport

DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<toKhai xmlns:x="urn:x" Id="data"><hoTen>Lò Thị Mẫu</hoTen>'
    "<dienTich>120</dienTich><chuKy/></toKhai>\n"
).encode()


@dataclass(frozen=True)
class Variant:
    """How DSS signs. ``right``: the conclusion and the level, or the finding that says why it does not pass."""

    packaging: str
    level: str = "B"
    options: str = ""
    right: str = ""

    @property
    def action(self) -> str:
        """As the Java program takes it."""
        return f"xades:{self.packaging}:{self.level}:{self.options}"


@dataclass(frozen=True)
class Answered:
    """A variant, its file (None where DSS refused) and what the check says of it."""

    name: str
    right: str
    data: bytes | None
    report: ValidationReport | None
    detail: str = ""

    @property
    def told(self) -> str:
        """The level of a file that passes, else the codes of its findings."""
        if self.report is None:
            return f"not made: {self.detail}"
        levels = "+".join(sorted({str(verdict.facts.level) for verdict in self.report.verdicts}))
        codes = {f.code for verdict in self.report.verdicts for f in verdict.findings} | {
            f.code for f in self.report.findings
        }
        return f"{self.report.conclusion.value} {levels} {' '.join(sorted(codes))}".strip()


LEVELS = ("B", "T", "LT", "LTA")
VARIANTS = (
    *(Variant("ENVELOPED", level, right=f"TOTAL-PASSED XAdES-BASELINE-{level}") for level in LEVELS),
    *(Variant("ENVELOPING", level, right=f"TOTAL-PASSED XAdES-BASELINE-{level}") for level in LEVELS),
    *(Variant("ENVELOPING", level, "embedded", f"TOTAL-PASSED XAdES-BASELINE-{level}") for level in LEVELS),
    *(Variant("INTERNALLY_DETACHED", level, right="INDETERMINATE XAdES-BASELINE") for level in LEVELS),
    Variant("DETACHED", right="XML-REFERENCE-EXTERNAL"),
    Variant("ENVELOPING", "B", "manifest", "INDETERMINATE"),
    *(
        Variant("ENVELOPED", "B", options, "TOTAL-PASSED XAdES-BASELINE-B")
        for options in ("pretty", "keyinfo", "subject", "old", "sha512", "inclusive", "place")
    ),
    *(Variant("ENVELOPING", "B", options, "TOTAL-PASSED XAdES-BASELINE-B") for options in ("pretty", "keyinfo", "old")),
    *(
        Variant("ENVELOPED", level, options, f"TOTAL-PASSED XAdES-BASELINE-{level}")
        for options in ("enveloped-transform", "xpath", "filter")
        for level in ("B", "LTA")
    ),
    *(Variant("ENVELOPED", "B", options, "XML-TRANSFORM-REFUSED") for options in ("xpath-content", "filter-content")),
    Variant("INTERNALLY_DETACHED", "B", "id", "XML-FRAME-NOT-SIGNED"),
)


def answered(workshop: Workshop, variants: tuple[Variant, ...] = VARIANTS) -> Iterator[Answered]:
    """Each variant alone; then signed again, and countersigned."""
    for variant in variants:
        name = f"{variant.packaging} {variant.level} {variant.options}".strip()
        yield _made(workshop, name, variant.right, variant.action, DOCUMENT, FIRST)
    once = workshop.carry_out("EU DSS", Variant("ENVELOPED").action, DOCUMENT, FIRST, "s")
    assert once is not None
    for level in ("B", "LTA"):
        again = Variant("ENVELOPED", level).action
        yield _made(workshop, f"ENVELOPED B, then ENVELOPED {level}", "TOTAL-PASSED", again, once, SECOND)
    identifier = next(etree.fromstring(once).iter(f"{{{DS}}}Signature")).get("Id")
    counter = Variant("ENVELOPED", "B", "countersigned").action
    yield _made(workshop, "countersigned", "XML-COUNTER-SIGNATURE", counter, once, SECOND, identifier)


def _made(
    workshop: Workshop, name: str, right: str, action: str, data: bytes, holder: str, field: str = "s"
) -> Answered:
    try:
        made = workshop.carry_out("EU DSS", action, data, holder, field)
    except ProgramFailedError as error:
        return Answered(name, right, None, None, str(error))
    assert made is not None
    return Answered(name, right, made, judge(made, environment(workshop.pki)))


def main(pki: DemoPki, folder: Path) -> int:
    """Print what was said of each; exit status 1 where it is not what is right."""
    wrong = tried = 0
    with Responders(pki), opened_workshop(pki, folder) as workshop:
        for one in answered(workshop):
            is_right = one.right in one.told
            wrong += not is_right
            print(f"{'' if is_right else 'WRONG '}{one.name}: {one.told}", flush=True)
            for name, forged in attacks(one.data) if one.data is not None else ():
                tried += 1
                if judge(forged, environment(pki)).conclusion is Conclusion.TOTAL_PASSED:
                    wrong += 1
                    print(f"WRONG {one.name}, {name}: passed")
    print(f"{len(VARIANTS) + 3} files, {tried} forged of them: {wrong} answered wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    with TemporaryDirectory(prefix="antin-signers-") as name:
        sys.exit(main(make_pki(Path(name) / "pki", free_base_url()), Path(name)))

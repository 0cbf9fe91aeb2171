"""A report for the eye: the contract's object as coloured lines and a table in the terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.commands.line import CommandLine, joined, local_time, readable
from verifier.report import SignatureKind, ValidationReport

_COLOURS = {
    "TOTAL-PASSED": "green",
    "INDETERMINATE": "yellow",
    "TOTAL-FAILED": "red",
    "NO-SIGNATURE": "yellow",
    "UNREADABLE": "red",
    "UNSUPPORTED-FORMAT": "yellow",
}
_MARKS = {"green": "✔", "yellow": "●", "red": "✘"}
_SEVERITY_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def print_report(line: CommandLine, document: dict[str, Any], report: ValidationReport | None) -> None:
    """Headline, the next step, findings, then each signature; ``report`` is None where no file was read."""
    conclusion = document["conclusion"]
    colour = _COLOURS[conclusion]
    title, detail, step = _words(line, conclusion, report)
    line.out.print(Text.assemble((f"{_MARKS[colour]} ", colour), (readable(document["file"]), "bold")))
    line.out.print(Text.assemble("  ", (title, f"bold {colour}"), (f"  {conclusion}", "dim")))
    for words in (detail, step):
        if words:
            line.out.print(Padding(Text(words), (0, 0, 0, 2), expand=False))
    _print_findings(line, document["findings"], indent=2)
    for number, signature in enumerate(document["signatures"], 1):
        _print_signature(line, number, signature)
    if document.get("signed_content"):
        _print_content(line, document["signed_content"])
    line.out.print()


def _words(line: CommandLine, conclusion: str, report: ValidationReport | None) -> tuple[str, str, str]:
    """The very words of the officer's page: headline, why, what to do."""
    if report is None:
        return line.say(f"cli.conclusion.{conclusion}"), "", ""
    # Imported here: the pages bring the whole surface along, which ``--json`` has no use for.
    from api.pages.next_step import next_step
    from api.pages.report_view import Speaker, headline

    speaker = Speaker(line.texts, line.language)
    said = headline(report, speaker)
    step = line.say("cli.next-step", step=next_step(report, None, speaker).officer)
    return said.title, said.detail, step


def _print_findings(line: CommandLine, findings: list[dict[str, str]], indent: int) -> None:
    for finding in findings:
        colour = _SEVERITY_COLOURS[finding["severity"]]
        text = Text.assemble(("• ", colour), finding[f"text_{line.language}"], (f"  [{finding['code']}]", "dim"))
        line.out.print(Padding(text, (0, 0, 0, indent), expand=False))


def _print_signature(line: CommandLine, number: int, signature: dict[str, Any]) -> None:
    indication = signature["indication"]
    colour = _COLOURS[indication]
    answer = joined([line.say(f"cli.conclusion.{indication}"), signature["sub_indication"]])
    title = f"{line.say('cli.kind.' + signature['kind'])} {number}"
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text(title, "bold"), Text(f"{_MARKS[colour]} {answer}", colour))
    for name, value in _rows(line, signature):
        table.add_row(line.say(f"cli.row.{name}"), Text(value))
    line.out.print(Padding(table, (0, 0, 0, 2), expand=False))
    _print_findings(line, signature["findings"], indent=4)


def _print_content(line: CommandLine, content: dict[str, Any]) -> None:
    """What was signed: fields, then the lines as a table."""
    name = f"name_{line.language}"
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(style="dim", max_width=34)
    table.add_column(overflow="fold")
    table.add_row(
        Text(line.texts.say("signed.section", line.language), "bold"), Text(readable(content["title"]), "bold")
    )
    for field in content["fields"]:
        table.add_row(Text(readable(field[name])), Text(readable(field["value"])))
    line.out.print(Padding(table, (0, 0, 0, 2), expand=False))
    if content["lines"]:
        rows = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        for column in content["columns"]:
            rows.add_column(readable(column[name]), header_style="dim", overflow="fold")
        for cells in content["lines"]:
            rows.add_row(*(Text(readable(cell)) for cell in cells))
        line.out.print(Padding(rows, (0, 0, 0, 4), expand=False))


def _rows(line: CommandLine, signature: dict[str, Any]) -> list[tuple[str, str]]:
    signer = signature["signer"]
    rows = []
    if signer is not None:
        identity = joined([signer["cccd"] and f"CCCD {signer['cccd']}", signer["mst"] and f"MST {signer['mst']}"])
        organization = signer["organization"]
        same = organization is not None and organization.casefold() == signer["name"].casefold()
        rows.append(("signer", joined([signer["name"], None if same else organization, identity])))
        rows.append(("issuer", joined([signer["issuer"], line.say(f"cli.regime.{signature['regime']}")])))
    rows.append(("integrity", joined([line.say(f"cli.integrity.{signature['integrity']}"), signature["level"]])))
    rows.append(("changes", line.say(f"cli.changes.{signature['changes_after']}")))
    rows.append(("revocation", line.say(f"cli.revocation.{signature['revocation']}")))
    rows.append(("time", _time(line, signature)))
    return rows


def _time(line: CommandLine, signature: dict[str, Any]) -> str:
    proven, claimed = signature["best_signature_time"], signature["claimed_signing_time"]
    if proven is not None:
        return line.say("cli.time.proven", time=local_time(datetime.fromisoformat(proven)))
    if claimed is not None:
        by = "stamp" if signature["kind"] == SignatureKind.DOCUMENT_TIMESTAMP else "claimed"
        return line.say(f"cli.time.{by}", time=local_time(datetime.fromisoformat(claimed)))
    return line.say("cli.time.none")

"""The command line as its user meets it: the real program in its own process, exit status, what it prints where."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.cli import antin as antin_group
from api.cli import run as run_in_process
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from demo.citizen import sign_as
from demo.documents import forge
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import unsigned_declaration

ANTIN = Path(sys.executable).with_name("antin")
SIGNATURE_KEYS = {
    *("kind", "field", "indication", "sub_indication", "integrity", "coverage", "changes_after", "level", "signer"),
    *("regime", "trusted", "revocation", "claimed_signing_time", "best_signature_time", "conformance", "findings"),
}


@dataclass
class Terminal:
    """A shell with an installation of its own."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``antin``; whatever happens, there is no traceback."""
        done = subprocess.run(
            [str(ANTIN), *map(str, arguments)],
            env={**os.environ, "ANTIN_HOME": str(self.home), **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr + done.stdout
        return done

    def verify(self, *arguments: str | Path) -> list[dict[str, Any]]:
        """``antin verify --json``: the objects, in order."""
        done = self.run("verify", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Terminal:
    """An installation with the demo's trust imported by the command itself."""
    shell = Terminal(tmp_path_factory.mktemp("home"))
    (shell.home / "catalogue.toml").write_bytes(pki.catalogue_path.read_bytes())
    imported = shell.run("trust", "import", pki.trust_directory)
    assert imported.returncode == 0, imported.stderr
    return shell


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Path:
    """Files as they lie on somebody's disk."""
    folder = tmp_path_factory.mktemp("giấy tờ")
    plain = unsigned_declaration()
    signed = sign_as(pki.holder("citizen"), plain)
    (folder / "đã ký.pdf").write_bytes(signed)
    (folder / "bị sửa.pdf").write_bytes(forge(signed, unsigned_declaration("9.200")))
    (folder / "chưa ký.pdf").write_bytes(plain)
    (folder / "thu hồi.pdf").write_bytes(sign_as(pki.holder("revoked"), plain))
    (folder / "rỗng.pdf").write_bytes(b"")
    with pikepdf.open(folder / "chưa ký.pdf") as document:
        document.save(folder / "khóa.pdf", encryption=pikepdf.Encryption(owner="chủ", user="bí mật"))
    return folder


def every_command() -> list[tuple[str, ...]]:
    """All commands and groups, by path."""

    def walk(group: click.Group, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        context = click.Context(group)
        found = []
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found.append((*path, name))
            if isinstance(command, click.Group):
                found += walk(command, (*path, name))
        return found

    return [(), *walk(antin_group, ())]


class TestHelp:
    @pytest.mark.parametrize("language", list(Language))
    @pytest.mark.parametrize("path", every_command(), ids=" ".join)
    def test_every_command_explains_itself_with_an_example(
        self, path: tuple[str, ...], language: Language, capsys: pytest.CaptureFixture[str]
    ) -> None:
        line = CommandLine(load_texts(), language, {}, lambda: datetime.now(UTC))
        assert run_in_process(line, [*path, "--help"]) == 0
        printed = capsys.readouterr().out
        assert line.say("cli.example-heading") in printed
        assert f"antin {' '.join(path)}".strip() in printed.split(line.say("cli.example-heading"))[1]
        assert "cli." not in printed, "a code without a sentence"

    def test_without_arguments_it_shows_its_commands(self, terminal: Terminal) -> None:
        done = terminal.run()
        assert done.returncode == 0
        assert "verify" in done.stdout

    def test_english_by_switch(self, terminal: Terminal) -> None:
        assert "Check the digital signatures" in terminal.run("verify", "--help", ANTIN_LANG="en").stdout


class TestWrongArguments:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("verify",),
            ("verify", "--no-such-option", "x.pdf"),
            ("verify", "x.pdf", "--at", "yesterday"),
            ("verify", "x.pdf", "--revocation", "sometimes"),
            ("verify", "x.pdf", "--trust", "/no/such/folder"),
            ("verify", "x.pdf", "--password-file", "/no/such/file"),
            ("verify", "x.pdf", "--content", "/no/such/file"),
            ("no-such-command",),
            ("seal", "x.pdf"),
            ("check",),
            ("trust", "import"),
        ],
        ids=" ".join,
    )
    def test_status_2_and_one_line(self, terminal: Terminal, arguments: tuple[str, ...]) -> None:
        done = terminal.run(*arguments)
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1

    def test_a_trust_directory_without_certificates(self, terminal: Terminal, papers: Path, tmp_path: Path) -> None:
        done = terminal.run("verify", papers / "đã ký.pdf", "--trust", tmp_path)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1

    def test_a_wrong_setting_is_one_line(self, terminal: Terminal, papers: Path) -> None:
        done = terminal.run("verify", papers / "đã ký.pdf", ANTIN_MAX_UPLOAD_BYTES="many")
        assert done.returncode == 1
        assert "max_upload_bytes" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


class TestVerify:
    def test_the_contracts_object_in_the_order_of_the_files(self, terminal: Terminal, papers: Path) -> None:
        names = ["bị sửa.pdf", "đã ký.pdf", "chưa ký.pdf", "thu hồi.pdf", "rỗng.pdf", "khóa.pdf"]
        answers = terminal.verify(*(papers / name for name in names))
        assert [Path(answer["file"]).name for answer in answers] == names
        assert [answer["conclusion"] for answer in answers] == [
            *("TOTAL-FAILED", "TOTAL-PASSED", "NO-SIGNATURE", "TOTAL-FAILED", "UNREADABLE", "UNREADABLE")
        ]
        for answer in answers:
            assert set(answer) == {"file", "sha256", "format", "conclusion", "findings", "signatures"}
            for finding in answer["findings"]:
                assert finding["text_vi"] != finding["code"] != finding["text_en"]
        signature = answers[1]["signatures"][0]
        assert set(signature) == SIGNATURE_KEYS
        assert (signature["trusted"], signature["revocation"], signature["regime"]) == (True, "good", "public")
        assert signature["signer"]["cccd"] == "012345678901"

    def test_a_missing_file_among_others(self, terminal: Terminal, papers: Path) -> None:
        done = terminal.run("verify", "--json", papers / "chưa ký.pdf", papers / "không có.pdf", papers / "đã ký.pdf")
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert [answer["conclusion"] for answer in answers] == ["NO-SIGNATURE", "UNREADABLE", "TOTAL-PASSED"]
        assert [finding["code"] for finding in answers[1]["findings"]] == ["FILE-NOT-FOUND"]
        assert done.returncode == 1

    def test_a_file_without_end_is_answered_in_bounded_memory(self, terminal: Terminal) -> None:
        done = terminal.run("verify", "--json", "/dev/zero", ANTIN_MAX_UPLOAD_BYTES="1000000")
        answer = json.loads(done.stdout)
        assert (answer["conclusion"], answer["sha256"]) == ("UNREADABLE", None)
        assert [finding["code"] for finding in answer["findings"]] == ["FILE-TOO-LARGE"]
        assert done.returncode == 0

    def test_a_name_that_is_not_utf_8(self, terminal: Terminal, papers: Path, tmp_path: Path) -> None:
        odd = os.path.join(os.fsencode(tmp_path), b"c\xf4ng v\xe0n.pdf")  # noqa: PTH118 - bytes, as an old disk has them
        with open(odd, "wb") as stream:  # noqa: PTH123
            stream.write((papers / "chưa ký.pdf").read_bytes())
        (answer,) = terminal.verify(os.fsdecode(odd))
        assert (answer["file"], answer["conclusion"]) == (os.fsdecode(odd), "NO-SIGNATURE")
        missing = terminal.run("verify", os.fsdecode(odd) + "x", COLUMNS="300")
        assert (missing.returncode, "c?ng v?n" in missing.stdout) == (1, True)

    def test_a_directory_is_no_file(self, terminal: Terminal, papers: Path) -> None:
        done = terminal.run("verify", "--json", papers)
        assert json.loads(done.stdout)["conclusion"] == "UNREADABLE"
        assert done.returncode == 1

    def test_the_password_comes_from_a_file(self, terminal: Terminal, papers: Path, tmp_path: Path) -> None:
        (tmp_path / "mật khẩu").write_text("bí mật\n", encoding="utf-8")
        (answer,) = terminal.verify(papers / "khóa.pdf", "--password-file", tmp_path / "mật khẩu")
        assert answer["conclusion"] == "NO-SIGNATURE"

    def test_offline_nobody_is_asked(self, terminal: Terminal, papers: Path, responders: Responders) -> None:
        responders.requests.clear()
        (answer,) = terminal.verify(papers / "đã ký.pdf", "--offline")
        assert (answer["conclusion"], answer["signatures"][0]["sub_indication"]) == ("INDETERMINATE", "TRY_LATER")
        assert responders.requests == []

    def test_revocation_skipped_passes_with_a_warning(self, terminal: Terminal, papers: Path) -> None:
        (answer,) = terminal.verify(papers / "đã ký.pdf", "--offline", "--revocation", "skip")
        signature = answer["signatures"][0]
        assert (answer["conclusion"], signature["revocation"]) == ("TOTAL-PASSED", "not-checked")
        assert "REVOCATION-NOT-CHECKED" in [finding["code"] for finding in signature["findings"]]

    def test_a_known_revocation_is_never_skipped(self, terminal: Terminal, papers: Path) -> None:
        (answer,) = terminal.verify(papers / "bị sửa.pdf", "--revocation", "skip")
        assert answer["conclusion"] == "TOTAL-FAILED"

    def test_trust_of_another_directory(self, terminal: Terminal, papers: Path, pki: DemoPki, tmp_path: Path) -> None:
        stranger = pki.authority("stranger-root").certificate
        (tmp_path / "stranger.der").write_bytes(stranger.public_bytes(Encoding.DER))
        (answer,) = terminal.verify(papers / "đã ký.pdf", "--trust", tmp_path)
        assert (answer["conclusion"], answer["signatures"][0]["trusted"]) == ("INDETERMINATE", False)
        (answer,) = terminal.verify(papers / "đã ký.pdf", "--trust", tmp_path, "--trust", pki.trust_directory)
        assert answer["conclusion"] == "TOTAL-PASSED"

    def test_at_another_time(self, terminal: Terminal, papers: Path, pki: DemoPki) -> None:
        later = pki.made_at + timedelta(days=800)
        (answer,) = terminal.verify(papers / "đã ký.pdf", "--at", later.isoformat())
        assert answer["signatures"][0]["sub_indication"] == "OUT_OF_BOUNDS_NO_POE"

    def test_for_the_eye_in_vietnamese_and_english(self, terminal: Terminal, papers: Path) -> None:
        done = terminal.run("verify", papers / "đã ký.pdf", papers / "bị sửa.pdf")
        assert done.returncode == 0
        assert "Hợp lệ: chữ ký đúng" in done.stdout
        assert "Không hợp lệ: nội dung đã bị sửa sau khi ký" in done.stdout
        assert "Việc cần làm: Yêu cầu bổ sung" in done.stdout
        assert "Nguyễn Văn Mẫu" in done.stdout
        assert "Valid: the signature is right" in terminal.run("verify", papers / "đã ký.pdf", ANTIN_LANG="en").stdout

    def test_a_reader_that_leaves_early_is_no_accident(self, terminal: Terminal, papers: Path) -> None:
        files = " ".join(f"'{papers / 'chưa ký.pdf'}'" for _ in range(6))
        command = f"set -o pipefail; {ANTIN} verify --json {files} | head -n 1"
        environment = {**os.environ, "ANTIN_HOME": str(terminal.home)}
        done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
        assert json.loads(done.stdout)["conclusion"] == "NO-SIGNATURE"
        assert done.stderr == ""


class TestTrust:
    def test_imported_certificates_are_listed(self, terminal: Terminal, pki: DemoPki) -> None:
        rows = [json.loads(line) for line in terminal.run("trust", "list", "--json").stdout.splitlines()]
        assert len(rows) == len(list(pki.trust_directory.iterdir()))
        assert {row["regime"] for row in rows} == {"public", "official"}
        assert "DEMO National Root CA" in terminal.run("trust", "list", COLUMNS="200").stdout

    def test_a_changed_byte_is_refused_with_the_reason(self, terminal: Terminal, pki: DemoPki, tmp_path: Path) -> None:
        der = bytearray(pki.authority("public-root").certificate.public_bytes(Encoding.DER))
        der[-1] ^= 1
        (tmp_path / "changed.cer").write_bytes(der)
        done = terminal.run("trust", "import", tmp_path / "changed.cer", ANTIN_LANG="en")
        assert done.returncode == 1
        assert "changed.cer: refused: looks like" in done.stderr

    def test_a_stranger_is_refused_with_the_reason(self, terminal: Terminal, pki: DemoPki, tmp_path: Path) -> None:
        stranger = pki.authority("stranger-root").certificate
        (tmp_path / "stranger.pem").write_bytes(stranger.public_bytes(Encoding.PEM))
        done = terminal.run("trust", "import", tmp_path, ANTIN_LANG="en")
        assert done.returncode == 1
        assert "not in the catalogue" in done.stderr

    def test_every_real_certificate_is_pinned(self, shared: Path, tmp_path: Path) -> None:
        """Issue 2: import of every certificate in the shared trust folder pins it by its catalogue fingerprint."""
        shell = Terminal(tmp_path)
        done = shell.run("trust", "import", shared / "trust")
        assert done.returncode == 0, done.stderr
        certificates = [
            path for path in (shared / "trust").rglob("*") if path.suffix in {".pem", ".cer", ".crt", ".der"}
        ]
        assert len(done.stdout.splitlines()) == len(certificates)


class TestOperating:
    def test_keys_are_made_listed_and_revoked(self, terminal: Terminal) -> None:
        made = terminal.run("key", "create", "Cổng dịch vụ công")
        assert made.returncode == 0, made.stderr
        secret = made.stdout.strip()
        assert secret.startswith("antin_")
        listed = terminal.run("key", "list").stdout
        assert secret not in listed
        identifier = secret.split("_")[1]
        assert identifier in listed
        assert terminal.run("key", "revoke", identifier).returncode == 0
        assert terminal.run("key", "revoke", "nobody").returncode == 1

    def test_officers_are_added_once(self, terminal: Terminal, tmp_path: Path) -> None:
        (tmp_path / "password").write_text("một mật khẩu đủ dài\n", encoding="utf-8")
        add = ("officer", "add", "hoa.nt", "Nguyễn Thị Hoa", "--password-file", tmp_path / "password")
        assert terminal.run(*add).returncode == 0
        again = terminal.run(*add)
        assert again.returncode == 1
        assert len(again.stderr.strip().splitlines()) == 1
        assert "hoa.nt" in terminal.run("officer", "list").stdout
        assert terminal.run("officer", "disable", "hoa.nt").returncode == 0

    def test_a_weak_password_is_refused(self, terminal: Terminal, tmp_path: Path) -> None:
        (tmp_path / "password").write_text("ngắn", encoding="utf-8")
        done = terminal.run("officer", "add", "an.nv", "Nguyễn Văn An", "--password-file", tmp_path / "password")
        assert done.returncode == 1
        assert "password" in done.stderr

    def test_the_worker_ends_when_nothing_is_due(self, terminal: Terminal) -> None:
        assert terminal.run("worker", "--once").returncode == 0

    def test_an_address_that_is_taken_is_one_line(self, terminal: Terminal) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = terminal.run("serve", "--bind", f"127.0.0.1:{taken.getsockname()[1]}")
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
        assert terminal.run("serve", "--bind", "everywhere").returncode == 2

    def test_the_database_is_upgraded(self, terminal: Terminal) -> None:
        assert terminal.run("database", "upgrade").returncode == 0
        assert (terminal.home / "antin.sqlite3").exists()

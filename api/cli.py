"""``antin``: the command line.

Exit status: 0 the work was done (whatever the verdict), 1 it could not be done, 2 the arguments were wrong.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from api.commands.line import DID_NOT_WORK, CommandLine, SpokenGroup
from verifier.process.fork_server import start_ahead

COMMANDS = {
    "verify": "api.commands.verify:verify",
    "seal": "api.commands.seal:seal",
    "batch": "api.commands.batch:batch",
    "copy": "api.commands.copy:copy",
    "number": "api.commands.number:number",
    "check": "api.commands.check:check",
    "result": "api.commands.result:result",
    "trust": "api.commands.trust:trust",
    "scan": "api.commands.scan:scan",
    "evidence": "api.commands.evidence:evidence",
    "log": "api.commands.evidence:log",
    "serve": "api.commands.serve:serve",
    "worker": "api.commands.serve:worker",
    "key": "api.commands.operate:key",
    "officer": "api.commands.operate:officer",
    "database": "api.commands.operate:database",
}

JUDGING = frozenset({"verify", "scan", "seal", "copy"})
"""Commands that open files right away, in worker processes."""


@click.group(cls=SpokenGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="antin", message="antin %(version)s")
def antin() -> None:
    """See ``cli.help.antin`` in the catalogue."""


def run(line: CommandLine, arguments: list[str]) -> int:
    """Run one command and say what went wrong in one line.

    Returns:
        The exit status (contract).
    """
    if JUDGING.intersection(arguments[:1]) and not {"-h", "--help"}.intersection(arguments):
        start_ahead()
    try:
        status = antin.main(args=arguments, prog_name="antin", obj=line, standalone_mode=False)
    except click.Abort:
        return DID_NOT_WORK
    except click.exceptions.NoArgsIsHelpError as error:  # a group without a command: its help is the answer
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        _complain(error)
        return error.exit_code
    except (
        BrokenPipeError
    ):  # the reader went away (``antin verify … | head``): nothing left to say, and nobody to say it to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DID_NOT_WORK
    except Exception as error:  # the edge of the program: a line that can be reported, never a traceback
        if line.environ.get("ANTIN_DEBUG"):
            raise
        # only its kind: the words of an unforeseen error may hold a path or a secret
        click.echo(f"antin: {line.say('cli.error.unexpected', kind=type(error).__name__)}", err=True)
        return DID_NOT_WORK
    return status if isinstance(status, int) else 0


def _complain(error: click.ClickException) -> None:
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "antin"
    click.echo(f"{command}: {' '.join(error.format_message().split())}", err=True)


def main() -> NoReturn:
    """Entry point of the package."""
    sys.exit(run(CommandLine.of_process(), sys.argv[1:]))


if __name__ == "__main__":
    main()

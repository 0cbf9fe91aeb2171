"""Where a PIN or passphrase is kept: read when needed, never held, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signer.keys import KeyUnavailable


@dataclass(frozen=True)
class SecretSource:
    """The name of an environment variable, or a file whose first line is the secret; exactly one of them.

    Holds no secret itself, so printing it is harmless.
    """

    variable: str | None = None
    path: Path | None = None

    def __post_init__(self) -> None:
        if (self.variable is None) == (self.path is None):
            raise ValueError("a secret comes from one environment variable or from one file")

    def read(self, environ: Mapping[str, str]) -> str:
        """The secret, now.

        Raises:
            KeyUnavailable: the variable is not set or the file cannot be read; names the place, not the content.
        """
        if self.variable is not None:
            if self.variable not in environ:
                raise KeyUnavailable(f"the environment variable {self.variable} is not set")
            return environ[self.variable]
        assert self.path is not None
        try:
            return self.path.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise KeyUnavailable(f"the secret file {self.path} cannot be read: {type(error).__name__}") from None

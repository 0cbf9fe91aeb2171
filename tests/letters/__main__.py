"""``python -m tests.letters [WORDS]``: all generated letters made, signed and checked, the counts printed.

With words only the cases whose names hold them. About a second for each letter.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from demo.pki import make_pki
from tests.letters.cases import forged, honest
from tests.letters.judged import counted
from tests.letters.signers import with_signers


def main(wanted: str = "") -> int:
    """Print the counts; 1 where anything was answered otherwise than it should be."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        pki = make_pki(Path(folder, "state"), "http://127.0.0.1:9", datetime.now(UTC))
        homes = with_signers(pki, Path(folder, "elsewhere"))
        for name, cases, is_honest in (("honest", honest(), True), ("forged", forged(), False)):
            count = counted(homes, (case for case in cases if wanted in case.name), honest=is_honest)
            print(f"{name}: {count}", flush=True)
            for line in count.wrong:
                print(f"  {line}", flush=True)
            wrong += len(count.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))

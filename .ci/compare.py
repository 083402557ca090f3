"""Compare two builds of the report byte by byte: `python .ci/compare.py CHECKOUT OTHER`

Compared: results.json, the tables and charts behind the page, the page, the PDF and what they offer for
download. Fails, naming the files, when one differs or stands on one side alone.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

COMPARED = (
    "report/generated/**/*.json",
    "report/generated/**/*.csv",
    "report/generated/**/*.svg",
    "report/generated/**/*.md",
    "report/_variables.yml",
    "report/_output/**/*",
)
# Without these there was no build to compare.
NEEDED = (
    "report/generated/results.json",
    "report/_output/index.html",
    "report/_output/iapt-ledger.pdf",
)


def digests(checkout: Path) -> dict[str, str]:
    """Path within the checkout and sha256 of each file compared."""
    files = {path for pattern in COMPARED for path in checkout.glob(pattern) if path.is_file()}
    return {
        str(path.relative_to(checkout)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def differences(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """One line for each file that is not the same in both."""
    lines = [f"not built: {name}" for name in NEEDED if name not in first or name not in second]
    for name in sorted(first.keys() | second.keys()):
        if name not in second:
            lines.append(f"only in the first build: {name}")
        elif name not in first:
            lines.append(f"only in the second build: {name}")
        elif first[name] != second[name]:
            lines.append(f"differs: {name}")
    return lines


def main(first: str, second: str) -> int:
    """Print what differs; 1 if anything does."""
    one, two = digests(Path(first)), digests(Path(second))
    lines = differences(one, two)
    print("\n".join(lines) or f"{len(one)} files are the same, byte by byte.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

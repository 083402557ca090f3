"""A failed build's last lines: each step that failed, its cause in a sentence, and its log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FAULT = "  - "  # how Faults indents the lines under its headline
MOST_LINES = 25
SILENT = "It ended without saying why, as a step does that is killed, often for want of memory."


@dataclass(frozen=True)
class Failure:
    """A step that failed: its message in plain words, its rule, its logs (paths as Snakemake gives them)."""

    step: str
    rule: str
    logs: tuple[str, ...] = ()

    def cause(self) -> list[str]:
        """The cause from the step's own log."""
        return cause("\n".join(_read(Path(log)) for log in self.logs))


def cause(log: str) -> list[str]:
    """The last thing that a log says: an error's sentence with its list of faults, without a traceback.

    At most MOST_LINES lines; of a longer list the first ones, and how many more the log holds.
    """
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    if not lines:
        return [SILENT]
    first = len(lines) - 1
    while first > 0 and lines[first].startswith(FAULT):
        first -= 1
    said = lines[first:]
    if len(said) > MOST_LINES:
        said = [*said[:MOST_LINES], f"{FAULT}and {len(said) - MOST_LINES} more in the log"]
    return said


def failure_text(failures: Sequence[Failure]) -> str:
    """What to print when steps failed; steps that failed for one cause are told together."""
    number = f"{len(failures)} steps" if len(failures) > 1 else "1 step"
    lines = [f"The build failed: {number} could not be done."]
    for said, alike in _by_cause(failures):
        lines.append("")
        lines += [f"{failure.step} (rule {failure.rule})" for failure in alike]
        lines += [f"  {line}" for line in said]
        logs = [log for failure in alike for log in failure.logs]
        if logs:
            lines.append(f"  Log: {', '.join(logs)}")
    lines += ["", "Mend it and run `envs/run snakemake` again: only what is missing is made."]
    return "\n".join(lines)


def _by_cause(failures: Iterable[Failure]) -> list[tuple[list[str], list[Failure]]]:
    groups: list[tuple[list[str], list[Failure]]] = []
    for failure in failures:
        said = failure.cause()
        for known, alike in groups:
            if known == said:
                alike.append(failure)
                break
        else:
            groups.append((said, [failure]))
    return groups


def _read(log: Path) -> str:
    try:
        return log.read_text(encoding="utf8", errors="replace")
    except OSError:
        return ""

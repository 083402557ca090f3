"""What a brief is: numbers, each with its making and its observations, in sections that any form can be made of.

All texts are plain: nothing in them is markup, and whoever prints them escapes them for the form at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from iapt_ledger.errors import LedgerError
from iapt_ledger.numbers import format_range, format_value
from iapt_ledger.results import compact_observations

_CODE = re.compile(r"[A-Z0-9]{2,8}")
ROUNDING_RANGE = "range that rounding to five leaves"


@dataclass(frozen=True)
class Kind:
    """A kind of organisation that has briefs.

    Attributes:
        key: first part of its file names; org_type: in the table of organisations.
        one, many: in running text; title: above a brief's name.
    """

    key: str
    org_type: str
    one: str
    many: str
    title: str


BOARD = Kind("icb", "ICB", "board", "boards", "Integrated care board")
PROVIDER = Kind("provider", "Provider", "provider", "providers", "Provider")
KINDS = (BOARD, PROVIDER)


@dataclass(frozen=True)
class Organisation:
    """An organisation as the edition names it.

    Attributes:
        name: to print; published: as the annual report has it, empty where it is in none.
        place: the board under which the list of providers has it, and its region; empty where it has none.
    """

    kind: Kind
    code: str
    name: str
    published: str = ""
    place: str = ""
    region: str = ""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise LedgerError(
                "A brief is named by the organisation's code",
                where=f"{self.kind.one} {self.name!r}",
                expected="two to eight capitals and digits",
                found=repr(self.code),
            )

    @property
    def key(self) -> str:
        """Name of its files, without ending: made of the kind and the code alone."""
        return f"{self.kind.key}-{self.code}"


@dataclass(frozen=True)
class Number:
    """One number of a brief.

    Attributes:
        name: unique in the brief; label: what it is, in words; period: such as "2024-25".
        unit: "referrals", "percent", "percentage points", "rank", "organisations"; interval: what low to high is.
        made: how, in one sentence; table: of the edition; sources: ids in data/sources.yaml.
    """

    name: str
    label: str
    period: str
    value: float
    unit: str
    made: str
    table: str
    sources: tuple[str, ...]
    observations: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    interval: str = ""

    @property
    def text(self) -> str:
        """The number as printed: "50.2%", "12,345"."""
        return format_value(self.value, self.unit, style="full")

    @property
    def range(self) -> str:
        """Its interval as printed: "49.3% to 51.1%"; empty where there is none."""
        if self.low is None or self.high is None:
            return ""
        return format_range(self.low, self.high, self.unit, style="full")

    @property
    def signed(self) -> str:
        """A difference with its sign: "+1.2", "−0.4"."""
        return _signed(self.value, self.unit)

    @property
    def signed_range(self) -> str:
        """The interval of a difference: "−0.2 to +2.6"."""
        if self.low is None or self.high is None:
            return ""
        return f"{_signed(self.low, self.unit)} to {_signed(self.high, self.unit)}"


def _signed(value: float, unit: str) -> str:
    text = format_value(value, unit, style="full").removesuffix(" percentage points")
    return f"+{text}" if value > 0 and text.strip("0.%,") else text


@dataclass(frozen=True)
class Table:
    """A table of printed cells: the first column heads its row, and `words` says that the last holds text."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: bool = False


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG whose colours are the page's variables, and what it shows in words."""

    svg: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Section:
    """A part of a brief. Where nothing can be shown, the paragraphs say why."""

    name: str
    title: str
    paragraphs: tuple[str, ...]
    picture: Picture | None = None
    table: Table | None = None
    points: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Fact:
    """A number at the head of a brief, and what it is."""

    value: str
    words: str


@dataclass(frozen=True)
class Brief:
    """All of one organisation's brief: two pages, `first` and `second`."""

    organisation: Organisation
    period: str
    edition: str
    lead: str
    facts: tuple[Fact, ...]
    first: tuple[Section, ...]
    second: tuple[Section, ...]
    numbers: tuple[Number, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections in order."""
        return self.first + self.second


@dataclass
class Numbers:
    """The numbers of one brief as it is written, each name once."""

    _held: dict[str, Number] = field(default_factory=dict)

    def keep(
        self,
        name: str,
        label: str,
        period: str,
        value: float,
        *,
        unit: str,
        made: str,
        obs: Iterable[str],
        sources: Iterable[str],
        limits: tuple[float, float] | None = None,
        interval: str = "",
    ) -> Number:
        """Keep a number and give it back.

        Raises:
            LedgerError: the name is taken, no observation stands behind it, or limits have no name.
        """
        ids = tuple(obs)
        faults = {
            "a name that no other number of the brief has": name in self._held,
            "observations behind it": not ids,
            "limits with the name of their interval": (limits is None) != (not interval),
        }
        _refuse(name, [expected for expected, broken in faults.items() if broken])
        low, high = limits or (None, None)
        tables = sorted({one.split(":", 1)[0] for one in ids})
        self._held[name] = number = Number(
            name,
            label,
            period,
            float(value),
            unit,
            made,
            " ".join(tables),
            tuple(sorted(set(sources))),
            compact_observations(ids),
            low if low is None else float(low),
            high if high is None else float(high),
            interval,
        )
        return number

    def all(self) -> tuple[Number, ...]:
        """All that were kept, in order."""
        return tuple(self._held.values())


def _refuse(name: str, lacking: Sequence[str]) -> None:
    if lacking:
        raise LedgerError(
            "A number of a brief cannot be kept",
            where="analysis/iapt_ledger/areas",
            expected=" and ".join(lacking),
            found=name,
            fix="give it where its section calls `keep`",
        )

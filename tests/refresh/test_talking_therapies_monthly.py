"""Monthly activity files: real months come to the edition's rows, and months not held are fetched."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import FetchError, Held, RawFile, Request, failed
from iapt_ledger.sources.talking_therapies.monthly import NATIONAL, PROVIDERS
from iapt_ledger.sources.talking_therapies_monthly import FEED, SOURCE

from .made_files import raw, real, real_text, workbook, zipped
from .made_talking_therapies_monthly import JUNE, JUNE_NAME, month_frame

MAY = "raw_layout/monthly/nhstalkingtherapies_month_may_2023_activity_performance.csv.gz"
HELD = Held(find_edition("2026-11-22"))


def keyed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.sort_values(keys).reset_index(drop=True)


def agree(tables: dict[str, pd.DataFrame], month: str) -> int:
    """How many values agree with the edition's; fails on the first row or value that does not."""
    old = HELD.table(NATIONAL)
    old = keyed(
        old[old["period_start"].str[:7].eq(month) & old["source_id"].eq(SOURCE)], ["measure"]
    )
    new = keyed(tables[NATIONAL], ["measure"])
    rest = [c for c in old if c != "value"]
    pd.testing.assert_frame_equal(new[rest], old[rest])
    assert new["value"].astype(float).tolist() == old["value"].astype(float).tolist()
    wide = HELD.table(PROVIDERS)
    wide = keyed(wide[wide["month"].eq(month)], ["org_code"])
    pd.testing.assert_frame_equal(keyed(tables[PROVIDERS], ["org_code"]), wide)
    return len(old) + wide.shape[0] * 10


@pytest.mark.parametrize(
    ("path", "month", "values"), [(MAY, "2023-05", 1575), (JUNE, "2025-06", 1355)]
)
def test_a_real_month_comes_to_the_rows_of_the_edition(path: str, month: str, values: int) -> None:
    file = real(path)
    given_file = RawFile(path=file, name=file.name)
    assert FEED.recognise(given_file) == "csv in a gzip, MEASURE_VALUE_SUPPRESSED"
    parsed = FEED.parse(given_file)
    assert failed(parsed.checks) == []
    assert agree(dict(parsed.tables), month) == values
    named = set(parsed.tables[PROVIDERS]["org_code"]) & set(parsed.organisations)
    assert len(named) == len(parsed.tables[PROVIDERS]) > 90, "every provider has its name"


@pytest.mark.parametrize(
    "month", ["2021-01", "2021-03", "2022-07", "2023-01", "2024-10", "2026-03"]
)
def test_other_months_in_their_published_layout_agree_too(month: str, tmp_path: Path) -> None:
    """A workbook in January 2021, MEASURE_VALUE in March 2021, false names in July 2022, a zip in January 2023."""
    frame = month_frame(month)
    name = {
        "2021-01": "iapt-month-Jan-2021-final-data.xlsx",
        "2023-01": "iapt_month_Jan_23_activity.zip",
    }
    if month == "2021-03":
        frame = frame.rename(columns={"MEASURE_VALUE_SUPPRESSED": "MEASURE_VALUE"})
    if month == "2021-01":
        cells = [
            [float(c) if c.replace(".", "").isdigit() else c for c in row]
            for row in frame.to_numpy()
        ]
        data = workbook({"iapt-month-Jan-21-final-data ": [list(frame), *cells]})
    else:
        data = frame.to_csv(index=False).encode("utf-8-sig")
        data = zipped({"iapt_month_Jan_23_activity.csv": data}) if month == "2023-01" else data
    file = raw(tmp_path, name.get(month, "given.csv"), data)
    parsed = FEED.parse(file)
    assert FEED.recognise(file) in FEED.layouts
    assert failed(parsed.checks) == []
    assert agree(dict(parsed.tables), month) > 1000


def test_a_full_month_is_read_in_seconds(tmp_path: Path) -> None:
    """A published file has some 290,000 rows, most of them of sub-ICBs.

    In time of the processor and against what its cells alone take, so that no other program and no machine matters.
    """
    lines = real_text(JUNE).decode().splitlines()
    extra = [
        line.replace(",Provider,all,", f",SubICB/Provider,{n}A,")
        for n in range(9)
        for line in lines[215:]
    ]
    data = "\n".join(lines + extra).encode()
    begun = time.process_time()
    assert sum(1 for _ in csv.reader(io.StringIO(data.decode()))) > len(extra)
    cells = time.process_time()
    parsed = FEED.parse(raw(tmp_path, JUNE_NAME, data))
    assert time.process_time() - cells < 20 * (cells - begun)
    assert agree(dict(parsed.tables), "2025-06") == 1355
    assert (
        sum(n for why, n in parsed.refused.items() if "SubICB/Provider" in why)
        == len(extra)
        > 250_000
    )


SERIES = "https://digital.nhs.uk/data-and-information/publications/statistical/nhs-talking-therapies-monthly-statistics-including-employment-advisors"


def test_months_not_held_are_fetched_and_one_that_fails_does_not_lose_the_others(
    tmp_path: Path,
) -> None:
    asked: list[Request] = []
    pages = {
        SERIES: f'<html><a href="{SERIES}/performance-june-2026">June</a>'
        f'<a href="{SERIES}/performance-may-2026">May</a></html>',
        f"{SERIES}/performance-june-2026": '<html><a href="https://files.digital.nhs.uk/0A/0B/nhstalkingtherapies'
        '_month_jun_2026_activity_performance.csv">x</a><a href="/quality.pdf">y</a></html>',
    }

    def get(request: Request) -> RawFile:
        asked.append(request)
        if "apr_2026" in request.url:
            raise FetchError("the host answers 503")
        path = tmp_path / f"{len(asked)}"
        path.write_text(pages.get(request.url, "csv"))
        return RawFile(
            path=path, name=request.url.rsplit("/", 1)[-1], url=request.url, request=request
        )

    brought = []
    with pytest.raises(FetchError, match="2026-04: The host answers 503"):
        for file in FEED.fetch(get, HELD):
            brought.append(file.name)
    assert brought == [
        "nhstalkingtherapies_month_may_2026_activity_performance.csv",
        "nhstalkingtherapies_month_jun_2026_activity_performance.csv",
    ]
    assert [r.content for r in asked] == ["html", "html", "csv", "csv", "csv"]
    assert not any(r.fresh for r in asked if r.content == "csv")


def test_without_the_series_page_the_known_months_still_come(tmp_path: Path) -> None:
    def get(request: Request) -> RawFile:
        if request.content == "html":
            raise FetchError("no such host")
        path = tmp_path / "file"
        path.write_text("csv")
        return RawFile(path=path, name=request.url.rsplit("/", 1)[-1])

    files = FEED.fetch(get, HELD)
    assert "apr_2026" in next(files).name
    assert "may_2026" in next(files).name
    with pytest.raises(FetchError, match="Finding the newest months: No such host"):
        next(files)


def test_the_feed_owns_its_own_rows_only() -> None:
    old = HELD.table(NATIONAL)
    assert FEED.owned(NATIONAL, old).sum() == old["source_id"].eq(SOURCE).sum() > 3000
    assert not FEED.owned("expenditure", old).any()

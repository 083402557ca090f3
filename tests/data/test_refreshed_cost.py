"""After a refresh the report leads with spending, deflates by the newer release and speaks of the newer year."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import refreshed as made

from iapt_ledger.errors import LedgerError
from iapt_ledger.figures import promised
from iapt_ledger.measures import announced
from iapt_ledger.measures.newest import newest_reported
from iapt_ledger.measures.pathway import pathway_counts
from iapt_ledger.measures.spending import spent
from iapt_ledger.results import Result

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refreshed")


@pytest.fixture(scope="module")
def results(frames: Frames, folder: Path) -> dict[str, Result]:
    with pytest.MonkeyPatch.context() as patch:
        return made.run(refreshed(frames), "recovery_cost", folder, patch)


def refreshed(frames: Frames) -> Frames:
    return made.with_next_report(made.with_release(made.with_spending(frames)))


def index(frames: Frames, year: int) -> float:
    """The made-up index of June 2026: that of March 2026 and one, but for the base year."""
    context = frames["context"]
    held = context["source_id"].eq("hmt_defl_2026_03") & context["status"].eq("published")
    (value,) = context.loc[held & context["period_start"].eq(f"{year}-04-01"), "value"]
    return float(value + (year != 2024))


def count(frames: Frames, measure: str, year: int) -> float:
    annual = frames["iapt_national_annual"]
    (value,) = annual.loc[
        annual["measure"].eq(measure)
        & annual["period_start"].eq(f"{year}-04-01")
        & annual["series"].eq("annual report")
        & annual["status"].eq("published"),
        "value",
    ]
    return float(value)


def test_spending_of_the_newest_whole_year_leads(frames: Frames, results: dict[str, Result]):
    # 2024-25 has an area without a figure, so 2023-24 leads: 990 million, cash
    total = results["recovery_cost.spent.newest.total"]
    assert (total.value, total.text, total.sources) == (990e6, "£990 million", (made.DASHBOARD,))
    assert results["recovery_cost.spent.newest.planned"].value == 1e9
    real = 990e6 * 100 / index(frames, 2023)
    for outcome in ("finished_course", "moved_to_recovery", "reliable_recovery"):
        one = results[f"recovery_cost.spent.newest.{outcome}"]
        assert one.value == pytest.approx(real / count(frames, outcome, 2023), rel=1e-9)
        assert one.price_base == "2024-25 prices, HM Treasury GDP deflator of June 2026"
        assert {made.DASHBOARD, made.RELEASE} < set(one.sources)


def test_the_other_ways_stand_beside_it_in_prices_of_the_newer_release(
    frames: Frames, results: dict[str, Result]
):
    course = 877 * 100 / index(frames, 2010)
    finished, recovered = (count(frames, m, 2024) for m in ("finished_course", "moved_to_recovery"))
    for year, outcomes in (("y2024_25", recovered), ("newest", made.RECOVERED)):
        one = results[f"recovery_cost.average.course.{year}"]
        assert "June 2026" in one.price_base
        assert one.value == pytest.approx(course * finished / outcomes, rel=1e-3)
    ways = results["recovery_cost.average.all_methods"]
    assert not {"expenditure:357", "expenditure:369"} & set(ways.observations)
    growth = results["recovery_cost.prices.newest_y2020_21"].value
    assert growth == pytest.approx(100 * (index(frames, 2020) / index(frames, 2019) - 1))


def test_headlines_speak_of_the_newest_year_that_an_annual_report_gives(
    frames: Frames, folder: Path, results: dict[str, Result], monkeypatch: pytest.MonkeyPatch
):
    delivered = made.run(refreshed(frames), "delivered", folder, monkeypatch)
    for topic in ("delivered", "recovery_cost"):
        texts = json.loads((folder / "generated" / topic / "texts.json").read_text())
        assert texts[f"{topic}.newest.year"] == "2025-26"
    base = count(frames, "finished_course", 2024) - count(frames, "not_at_caseness_start", 2024)
    rate = delivered["delivered.recovery.published.newest"]
    assert rate.value == pytest.approx(100 * made.RECOVERED / base)
    assert rate.value == delivered["delivered.recovery.published.y2025_26"].value
    referred = count(frames, "referrals_received", 2024)
    newest = delivered["delivered.recovery.per_referral.newest"]
    assert newest.value == pytest.approx(100 * made.RECOVERED / referred)
    older = 100 * count(frames, "moved_to_recovery", 2024) / base
    assert delivered["delivered.recovery.published.y2024_25"].value == pytest.approx(older)
    assert results["recovery_cost.recovered_per_course.newest"].value == pytest.approx(
        100 * made.RECOVERED / count(frames, "finished_course", 2024)
    )


def test_months_that_add_up_to_a_year_make_no_headline(frames: Frames):
    counts = pathway_counts(frames["iapt_national_annual"])
    assert counts["period"].max() == "2025-26"
    assert newest_reported(counts) == "2024-25"
    assert newest_reported(counts, among=["2016-17", "2017-18"]) == "2017-18"
    with pytest.raises(LedgerError, match="No annual report"):
        newest_reported(counts, among=["2025-26"])


def test_the_words_and_the_figures_say_so(folder: Path, results: dict[str, Result]):
    out = folder / "generated" / "recovery_cost"
    texts = json.loads((out / "texts.json").read_text())
    assert texts["recovery_cost.release.newest"] == "June 2026"
    assert texts["recovery_cost.spent.newest.year"] == "2023-24"
    assert "recovery_cost.spent.newest.total >}} on talking" in (out / "spent-lead.md").read_text()
    table = (out / "spent.md").read_text()
    assert r"| 2024\-25 | 1,090\.0 | 1,100\.0 |" in table
    assert "1 of 2" in table
    drawn = pd.read_csv(out / "fig-cost-by-year.csv")
    assert drawn.loc[drawn["method"].eq("spent"), "period"].tolist() == ["2022-23", "2023-24"]
    captions = (out / "notebook.ipynb").read_text()
    assert "Spent: the dashboard's figure for 2023-24 over that year's recoveries." in captions
    assert "{{<" not in "".join(line for line in captions.splitlines() if "fig-cap" in line)


def test_the_chapter_on_promises_draws_what_was_spent(
    frames: Frames, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    made.run(refreshed(frames), "promised", folder, monkeypatch)
    out = folder / "generated" / "promised"
    assert (
        "2022-23 to 2024-25"
        in json.loads((out / "texts.json").read_text())["promised.spent.caption"]
    )
    drawn = pd.read_csv(out / "fig-announced.csv")
    bars = drawn[drawn["measure"].eq(made.ACTUAL)]
    assert bars["value"].tolist() == [900e6, 990e6, 1100e6]
    money = made.with_spending(frames)["expenditure"]
    before = money[money["measure"].str.startswith("PCT spending on psych")].iloc[0]
    others = promised.drawn(announced.announcements(money, frames["cyp"]))
    figure = promised.announced(announced.by_reading(money), others, before, spent(money))
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert {"900", "990", "1100"} <= set(said)
    assert said.count("Spent: not held") == 2
    plt.close(figure)

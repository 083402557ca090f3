"""The figures of announced money and of costs, drawn from the edition: no word hides another, gaps are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from iapt_ledger.figures import hundred_thousand, promised, promises, recovery_cost
from iapt_ledger.measures import announced
from iapt_ledger.measures import hundred_thousand as per
from iapt_ledger.measures import promises as kept
from iapt_ledger.measures import recovery_cost as cost
from iapt_ledger.measures.money import deflator
from iapt_ledger.measures.top_down import top_down
from iapt_ledger.measures.unit_costs import PRICE_YEARS, UNIT_COSTS, published_cost, unit_cost

YEAR, RECOVERY = "2024-25", "moved_to_recovery"
Tables = dict[str, pd.DataFrame]


def money_figures(tidy: Tables) -> dict[str, Figure]:
    money = tidy["expenditure"]
    names = ("iapt_national_annual", "iapt_national_quarterly", "iapt_national_monthly")
    before = money[money["measure"].str.startswith("PCT spending on psychological")].iloc[0]
    drawn = promised.drawn(announced.announcements(money))
    spend = kept.mental_health_spend(
        money, tidy["mental_health_spend_ccg_annual"], YEAR, deflator(tidy["context"])
    )
    rows = kept.promises(money, *(tidy[n] for n in names), tidy["claims_evidence"])
    return {
        "announced": promised.announced(announced.by_reading(money), drawn, before),
        "promises": promises.promises(rows),
        "context": promises.context(spend, YEAR),
    }


def cost_figures(tidy: Tables) -> dict[str, Figure]:
    prices, unit_costs = deflator(tidy["context"]), tidy["unit_costs"]
    counts = cost.activity(tidy["iapt_national_annual"], tidy["iapt_national_monthly"])
    every = cost.bottom_up(counts, cost.costs_of_all(unit_costs), YEAR, prices)
    mix = cost.bottom_up_mix(counts, tidy["iapt_breakdowns"], unit_costs, YEAR, prices)
    bottom = pd.concat([every, mix], ignore_index=True)
    recovery = bottom[bottom["outcome"].eq(RECOVERY)]
    money = top_down(tidy["expenditure"], tidy["iapt_national_quarterly"], prices, YEAR)
    money = money[money["outcome"].eq(RECOVERY)].assign(method=money["reading"])
    average = pd.concat(
        [per.published(unit_costs, YEAR, prices), recovery[recovery["period"].eq(YEAR)], money]
    )
    amounts = {key: unit_cost(unit_costs, key).amount for key in UNIT_COSTS}
    combined = per.combinations(counts, tidy, prices, ("2010-11", YEAR), ("2013-14", YEAR))
    ends = combined[combined["price_year"].eq(YEAR)].rename(columns={"value": "end"})
    keys = ["method", "period", "outcome"]
    plotted = combined[combined["price_year"].eq("2010-11")].merge(ends[[*keys, "end"]], on=keys)
    lines = {"IAPT": 49.0, "voluntary": 78.0, "earlier": 115.0}
    return {
        "by_method": recovery_cost.by_method(
            average, incremental(unit_costs, prices), amounts, YEAR
        ),
        "hundred": hundred_thousand.for_hundred_thousand(plotted, lines, amounts),
        "counts": recovery_cost.over_counts(
            bottom[bottom["method"].eq("course") & bottom["period"].eq(YEAR)]
        ),
        "years": recovery_cost.by_year(recovery, amounts, YEAR),
    }


def incremental(unit_costs: pd.DataFrame, prices) -> pd.DataFrame:
    rows = []
    for measure in recovery_cost.INCREMENTAL:
        value = float(published_cost(unit_costs, "mukuria_2013", measure)["value"])
        moved = PRICE_YEARS["mukuria_2013"].in_prices_of(value, YEAR, prices)
        rows.append({"measure": measure, "as_read": value, **moved.columns()})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def figures(frames: Tables) -> Iterator[dict[str, Figure]]:
    drawn = {**money_figures(frames), **cost_figures(frames)}
    for figure in drawn.values():
        figure.canvas.draw()
    yield drawn
    plt.close("all")


def words(figure: Figure) -> list[Text]:
    """Labels written on the axes, and the names of their ticks that are in view."""
    found: list[Text] = []
    for axes in figure.axes:
        low, high = sorted(axes.get_xlim())
        found += [t for t in axes.texts if t.get_text().strip()]
        found += [
            t
            for x, t in zip(axes.get_xticks(), axes.get_xticklabels(), strict=False)
            if low <= x <= high and t.get_visible() and t.get_text()
        ]
    return found


@pytest.mark.parametrize(
    "name", ["announced", "promises", "context", "by_method", "hundred", "counts", "years"]
)
def test_no_word_lies_on_another_or_leaves_the_picture(
    figures: dict[str, Figure], assert_apart: Callable[..., None], name: str
):
    figure = figures[name]
    assert_apart(figure, words(figure), more_than=8)


def test_what_is_not_held_is_drawn_as_a_gap(figures: dict[str, Figure]):
    _, _, *strips = figures["announced"].axes
    assert all(any(p.get_hatch() for p in strip.patches) for strip in strips)
    assert any("not held" in t.get_text() for strip in strips for t in strip.texts)


def test_incremental_costs_have_a_scale_of_their_own(figures: dict[str, Figure]):
    average, incremental_panel = figures["by_method"].axes
    assert incremental_panel.get_xlim()[1] > 5 * average.get_xlim()[1]
    assert not average.get_shared_x_axes().joined(average, incremental_panel)


def test_nine_methods_stand_beside_one_plan(figures: dict[str, Figure]):
    average = figures["by_method"].axes[0]
    names = [t.get_text() for t in average.texts if "plan" in t.get_text()]
    assert len(names) == 1 and len(recovery_cost.METHODS) == 10

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
from iapt_ledger.figures.recovery_cost_simulation import tornado
from iapt_ledger.measures import announced
from iapt_ledger.measures import hundred_thousand as per
from iapt_ledger.measures import promises as kept
from iapt_ledger.measures import recovery_cost as cost
from iapt_ledger.measures import simulated_cost as sim
from iapt_ledger.measures import simulated_hundred as sim_per
from iapt_ledger.measures.benchmarks import natural_recovery
from iapt_ledger.measures.money import deflator
from iapt_ledger.measures.session_mix import bottom_up_sessions, session_mixes
from iapt_ledger.measures.spending import spent
from iapt_ledger.measures.top_down import top_down
from iapt_ledger.measures.unit_costs import PRICE_YEARS, UNIT_COSTS, published_cost, unit_cost

YEAR, RECOVERY = "2024-25", "moved_to_recovery"
Tables = dict[str, pd.DataFrame]


def money_figures(tidy: Tables) -> dict[str, Figure]:
    money = tidy["expenditure"]
    names = ("iapt_national_annual", "iapt_national_quarterly", "iapt_national_monthly")
    before = money[money["measure"].str.startswith("PCT spending on psychological")].iloc[0]
    drawn = promised.drawn(announced.announcements(money, tidy["cyp"]))
    spend = kept.mental_health_spend(
        money, tidy["mental_health_spend_ccg_annual"], YEAR, deflator(tidy["context"])
    )
    rows = kept.promises(money, *(tidy[n] for n in names), tidy["claims_evidence"])
    return {
        "announced": promised.announced(announced.by_reading(money), drawn, before, spent(money)),
        "promises": promises.promises(rows),
        "context": promises.context(spend, YEAR),
    }


def cost_figures(tidy: Tables) -> dict[str, Figure]:
    prices, unit_costs = deflator(tidy["context"]), tidy["unit_costs"]
    counts = cost.activity(tidy["iapt_national_annual"], tidy["iapt_national_monthly"])
    mixes = session_mixes(tidy["iapt_breakdowns"], counts)
    bottom = pd.concat(
        [
            cost.bottom_up(counts, cost.costs_of_all(unit_costs), YEAR, prices),
            cost.bottom_up_mix(counts, tidy["iapt_breakdowns"], unit_costs, YEAR, prices),
            bottom_up_sessions(counts, mixes, unit_costs, YEAR, prices),
        ],
        ignore_index=True,
    )
    recovery = bottom[bottom["outcome"].eq(RECOVERY)]
    money = top_down(tidy["expenditure"], tidy["iapt_national_quarterly"], prices, YEAR)
    money = money[money["outcome"].eq(RECOVERY)].assign(method=money["reading"])
    average = pd.concat(
        [per.published(unit_costs, YEAR, prices), recovery[recovery["period"].eq(YEAR)], money]
    )
    average = average[average["method"].isin(recovery_cost.METHODS)]
    amounts = {key: unit_cost(unit_costs, key).amount for key in UNIT_COSTS}
    combined = per.combinations(counts, tidy, prices, ("2010-11", YEAR), ("2013-14", YEAR))
    ways = per.sets(combined, YEAR)["then"]
    inputs = sim.Tables(counts, mixes, unit_costs, tidy["iapt_breakdowns"], prices)
    anyway = sim.anyway(natural_recovery(tidy["claims_evidence"]), months=6)
    hundred = {
        "then": sim_per.of_the_time(ways, counts, prices, *anyway),
        "later": sim_per.on_later_outcomes(inputs, YEAR, *anyway),
    }
    simulated = sim.simulate(inputs, RECOVERY, YEAR, (YEAR,), without=anyway[0])
    return {
        "by_method": recovery_cost.by_method(
            average, incremental(unit_costs, prices), amounts, YEAR
        ),
        "hundred": hundred_thousand.for_hundred_thousand(
            ways,
            sim_per.bought(hundred),
            {"IAPT": 49.0, "voluntary": 78.0, "earlier": 115.0},
            amounts,
        ),
        "tornado": tornado(*swings_of(simulated), YEAR),
        "years": recovery_cost.by_year(recovery, amounts, YEAR),
    }


def swings_of(simulated: sim.Simulated) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = simulated.found
    assert found.net is not None
    swings = pd.concat([sim.swings(simulated, net=net) for net in (False, True)])
    rows = [("gross", found.median, found.gross), ("net", found.net_median, found.net)]
    together = [(name, middle, one.low, one.high) for name, middle, one in rows]
    return swings, pd.DataFrame(together, columns=["measure", "value", "low", "high"])


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
    "name", ["announced", "promises", "context", "by_method", "hundred", "tornado", "years"]
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


def test_eight_methods_stand_beside_one_plan(figures: dict[str, Figure]):
    average = figures["by_method"].axes[0]
    names = [t.get_text() for t in average.texts if "plan" in t.get_text()]
    assert len(names) == 1 and len(recovery_cost.METHODS.keys() - {"spent"}) == 9


def test_every_input_of_the_simulation_has_its_bar(figures: dict[str, Figure]):
    gross, net = figures["tornado"].axes
    assert gross.get_xlim() == net.get_xlim()
    names = [{t.get_text() for t in axes.texts} for axes in (gross, net)]
    assert "Recovery anyway" in names[1] - names[0]
    assert {"How a course is costed", "Recovery rate of the year"} <= names[0] & names[1]


def test_quoted_figures_are_lines_and_never_marks(figures: dict[str, Figure]):
    axes = figures["hundred"].axes[0]
    marked = {x for line in axes.lines if line.get_marker() == "o" for x in line.get_xdata()}
    ruled = {
        line.get_xdata()[0] for line in axes.lines if line.get_xdata()[0] == line.get_xdata()[-1]
    }
    assert {49.0, 78.0, 115.0} <= ruled and not {49.0, 78.0, 115.0} & marked

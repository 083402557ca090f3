"""The tools of the page: the same numbers as results.json, by mouse, by key, and something to read without scripts."""

from __future__ import annotations

import csv
import json
import random
import re
import statistics
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Locator, Page, expect

from iapt_ledger import paths

pytestmark = [pytest.mark.built, pytest.mark.browser]
DOWNLOADS = paths.OUTPUT / "downloads"


def result(name: str) -> dict:
    told = json.loads((DOWNLOADS / "results.json").read_text("utf8"))["results"]
    (found,) = [one for one in told if one["id"] == name]
    return found


def table(name: str) -> list[dict[str, str]]:
    with (DOWNLOADS / name).open(encoding="utf8", newline="") as text:
        return list(csv.DictReader(text))


def whole(value: float) -> str:
    return f"{int(value + 0.5):,}"


def choose(selects: Locator, options: Sequence[str]) -> None:
    for i, option in enumerate(options):
        selects.nth(i).select_option(label=option)


def test_the_first_choices_give_the_result_of_the_text(opened: Callable[..., Page]) -> None:
    base = result("robustness.hundred.base")
    said = opened().locator("#calculator output").inner_text()
    assert said.startswith(f"{base['text']} outcomes for £100,000")
    assert f"({base['range_text']}, what the price year of the cost leaves open)" in said
    assert f"£{whole(100_000 / base['value'])}" in said


def test_any_choice_gives_the_spread_that_the_chapter_prints(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("#calculator button", has_text="Any").click()
    middle, ways = result("robustness.hundred.middle"), result("robustness.hundred.ways")
    said = page.locator("#calculator output").inner_text()
    assert said.startswith(f"{ways['text']} combinations: {middle['range_text']} outcomes")
    assert f"the middle {middle['text']}." in said
    assert page.locator("#calculator circle").count() == ways["value"]


def test_combinations_give_what_the_table_for_download_says(opened: Callable[..., Page]) -> None:
    page = opened()
    selects = page.locator("#calculator select")
    rows = table("ways.csv")
    names = list(rows[0])[:-4]
    for row in random.Random(3).sample(rows, 12):
        choose(selects, [row[name] for name in names])
        said = page.locator("#calculator output").inner_text()
        assert said.startswith(f"{whole(float(row['value']))} outcomes for £100,000"), row
        assert page.locator("#calculator circle.chosen").count() == 1


def test_one_choice_left_open_gives_least_middle_and_greatest(opened: Callable[..., Page]) -> None:
    page = opened()
    rows = table("ways.csv")
    name = list(rows[0])[1]
    page.locator("#calculator button", has_text="Any").click()
    option = rows[-1][name]
    page.locator("#calculator select").nth(1).select_option(label=option)
    ways = {row["way"]: float(row["value"]) for row in rows if row[name] == option}
    values = sorted(ways.values())
    said = page.locator("#calculator output").inner_text()
    assert said.startswith(
        f"{len(ways)} combinations: {whole(values[0])} to {whole(values[-1])} outcomes"
    )
    assert f"the middle {whole(statistics.median(values))}." in said


def test_a_combination_that_is_not_held_says_so(opened: Callable[..., Page]) -> None:
    page = opened()
    rows = table("ways.csv")
    names = list(rows[0])[:-4]
    held = {tuple(row[name] for name in names) for row in rows}
    options = [list(dict.fromkeys(row[name] for row in rows)) for name in names]
    last = tuple(choice[-1] for choice in options)
    missing = next(
        (*last[:i], choice, *last[i + 1 :])
        for i, choices in enumerate(options)
        for choice in choices
        if (*last[:i], choice, *last[i + 1 :]) not in held
    )
    choose(page.locator("#calculator select"), missing)
    expect(page.locator("#calculator output")).to_have_text(
        "No figures are held for this combination."
    )
    assert page.locator("#calculator circle.chosen").count() == 0


def test_a_service_says_what_the_table_for_download_says(opened: Callable[..., Page]) -> None:
    page = opened()
    rows = table("services-explored.csv")
    select = page.locator("#service-finder select")
    assert page.locator("#service-finder circle").count() == len(rows)
    for row in random.Random(4).sample(rows, 8):
        select.select_option(label=row["name"])
        said = page.locator("#service-finder output").inner_text()
        assert said.startswith(row["name"])
        assert f"{float(row['value']):.1f}%" in said
        assert f"from {row['rank_low']} to {row['rank_high']} (95% range)." in said
        side = {"0": "inside", "1": "above", "-1": "below"}[row["outside"]]
        assert f"It lies {side} the limits" in said


def test_services_are_gone_through_by_key_alone(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("#service-finder button", has_text="Next").focus()
    seen = []
    for _ in range(3):
        page.keyboard.press("Enter")
        seen.append(page.locator("#service-finder output strong").inner_text())
    names = sorted({row["name"] for row in table("services-explored.csv")}, key=str.casefold)
    assert len(set(seen)) == 3
    assert seen[0] in names[:3]
    page.locator("#service-finder select").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#service-finder output strong")).not_to_have_text(seen[-1])


def test_a_mouse_on_a_mark_says_its_service_and_a_press_chooses_it(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    said = page.locator("#service-finder output")
    on = page.locator("#service-finder .named")
    marks = page.locator("#service-finder circle")
    rows = table("services-explored.csv")
    marks.first.scroll_into_view_if_needed()

    def pointed(place: int) -> None:
        box = marks.nth(place).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(on).to_have_text(rows[place]["name"])

    pointed(0)
    expect(said).to_be_empty()
    page.mouse.down()
    page.mouse.up()
    expect(said.locator("strong")).to_have_text(rows[0]["name"])
    last = (
        marks.count() - 1
    )  # the chosen mark lies on top of the others: by name it is the last now
    page.mouse.move(2, 2)
    expect(on).to_be_empty()
    assert page.locator("#service-finder circle.near").count() == 0
    assert marks.nth(last).get_attribute("class") == "service chosen"
    expect(said.locator("strong")).to_have_text(rows[0]["name"])


def test_without_javascript_the_tools_lead_to_their_tables(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    for name in ("calculator", "service-finder"):
        section = page.locator(f"#{name}")
        assert section.locator("form").count() == 0
        href = section.locator(".explorer-static a").get_attribute("href")
        assert (paths.OUTPUT / str(href)).is_file()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_the_tools_stay_inside_the_page(opened: Callable[..., Page], width: int) -> None:
    page = opened(width=width)
    for name in ("calculator", "service-finder"):
        box = page.locator(f"#{name}").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        sizes = page.locator(f"#{name} select").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().right)"
        )
        assert max(sizes) <= box["x"] + box["width"] + 0.5
        assert re.search(r"\w", page.locator(f"#{name} h4").inner_text())

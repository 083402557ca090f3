"""Settings: what is refused, and that each fault is told with its choices."""

from pathlib import Path

import pytest

from iapt_ledger import paths
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.settings import CONFIG, check_settings, load_settings, read_settings

GOOD = {"edition": "latest", "renderer": "auto"}


def test_the_settings_as_they_stand_are_valid():
    assert load_settings(CONFIG).renderer in {"auto", "pandoc", "quarto"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"renderer": "latex"},
            "Wrong setting renderer in analysis/config.yaml; expected the name of a renderer;"
            " found 'latex'; valid choices are auto, pandoc, quarto",
        ),
        ({"edition": "newest"}, "latest, or the name of a folder"),
        ({"colour": "red"}, "No such setting; found colour; valid choices are edition, renderer"),
        ({"mirrors": {"a b": "https://c"}}, "Wrong setting mirrors .* expected the name of a host"),
        ({"mirrors": {"a": "c"}}, "Wrong setting mirrors.a .* expected an address with http://"),
        ({"mirrors": {"a": "https://u:word@c"}}, "found 'https://…@c'"),
    ],
)
def test_a_wrong_setting_is_told_with_what_is_allowed(change, said):
    with pytest.raises(Faults, match=said):
        check_settings(GOOD | change)


def test_mirrors_may_be_set_or_left_out():
    assert check_settings(GOOD).mirrors == {}
    mirrors = {"files.example:8443": "http://127.0.0.1:8001/x"}
    assert check_settings(GOOD | {"mirrors": mirrors}).mirrors == mirrors


def test_all_wrong_settings_are_told_at_once():
    with pytest.raises(Faults) as caught:
        check_settings({"edition": "x", "renderer": "y"})
    assert len(caught.value.faults) == 2


def test_a_missing_setting_is_named():
    with pytest.raises(Faults, match="edition"):
        check_settings({"renderer": "auto"})


def test_an_edition_without_quotation_marks_is_the_edition(tmp_path: Path):
    file = tmp_path / "config.yaml"
    file.write_text("edition: 2026-11-22\nrenderer: auto\n", encoding="utf8")
    assert load_settings(file).edition == "2026-11-22"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found nothing"),
        ("latest", "found 'latest'"),
        ("edition: [1", "not YAML in analysis/config.yaml.* at line 1"),
        (None, "missing in analysis/config.yaml"),
    ],
)
def test_a_file_that_holds_no_settings_is_told_with_what_mends_it(
    tmp_path: Path, text: str | None, said: str
):
    file = tmp_path / "config.yaml"
    if text is not None:
        file.write_text(text, encoding="utf8")
    with pytest.raises(LedgerError, match=f"{said}.*git checkout -- analysis/config.yaml"):
        read_settings(file)


def test_the_newest_edition_is_the_last_date_whatever_else_lies_beside_it(tmp_path: Path):
    for name in ("2025-01-31", "2026-11-22", "draft", "zz-old"):
        (tmp_path / name).mkdir()
    assert paths.edition_among(tmp_path, "latest") == "2026-11-22"
    with pytest.raises(LedgerError, match="found draft; valid choices are latest, 2025-01-31"):
        paths.edition_among(tmp_path, "draft")


def test_without_any_edition_there_is_no_latest(tmp_path: Path):
    with pytest.raises(LedgerError, match="git checkout -- data/editions"):
        paths.edition_among(tmp_path, "latest")

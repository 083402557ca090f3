"""Settings: what is refused, and that each fault is told with its choices."""

import pytest

from iapt_ledger.errors import Faults
from iapt_ledger.settings import CONFIG, check_settings, load_settings

GOOD = {"edition": "latest", "renderer": "auto"}


def test_the_settings_as_they_stand_are_valid():
    assert load_settings(CONFIG).renderer in {"auto", "pandoc", "quarto"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"renderer": "word"}, "valid choices are auto, pandoc, quarto"),
        ({"edition": "newest"}, "latest, or the name of a folder"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_setting_is_told_with_what_is_allowed(change, said):
    with pytest.raises(Faults, match=said):
        check_settings(GOOD | change)


def test_all_wrong_settings_are_told_at_once():
    with pytest.raises(Faults) as caught:
        check_settings({"edition": "x", "renderer": "y"})
    assert len(caught.value.faults) == 2


def test_a_missing_setting_is_named():
    with pytest.raises(Faults, match="edition"):
        check_settings({"renderer": "auto"})

"""The store reads only what the manifest pins, and says plainly when it cannot."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.edition.manifest import read_manifest, verify_edition
from iapt_ledger.edition.store import decode, encode, find_edition, read_stored
from iapt_ledger.edition.tables import TABLES, Table, table
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.refresh.edition import write_edition
from iapt_ledger.tidy.build import tidy_table

CSV = "observations/cyp.csv"
PARQUET = "observations/iapt_breakdowns.parquet"
CELLS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r"), max_size=12
)


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    source = find_edition()
    return Path(shutil.copytree(source, tmp_path / source.name))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_the_embedded_edition_is_what_its_manifest_pins() -> None:
    pins = verify_edition(find_edition())
    assert set(pins) == {t.file for t in TABLES.values()}
    assert sum(p.bytes for p in pins.values()) < 8_000_000


@pytest.mark.parametrize("path", [CSV, PARQUET])
def test_one_changed_byte_stops_the_read_and_says_what_to_do(edition: Path, path: str) -> None:
    flip(edition / path)
    name = Path(path).stem
    with pytest.raises(LedgerError) as caught:
        read_stored(name, edition)
    said = str(caught.value)
    where = f"data/editions/{edition.name}/{path}"
    assert where in said
    assert read_manifest(edition)[path].sha256 in said
    assert f"git checkout -- {where}" in said


def test_all_faults_of_an_edition_come_at_once(edition: Path) -> None:
    flip(edition / CSV)
    (edition / PARQUET).unlink()
    (edition / "observations" / "stray.csv").write_text("a\n1\n")
    with pytest.raises(Faults) as caught:
        verify_edition(edition)
    assert len(caught.value.faults) == 3
    said = str(caught.value)
    folder = f"data/editions/{edition.name}/observations"
    assert said.startswith(f"Edition {edition.name} is not what its manifest pins")
    assert (
        f"A file is on disk but not in the manifest in {folder}/stray.csv; to mend it:"
        f" rm {folder}/stray.csv, or make a new edition that holds it."
    ) in said
    assert (
        f"A file is in the manifest but not on disk in {folder}/iapt_breakdowns.parquet;"
        f" to mend it: git checkout -- {folder}/iapt_breakdowns.parquet."
    ) in said
    assert "cyp.csv; expected sha256" in said


def test_a_missing_file_or_manifest_names_the_command_that_mends_it(edition: Path) -> None:
    (edition / CSV).unlink()
    with pytest.raises(LedgerError, match=f"git checkout -- .*{CSV}"):
        read_stored("cyp", edition)
    (edition / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(LedgerError, match="cannot be read"):
        read_stored("cyp", edition)
    (edition / "manifest.json").unlink()
    with pytest.raises(LedgerError, match="git checkout -- .*manifest.json"):
        read_stored("cyp", edition)


LATER = replace(TABLES["cyp"], name="later", since="2027-01-01")
"""A table that was declared after the edition was made."""


def test_an_edition_need_not_hold_a_table_that_came_after_it(edition: Path) -> None:
    tables = {**TABLES, "later": LATER}
    assert set(verify_edition(edition, tables)) == {t.file for t in TABLES.values()}
    with pytest.raises(Faults, match="observations/later.csv.*`since`"):
        verify_edition(edition, {**TABLES, "later": replace(LATER, since="")})
    newer = edition.rename(edition.with_name("2027-01-01"))
    with pytest.raises(Faults, match="only known to edition/tables.py"):
        verify_edition(newer, tables)


@pytest.mark.parametrize("shape_of", ["cyp", "iapt_providers_monthly", "unit_costs"])
def test_an_edition_holds_no_row_of_a_table_that_came_after_it(
    shape_of: str, edition: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = replace(TABLES[shape_of], name="later", since="2027-01-01")
    monkeypatch.setattr("iapt_ledger.edition.store.table", lambda name: declared)
    stored = read_stored("later", edition)
    assert stored.empty
    assert tuple(stored.columns) == declared.columns
    assert tidy_table(declared, stored, {}).empty


def test_a_new_edition_holds_a_later_table_though_the_one_before_has_none(
    edition: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {**TABLES, "later": LATER}
    for module in ("edition.manifest", "refresh.edition"):
        monkeypatch.setattr(f"iapt_ledger.{module}.TABLES", tables)
    monkeypatch.setattr("iapt_ledger.edition.store.table", tables.__getitem__)
    early = write_edition(edition, "2026-12-01", {}, {})
    assert not (early / LATER.file).exists()
    empty = write_edition(early, "2027-02-01", {}, {})
    assert read_stored("later", empty).empty
    rows = read_stored("cyp", edition)
    full = write_edition(early, "2027-03-01", {"later": rows}, {})
    assert read_stored("later", full).equals(rows)


def test_latest_is_the_last_date_and_other_folders_are_not_editions(tmp_path: Path) -> None:
    for name in ("2026-11-22", "2027-01-03", "draft", "2027-01-03.part"):
        (tmp_path / name).mkdir()
    assert find_edition("latest", tmp_path).name == "2027-01-03"
    assert find_edition("2026-11-22", tmp_path).name == "2026-11-22"
    with pytest.raises(LedgerError, match="valid choices are latest, 2026-11-22, 2027-01-03"):
        find_edition("draft", tmp_path)


def test_an_empty_folder_of_editions_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="No such edition"):
        find_edition("latest", tmp_path)


def test_an_unknown_table_lists_the_valid_names() -> None:
    with pytest.raises(LedgerError, match="iapt_national_annual"):
        table("iapt_national_anual")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.sampled_from(["csv", "parquet"]))
def test_any_text_comes_back_as_it_was_stored(rows: list[tuple[str, str]], form: str) -> None:
    declared = Table("t", "codelists", "code", form, dimensions=("a", "b"))  # type: ignore[arg-type]
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=str)
    data = encode(frame, declared)
    assert encode(frame, declared) == data
    assert decode(data, declared).to_numpy().tolist() == [list(r) for r in rows]


def test_a_carriage_return_is_refused_where_it_could_not_be_read_back() -> None:
    declared = Table("t", "codelists", "code", dimensions=("a",))
    with pytest.raises(LedgerError, match=r"carriage return.*rows \[2\]"):
        encode(pd.DataFrame({"a": ["x", "y\rz"]}), declared)

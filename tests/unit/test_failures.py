"""A failed build's last lines: the cause found in any kind of log, told once, never at endless length."""

from pathlib import Path

from iapt_ledger.build.failures import MOST_LINES, SILENT, Failure, cause, failure_text
from iapt_ledger.errors import Faults, LedgerError


def test_the_cause_is_the_sentence_after_the_traceback():
    error = LedgerError("A notebook cell failed", where="02.ipynb, cell 5", found="KeyError: 'x'")
    assert cause(f"Traceback ...\n  File x\nKeyError: 'x'\n{error}\n") == [str(error)]


def test_the_cause_has_all_the_faults_and_nothing_before_them():
    faults = Faults("The edition is not what its manifest pins", ["a.csv", "b.csv"])
    assert cause(f"473 rows\n{faults}\n") == str(faults).splitlines()


def test_an_unforeseen_error_is_told_by_its_last_line():
    assert cause('Traceback:\n  File "x.py", line 3\nZeroDivisionError: by zero') == [
        "ZeroDivisionError: by zero"
    ]


def test_a_long_list_is_cut_and_the_rest_counted():
    said = cause(str(Faults("Wrong", [f"row {n:03}" for n in range(300)])))
    assert len(said) == MOST_LINES + 1
    assert said[-1] == f"  - and {301 - MOST_LINES} more in the log"


def test_a_log_without_a_word_or_without_a_file_is_said_to_be_so(tmp_path: Path):
    assert cause("\n \n") == [SILENT]
    assert Failure("Drawing", "draw", (str(tmp_path / "none.log"),)).cause() == [SILENT]


def test_steps_that_failed_for_one_cause_are_told_together(tmp_path: Path):
    for name in ("html", "pdf"):
        (tmp_path / f"{name}.log").write_text("No such reference.\n", encoding="utf8")
    (tmp_path / "other.log").write_text("Something else.\n", encoding="utf8")
    text = failure_text(
        [
            Failure("Making the page", "render", (str(tmp_path / "html.log"),)),
            Failure("Costing a recovery", "chapter", (str(tmp_path / "other.log"),)),
            Failure("Making the PDF", "render", (str(tmp_path / "pdf.log"),)),
        ]
    )
    assert text.startswith("The build failed: 3 steps")
    assert text.count("No such reference.") == 1
    assert "Making the page (rule render)\nMaking the PDF (rule render)\n  No such" in text
    assert f"Log: {tmp_path / 'html.log'}, {tmp_path / 'pdf.log'}" in text

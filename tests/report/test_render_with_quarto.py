"""With Quarto installed it is Quarto that renders, and what it only warns of fails the build.

A script takes Quarto's place: it writes what a test tells it to and ends with the status told.
"""

import os
import textwrap

import pytest
from sample_report import copy_theme, write_document

from iapt_ledger.errors import Faults, LedgerError
from render import render


@pytest.fixture
def project(tmp_path):
    copy_theme(tmp_path / "report")
    write_document(tmp_path / "report", "Text.")
    return tmp_path / "report"


@pytest.fixture
def quarto(tmp_path, monkeypatch):
    """Puts a Quarto on the PATH that writes `page` and says `log`."""

    def put(
        page="<p>Made by Quarto</p>",
        log="Output created: _output/index.html",
        status=0,
        pdf="iapt-ledger",
    ):
        program = tmp_path / "bin" / "quarto"
        program.parent.mkdir(exist_ok=True)
        program.write_text(
            textwrap.dedent(f"""\
            #!/bin/sh
            [ "$1 $2 $3" = "render index.qmd --to" ] || exit 9
            case "$4" in
              html) printf '%s' '{page}' > _output/index.html ;;
              typst) printf '%s' '%PDF-1.7' > _output/{pdf}.pdf ;;
            esac
            printf '%s\\n' '{log}' >&2
            exit {status}
            """)
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        return program

    monkeypatch.delenv("QUARTO_PATH", raising=False)
    return put


def test_quarto_on_the_path_is_taken_by_itself(project, quarto):
    quarto()
    web, pdf = render(project)
    assert web.read_text() == "<p>Made by Quarto</p>"
    assert pdf.name == "iapt-ledger.pdf"


def test_pandoc_can_be_asked_for_where_quarto_is(project, quarto):
    quarto()
    (web,) = render(project, ["html"], "pandoc")
    assert 'name="generator" content="Pandoc' in web.read_text(encoding="utf8")


def test_quarto_path_names_a_quarto_elsewhere(project, quarto, monkeypatch):
    program = quarto()
    elsewhere = program.rename(program.parent.parent / "my-quarto")
    monkeypatch.setenv("QUARTO_PATH", str(elsewhere))
    assert render(project, ["html"], "quarto")[0].read_text() == "<p>Made by Quarto</p>"
    monkeypatch.setenv("QUARTO_PATH", str(elsewhere) + "-lost")
    with pytest.raises(LedgerError, match="QUARTO_PATH"):
        render(project, ["html"], "auto")


def test_the_pdf_gets_its_name_where_quarto_gives_another(project, quarto):
    quarto(pdf="index")
    (pdf,) = render(project, ["typst"])
    assert pdf.name == "iapt-ledger.pdf"
    assert not (project / "_output" / "index.pdf").exists()


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"page": "<p>?var:sample.lost</p>"}, "?var:sample.lost"),
        ({"page": "<p><strong>?@fig-lost</strong></p>"}, "?@fig-lost"),
        ({"page": "<p>?n:sample.lost</p>"}, "?n:sample.lost"),
        ({"log": "WARNING (main.lua:1) Shortcode lost not found"}, "Shortcode lost"),
        ({"log": "WARN: Unable to resolve crossref @fig-lost"}, "@fig-lost"),
        ({"log": "[WARNING] Citeproc: citation lost not found"}, "citation lost"),
    ],
)
def test_what_quarto_only_warns_of_fails_and_leaves_no_page(project, quarto, told, found):
    quarto(**told)
    with pytest.raises(Faults) as caught:
        render(project, ["html"])
    assert any(found in fault for fault in caught.value.faults)
    assert not (project / "_output" / "index.html").exists()


def test_a_script_in_the_page_may_hold_what_looks_unresolved(project, quarto):
    quarto(page="<script>x = a?@fig-b : c</script><p>Fine</p>")
    assert "Fine" in render(project, ["html"])[0].read_text()


def test_a_quarto_that_fails_is_told_with_its_last_words(project, quarto):
    quarto(log="ERROR: the document cannot be read", status=1)
    with pytest.raises(LedgerError, match="the document cannot be read"):
        render(project, ["html"])


def test_an_old_output_does_not_pass_for_a_new_one(project, quarto, tmp_path):
    quarto()
    render(project, ["html"])
    (tmp_path / "bin" / "quarto").write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(LedgerError, match="no output"):
        render(project, ["html"])


def test_sources_outside_the_subset_are_refused_before_quarto_sees_them(project, quarto):
    quarto()
    write_document(project, "::: {.callout-note}\nNote.\n:::")
    with pytest.raises(Faults, match="callout-note"):
        render(project, ["html"])


def test_quarto_asked_for_and_absent_says_what_to_do(project, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    with pytest.raises(LedgerError, match="QUARTO_PATH"):
        render(project, ["html"], "quarto")


def test_what_quarto_made_goes_where_the_build_wants_it(project, quarto, tmp_path):
    quarto()
    (web,) = render(project, ["html"], out=tmp_path / "rendered")
    assert web == tmp_path / "rendered" / "index.html"
    assert web.read_text() == "<p>Made by Quarto</p>"
    assert not (project / "_output" / "index.html").exists()

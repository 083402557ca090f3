# Results and prose -> web page and PDF; the page finished for its readers; then the checks that a published report
# must pass.

REPORT_SOURCES = sorted(
    str(path)
    for pattern in (
        "_quarto.yml",
        "index.qmd",
        "references.bib",
        "chapters/*.qmd",
        "theme/*",
        "theme/fonts/*",
        "filters/*",
        "render/*",
    )
    for path in Path("report").glob(pattern)
    if path.is_file() and path.suffix != ".pyc"
)


# Needs nothing that is made, and nothing waits for it: what it finds is told in the same run as what
# the rendering finds.
rule prose:
    input:
        sources=["report/index.qmd", *sorted(map(str, Path("report/chapters").glob("*.qmd")))],
        notebooks=[notebook_of(topic) for topic in NOTEBOOK_OF],
        names="report/names_with_digits.txt",
        code=code_of("iapt_ledger.build.prose"),
    output:
        PROSE_CHECKED,
    log:
        f"{LOGS}/prose.log",
    benchmark:
        f"{TIMES}/prose.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Checking that no figure is typed in prose"
    shell:
        "python -m iapt_ledger.build.prose --out {output} > {log} 2>&1"


# Where each number comes from: for the page, for the appendix of the PDF, and as a page of their own.
rule notes:
    input:
        chapters=rules.chapters.input,
        results=RESULTS,
        prose=["report/index.qmd", *sorted(map(str, Path("report/chapters").glob("*.qmd")))],
        described=["data/dictionary.yaml", "data/sources.yaml", "data/corrections.yaml"],
        style=style_files(),
        tidy="data/tidy",
        code=code_of("iapt_ledger.reader.make_notes"),
    output:
        data=f"{NOTES}/notes.json",
        printed=f"{NOTES}/appendix.md",
        pages=directory(NUMBERS),
    log:
        f"{LOGS}/notes.log",
    benchmark:
        f"{TIMES}/notes.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Tracing each number to the published figures behind it"
    shell:
        "python -m iapt_ledger.reader.make_notes {input.results} {input.chapters} --data {output.data}"
        " --print {output.printed} --pages {output.pages} > {log} 2>&1"


rule colophon:
    input:
        LOCK,
        "pyproject.toml",
        f"data/editions/{EDITION}/manifest.json",
        results=RESULTS,
        variables=VARIABLES,
        summary="report/chapters/summary.qmd",
        in_short="report/generated/recovery_cost",
        code=code_of("iapt_ledger.build.colophon"),
    output:
        directory(COLOPHON),
    log:
        f"{LOGS}/colophon.log",
    benchmark:
        f"{TIMES}/colophon.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Telling what the report is made of"
    shell:
        "python -m iapt_ledger.build.colophon --results {input.results}"
        " --variables {input.variables} --out {output} > {log} 2>&1"


rule render_page:
    input:
        colophon=COLOPHON,
        chapters=rules.chapters.input,
        notes=rules.notes.output.printed,
        results=RESULTS,
        variables=VARIABLES,
        sources=REPORT_SOURCES,
        code=code_of("render"),
        lock=LOCK,
    output:
        RENDERED,
    log:
        f"{LOGS}/render_page.log",
    benchmark:
        f"{TIMES}/render_page.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        to="html",
        renderer=SETTINGS.renderer,
        out=Path(RENDERED).parent,
    message:
        "Rendering the web page"
    shell:
        "python -m render --project report --to {params.to} --renderer {params.renderer}"
        " --out {params.out} > {log} 2>&1"


use rule render_page as render_pdf with:
    output:
        PDF,
    log:
        f"{LOGS}/render_pdf.log",
    benchmark:
        f"{TIMES}/render_pdf.tsv"
    params:
        to="typst",
        renderer=SETTINGS.renderer,
        out=Path(PDF).parent,
    message:
        "Rendering the PDF"


# Pictures that follow the theme, notes and tools: the same for the page of either renderer.
rule page:
    input:
        rendered=RENDERED,
        notes=rules.notes.output.data,
        chapters=rules.chapters.input,
        results=RESULTS,
        parts=sorted(map(str, Path("report/theme/reader").glob("*.*s"))),
        code=code_of("iapt_ledger.reader"),
    output:
        PAGE,
    log:
        f"{LOGS}/page.log",
    benchmark:
        f"{TIMES}/page.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Finishing the web page for its readers"
    shell:
        "python -m iapt_ledger.reader {input.rendered} --results {input.results} --out {output} > {log} 2>&1"


rule downloads:
    input:
        "data/dictionary.yaml",
        "data/corrections.yaml",
        "data/sources.yaml",
        "report/references.bib",
        LOCK,
        style_files(),
        chapters=rules.chapters.input,
        results=RESULTS,
        tidy="data/tidy",
        prose=sorted(map(str, Path("report/chapters").glob("*.qmd"))),
        code=code_of("iapt_ledger.build.offered"),
    output:
        directory(DOWNLOADS),
    log:
        f"{LOGS}/downloads.log",
    benchmark:
        f"{TIMES}/downloads.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Laying the downloads beside the page"
    shell:
        "python -m iapt_ledger.build.offered {output} {input.results} {input.chapters}"
        " --tidy {input.tidy} > {log} 2>&1"


rule notebook_pages:
    input:
        style_files(),
        LOCK,
        chapters=rules.chapters.input,
        prose=sorted(map(str, Path("report/chapters").glob("*.qmd"))),
        filter="report/filters/notebook.lua",
        code=code_of("iapt_ledger.build.notebook_pages"),
    output:
        directory(NOTEBOOK_PAGES),
    log:
        f"{LOGS}/notebook_pages.log",
    benchmark:
        f"{TIMES}/notebook_pages.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Making a page of each chapter's notebook"
    shell:
        "python -m iapt_ledger.build.notebook_pages {output} {input.chapters} > {log} 2>&1"


rule check:
    input:
        page=PAGE,
        numbers=NUMBERS,
        downloads=DOWNLOADS,
        notebooks=NOTEBOOK_PAGES,
        results=RESULTS,
        code=code_of("iapt_ledger.build.check_page"),
    output:
        CHECKED,
    log:
        f"{LOGS}/check.log",
    benchmark:
        f"{TIMES}/check.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Checking the page: links, references, alternative texts and numbers"
    shell:
        "python -m iapt_ledger.build.check_page {input.page} {input.results} --out {output} > {log} 2>&1"


rule html:
    input:
        PAGE,
        CHECKED,
        PROSE_CHECKED,
    message:
        "The web page stands"


rule pdf:
    input:
        PDF,
    message:
        "The PDF stands"

# Results and prose -> web page and PDF, then the checks that a published report must pass.

REPORT_SOURCES = sorted(
    str(path)
    for pattern in (
        "_quarto.yml",
        "index.qmd",
        "references.bib",
        "chapters/*.qmd",
        "theme/**/*",
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


rule render:
    input:
        chapters=rules.chapters.input,
        results=RESULTS,
        variables=VARIABLES,
        sources=REPORT_SOURCES,
        code=code_of("render"),
        lock=LOCK,
    output:
        "report/_output/{form}",
    log:
        f"{LOGS}/render_{{form}}.log",
    benchmark:
        f"{TIMES}/render_{{form}}.tsv"
    wildcard_constraints:
        form="index.html|iapt-ledger.pdf",
    conda:
        "../../envs/report.yaml"
    params:
        to=lambda wildcards: "html" if wildcards.form.endswith(".html") else "typst",
        what=lambda wildcards: "web page" if wildcards.form.endswith(".html") else "PDF",
        renderer=SETTINGS.renderer,
    message:
        "Rendering the {params.what}"
    shell:
        "python -m render --project report --to {params.to} --renderer {params.renderer} > {log} 2>&1"


rule downloads:
    input:
        chapters=rules.chapters.input,
        results=RESULTS,
        code=code_of("iapt_ledger.build.downloads"),
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
        "python -m iapt_ledger.build.downloads {output} {input.results} {input.chapters} > {log} 2>&1"


rule check:
    input:
        page=PAGE,
        downloads=DOWNLOADS,
        results=RESULTS,
        code=code_of("iapt_ledger.build.page"),
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
        "python -m iapt_ledger.build.page {input.page} {input.results} --out {output} > {log} 2>&1"


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

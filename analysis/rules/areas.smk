# Two-page briefs of every board and provider: `snakemake areas`, or one alone, such as
# `snakemake report/_output/areas/icb-QWO.html`. Not part of the default build.

AREAS_FROM = [
    "data/tidy",
    "data/sources.yaml",
    "data/corrections.yaml",
    "report/theme/site.css",
    "report/theme/typst-template.typ",
    *sorted(map(str, Path("report/theme/areas").iterdir())),
    *FONTS,
    *sorted(map(str, Path("report/theme/fonts").glob("*.woff2"))),
    *code_of("iapt_ledger.areas"),
    LOCK,
]


rule areas:
    input:
        f"{AREAS}/index.html",
    message:
        "The briefs stand: {input}"


rule area_briefs:
    input:
        AREAS_FROM,
    output:
        f"{AREAS}/index.html",
    log:
        f"{LOGS}/areas.log",
    benchmark:
        f"{TIMES}/areas.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 2
    message:
        "Writing a brief for every board and provider"
    shell:
        "python -m iapt_ledger.areas --out $(dirname {output}) --cores {threads} > {log} 2>&1"


rule area_brief:
    input:
        AREAS_FROM,
    output:
        multiext(f"{AREAS}/{{name}}", html=".html", pdf=".pdf", csv=".csv"),
    log:
        f"{LOGS}/areas_{{name}}.log",
    wildcard_constraints:
        name="(icb|provider)-[A-Z0-9]+",
    conda:
        "../../envs/report.yaml"
    message:
        "Writing the brief {wildcards.name}"
    shell:
        "python -m iapt_ledger.areas --out $(dirname {output.html}) --only {wildcards.name} > {log} 2>&1"

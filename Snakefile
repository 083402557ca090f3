# iapt-ledger: from a pinned edition of public statistics to one report, as a web page and as a PDF.
#
#   envs/run snakemake            build the report
#   envs/run snakemake tidy       only the typed tables in data/tidy
#   envs/run snakemake chapters   only the executed notebooks and their results
#   envs/run snakemake html       only the web page
#   envs/run snakemake areas      a two-page brief of every board and provider, as pages and PDF
#   envs/run snakemake refresh    fetch what the publishers put out; make a new edition of it
#   envs/run snakemake changes    what the edition changed: figures, results and verdicts
#   envs/run snakemake accept     check a new edition as a whole and take it
#   envs/run snakemake --config edition=2026-11-22    build an older edition
#
# The rules stand in analysis/rules, in the order of the work.

from snakemake.utils import min_version

min_version("9.0")


include: "analysis/rules/common.smk"
include: "analysis/rules/tidy.smk"
include: "analysis/rules/chapters.smk"
include: "analysis/rules/report.smk"
include: "analysis/rules/areas.smk"
include: "analysis/rules/refresh.smk"


rule all:
    default_target: True
    input:
        PAGE,
        PDF,
        DOWNLOADS,
        NUMBERS,
        NOTEBOOK_PAGES,
        CHECKED,
        PROSE_CHECKED,
        RESULTS,
        VARIABLES,
        rules.chapters.input,
        "data/tidy",
    message:
        "The report stands"


onsuccess:
    print(closing_lines())

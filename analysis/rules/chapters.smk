# Typed tables -> one executed notebook a chapter, with its results, figures and tables.


rule chapter:
    input:
        notebook=lambda wildcards: f"analysis/notebooks/{NOTEBOOK_OF[wildcards.topic]}",
        tidy="data/tidy",
        valid="data/derived/validation.json",
        described=expand(
            "data/{name}.yaml", name=["claims", "sources", "dictionary", "corrections"]
        ),
        config="analysis/config.yaml",
        code=package("measures", "figures", "dictionary", "edition", "registry.py", "chapter.py")
        + package("results.py", "numbers.py", "tables.py", "notebooks.py", "quoted.py")
        + package("build/source_line.py", "build/documentation.py")
        + package("build/history.py", "build/holdings.py"),
    output:
        directory("report/generated/{topic}"),
    log:
        f"{LOGS}/chapter_{{topic}}.log",
    benchmark:
        f"{TIMES}/chapter_{{topic}}.tsv"
    wildcard_constraints:
        topic="|".join(NOTEBOOK_OF),
    conda:
        "../../envs/build.yaml"
    message:
        "Working out the chapter '{wildcards.topic}'"
    shell:
        "python -m iapt_ledger.notebooks {input.notebook} {output} > {log} 2>&1"


rule chapters:
    input:
        expand("report/generated/{topic}", topic=NOTEBOOK_OF),


rule results:
    input:
        chapters=rules.chapters.input,
        claims="data/claims.yaml",
        code=package("build/merge.py", "results.py", "numbers.py", "quoted.py"),
    output:
        results=RESULTS,
        variables=VARIABLES,
    log:
        f"{LOGS}/results.log",
    benchmark:
        f"{TIMES}/results.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Joining the chapters' results"
    shell:
        "python -m iapt_ledger.build.merge --results {output.results} --variables {output.variables}"
        " {input.chapters} > {log} 2>&1"

# Typed tables -> one executed notebook a chapter, with its results, figures and tables.


rule chapter:
    input:
        notebook=lambda wildcards: notebook_of(wildcards.topic),
        tidy="data/tidy",
        valid="data/derived/validation.json",
        described=expand(
            "data/{name}.yaml", name=["claims", "sources", "dictionary", "corrections"]
        ),
        config="analysis/config.yaml",
        code=lambda wildcards: code_of("iapt_ledger.notebooks", Path(notebook_of(wildcards.topic))),
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
    message:
        "Every chapter is worked out"


rule results:
    input:
        chapters=rules.chapters.input,
        claims="data/claims.yaml",
        code=code_of("iapt_ledger.build.merge"),
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

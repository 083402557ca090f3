# Typed tables -> one executed notebook a chapter, with its results, figures and tables.


rule chapter:
    input:
        read_whole=lambda wildcards: read_whole(wildcards.topic),
        tidy=if_stale("data/tidy"),
        valid=if_stale("data/derived/validation.json"),
        others=lambda wildcards: [
            f"report/generated/{topic}" for topic in read_by(wildcards.topic, NOTEBOOK_OF)
        ],
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
    params:
        notebook=lambda wildcards: notebook_of(wildcards.topic),
        made_from=lambda wildcards: made_from(wildcards.topic),
    message:
        "Working out the chapter '{wildcards.topic}'"
    shell:
        "python -m iapt_ledger.notebooks {params.notebook} {output}"
        " --made-from {params.made_from} > {log} 2>&1"


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
    params:
        edition=EDITION,
        accepted=is_accepted(paths.EDITIONS / EDITION),
    message:
        "Joining the chapters' results"
    shell:
        "python -m iapt_ledger.build.merge --results {output.results} --variables {output.variables}"
        " {input.chapters} > {log} 2>&1"

# Typed tables -> one executed notebook a chapter, with its results, figures and tables.


def read_whole(topic):
    """The files that a chapter depends on as they are; of the tables it reads some, see `made_from`."""
    notebook = Path(notebook_of(topic))
    described = ["sources", "dictionary", "corrections", *(["claims"] * read_claims(notebook))]
    return [
        notebook_of(topic),
        *(f"data/{name}.yaml" for name in described),
        "analysis/config.yaml",
        LOCK,
        *code_of("iapt_ledger.notebooks", "iapt_ledger.tidy", notebook),
    ]


def made_from(topic):
    """A hash of all that a chapter is made from: those files, and the tables of the edition that it reads."""
    edition, claims = paths.EDITIONS / EDITION, paths.DATA / "claims.yaml"
    return digest(Path(notebook_of(topic)), read_whole(topic), edition, claims)


def if_stale(file):
    """A file that makes a chapter anew where anything that the chapter is made from has changed, and only there.

    The tables are made together. A chapter that was made from just what is there now stays as it is when they are
    made again for the sake of another table. One chapter is about the edition as a whole: it always follows, so that
    the page does too.
    """

    def asked(wildcards):
        topic = wildcards.topic
        stale = not is_fresh(Path(f"report/generated/{topic}"), made_from(topic))
        whole = reads_every_table(Path(notebook_of(topic)))
        return file if stale or whole else ancient(file)

    return asked


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

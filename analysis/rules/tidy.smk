# The pinned edition -> typed tables. Shape only: no judgement is made here.


rule tidy:
    input:
        EDITION_FILES,
        "data/sources.yaml",
        LOCK,
        code_of("iapt_ledger.tidy"),
    output:
        directory("data/tidy"),
    log:
        f"{LOGS}/tidy.log",
    benchmark:
        f"{TIMES}/tidy.tsv"
    conda:
        "../../envs/build.yaml"
    params:
        edition=EDITION,
    message:
        "Reading the edition into typed tables, each file against its checksum"
    shell:
        "python -m iapt_ledger.tidy --edition {params.edition} --out {output} > {log} 2>&1"


rule validate:
    input:
        "data/tidy",
        "data/dictionary.yaml",
        "data/corrections.yaml",
        code_of("iapt_ledger.dictionary"),
    output:
        "data/derived/validation.json",
    log:
        f"{LOGS}/validate.log",
    benchmark:
        f"{TIMES}/validate.tsv"
    conda:
        "../../envs/build.yaml"
    message:
        "Checking every table, column and number against the data dictionary"
    shell:
        "python -m iapt_ledger.dictionary --tidy data/tidy --out {output} > {log} 2>&1"

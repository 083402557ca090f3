# From the publishers to a new edition, and what it changed. Only `refresh` uses the network.


rule refresh:
    log:
        f"{LOGS}/refresh.log",
    conda:
        "../../envs/build.yaml"
    message:
        "Fetching what the publishers have put out"
    shell:
        "python -m iapt_ledger.refresh --log {log}"


rule accept:
    log:
        f"{LOGS}/accept.log",
    conda:
        "../../envs/build.yaml"
    params:
        edition=EDITION,
    message:
        "Checking the edition of {params.edition} as a whole"
    shell:
        "python -m iapt_ledger.command accept {params.edition} 2>&1 | tee {log}"


# The results of the edition before are made by today's code in a copy of this checkout, which takes minutes the
# first time: what is compared then differs in nothing but the data.
rule changes:
    input:
        EDITION_FILES,
        results=RESULTS,
        ledger="report/generated/ledger",
        style=style_files(),
        code=code_of("iapt_ledger.command"),
    output:
        page="data/derived/changes.html",
        record="data/derived/changes.json",
    log:
        f"{LOGS}/changes.log",
    conda:
        "../../envs/build.yaml"
    params:
        edition=EDITION,
    message:
        "Comparing the edition of {params.edition} with the one before"
    shell:
        "python -m iapt_ledger.command changes {params.edition} 2>&1 | tee {log}"

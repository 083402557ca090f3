#!/usr/bin/env bash
# Snakemake runs this once it has made the conda environment, from the checkout's root: the same two folders
# as an editable install go on the path. UNPROVEN, like build.yaml.
set -eu
for library in "$CONDA_PREFIX"/lib/python3.*/site-packages; do
    printf '%s\n' "$PWD/analysis" "$PWD/report" >"$library/iapt_ledger.pth"
done

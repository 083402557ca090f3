"""The profile of one machine: settings that have bitten."""

from pathlib import Path

import yaml

PROFILE = Path(__file__).parents[3] / "envs" / "profiles" / "default" / "config.yaml"


def test_no_source_of_the_workflow_is_kept_from_one_run_to_the_next():
    # Snakemake reads a rule file that stands in this cache instead of the edited one.
    assert "runtime-source-cache-path" not in yaml.safe_load(PROFILE.read_text(encoding="utf8"))

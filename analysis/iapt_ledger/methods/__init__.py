"""Statistical methods: pure functions, each on a library of its field and checked against a published result.

Every public function is to be had from here, `from iapt_ledger.methods import funnel`, and is loaded when it
is first asked for: a chapter that draws a funnel need not wait for the libraries of panel models.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Public name -> the module that holds it. Modules have other names than functions, so that neither hides the other.
_HOME = {
    "Estimate": "base",
    "MethodError": "base",
    "Uncertain": "costs.cost_simulation_inputs",
    "between_unit_variance": "units.between_units",
    "combine_studies": "synthesis.pooling",
    "controlled_interrupted_time_series": "time_series.controlled",
    "cost_per_outcome": "costs.cost_simulation",
    "equivalence": "synthesis.margins",
    "funnel": "units.funnels",
    "inequality": "groups.inequalities",
    "interrupted_time_series": "time_series.segmented",
    "missing_outcome_bounds": "costs.missing_outcomes",
    "multiverse": "synthesis.multiverses",
    "panel_effect": "panels.panel",
    "proportion_interval": "intervals",
    "rate_interval": "intervals",
    "standardised_change": "scores.change",
    "synthetic_control": "panels.synthetic",
    "threshold_bunching": "thresholds.bunching",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__

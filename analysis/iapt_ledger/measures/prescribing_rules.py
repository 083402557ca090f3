"""What was decided before any regression of this chapter was run: margin, specification, what is a finding.

Kept as code so that the numbers follow what the report says. The revision history shows that this file is
older than the estimates.
"""

from __future__ import annotations

from typing import Final

# England, yearly. A description: no verdict on cause is drawn from it, whatever it shows.
ENGLAND_YEARS: Final = (1998, 2023)
SSRI_YEARS: Final = (1998, 2017)  # the years held by drug
START: Final = 2009  # the first whole year after the roll-out of October 2008
SCAN: Final = (2002, 2015)  # every year in which a break might lie instead
HAC_LAGS: Final = 2  # Newey and West's rule of thumb, 4 (n / 100) to the power 2/9, for 26 years
LINKS: Final = {"gaussian": "items more each year", "quasipoisson": "per cent a year"}

# Regions by month. The one estimate that the verdict rests on, named beforehand: log of antidepressant items
# less log of items of the control drugs, on courses finished in the twelve months before, region and month
# effects, no regional trends, January 2022 to December 2024 (the twelve months before need 2021).
FIRST: Final = "2022-01"
LAST: Final = "2024-12"
BEFORE: Final = 12
HEADLINE: Final = "difference"
LEVEL: Final = 0.95

# The margin of T06b: what could fall if every finisher who said they had stopped medicine spared a year's items.
# The ceiling, if every finisher who took medicine had stopped, is what could be attained at all: an estimate
# beyond it is not believable as an effect of the courses counted.
MARGIN: Final = "stopped"
CEILING: Final = "finished_taking"

# An effect is spoken of only if all four hold; else the design decides nothing, or shows its own fault.
ASKED_OF_AN_EFFECT: Final = (
    "the 95% interval leaves out nought",
    "of the 128 ways to flip the signs of the seven regions fewer than 5% are as extreme",
    "courses finished in the twelve months after do not predict as much",
    "the control drugs by themselves do not move as much",
)

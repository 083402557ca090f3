"""What was decided before any regression of this chapter was run: the margin and the specification.

Kept as code so that the numbers follow what the report says. The revision history shows that this file is
older than the estimates. What would count as an effect is said in the chapter, in words.
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

"""What every brief ends with, on its page and in its PDF: what its figures mean, and whose they are."""

from __future__ import annotations

MEANING = (
    "Recovery: at caseness at the start, on neither measure at the end. It says nothing of what would have happened"
    " without treatment. Intervals: Wilson for rates, Newcombe for changes; funnel and ranks as in the chapter"
    " {chapter} of the report."
)
CHAPTER = "Services"
LICENCE = "Contains public sector information licensed under the Open Government Licence v3.0."

"""The data dictionary: what every table, column and measure means, checked against the data, and known errors."""

from iapt_ledger.dictionary.corrections import apply_corrections, load_corrections
from iapt_ledger.dictionary.faults import Fault
from iapt_ledger.dictionary.load import load_dictionary
from iapt_ledger.dictionary.published import Published, published_tables
from iapt_ledger.dictionary.validate import read_tidy, validate

__all__ = [
    "Fault",
    "Published",
    "apply_corrections",
    "load_corrections",
    "load_dictionary",
    "published_tables",
    "read_tidy",
    "validate",
]

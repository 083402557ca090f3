"""Headers: every column of a file is known by name or the file is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from iapt_ledger.errors import Faults, LedgerError, closest

_NOT_A_LETTER = re.compile(r"[^a-z0-9<>=%]+")


def plain(name: str) -> str:
    """A name without capitals, blanks, underscores and signs, by which spellings of one name are the same.

    >>> plain("Count_FirstTreatment") == plain("CountFirstTreatment")
    True
    """
    return _NOT_A_LETTER.sub("", name.lower())


def matched(
    found: Sequence[str],
    known: Mapping[str, str],
    needed: Iterable[str],
    where: str,
    layout: str,
) -> dict[str, str]:
    """Our name for each column of a file that is taken, by the file's own name.

    Args:
        found: names as the file has them, blanks around them removed.
        known: the publisher's names, in any of their spellings, to ours; empty for a known column that is not taken.
        needed: our names that must be there.
        where: the file, for messages.
        layout: name of the nearest known layout, for messages.

    Raises:
        Faults: a name that is not known, one that comes twice, or one that is needed and not there; all at once.
    """
    ours = {plain(name): our for name, our in known.items()}
    named = {plain(name): name for name in known}
    faults: list[LedgerError] = []
    taken: dict[str, str] = {}
    for name in found:
        if plain(name) not in ours:
            near = [named[n] for n in closest(plain(name), named)]
            faults.append(LedgerError("an unknown column", found=repr(name), nearest=near))
        elif our := ours[plain(name)]:
            taken[name] = our
    for our, n in Counter(taken.values()).items():
        if n > 1:
            both = [name for name, o in taken.items() if o == our]
            faults.append(LedgerError("two columns for one thing", found=both))
    for our in needed:
        if our not in taken.values():
            names = [name for name, o in known.items() if o == our]
            faults.append(LedgerError("a column is not there", expected=" or ".join(names)))
    if faults:
        raise Faults(f"the header of {where} is not that of {layout}", faults)
    return taken

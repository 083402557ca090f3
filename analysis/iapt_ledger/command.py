"""The command `iapt-ledger`: read a publisher's file by hand, refresh, accept an edition, say what changed.

envs/run iapt-ledger parse FILE [--source NAME] [--out FILE]
envs/run iapt-ledger refresh [--date YYYY-MM-DD] [--only NAME ...]
envs/run iapt-ledger accept [YYYY-MM-DD]
envs/run iapt-ledger changes [NEW] [--against OLD]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text

REFRESHED = paths.DATA / "derived" / "refresh.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands; 0 when it did what was asked."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (LedgerError, OSError) as error:
        said = str(error)
        if not isinstance(error, LedgerError):
            said = f"A file cannot be read or written: {error}. No edition was changed."
        print(said, file=sys.stderr)
        if options.log is not None:
            write_text(options.log, f"{said}\n")
        return 1
    except KeyboardInterrupt:
        print(
            "Stopped. What was brought is kept; the same command goes on from there.",
            file=sys.stderr,
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="iapt-ledger", description=_FIRST)
    parser.set_defaults(log=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    parse = commands.add_parser("parse", help="read one publisher's file by hand")
    parse.add_argument("file", type=Path)
    parse.add_argument(
        "--source", default="", help="which source it is of; told by content if not given"
    )
    parse.add_argument("--out", type=Path, help="write the observations to this CSV file")
    parse.set_defaults(run=_parse)
    bring = commands.add_parser("refresh", help="fetch what publishers put out; make a new edition")
    bring.add_argument("--date", default="", help="name of the new edition; today if not given")
    bring.add_argument("--from", dest="base", default="latest", help="the edition to start from")
    bring.add_argument("--only", nargs="+", default=(), metavar="NAME", help="only these sources")
    bring.add_argument(
        "--log", type=Path, help="write the table at the end, or what failed, here too"
    )
    bring.set_defaults(run=_refresh)
    accept = commands.add_parser("accept", help="check a new edition as a whole and take it")
    accept.add_argument("edition", nargs="?", default="latest")
    accept.set_defaults(run=_accept)
    changes = commands.add_parser("changes", help="what an edition changed, down to the verdicts")
    changes.add_argument("edition", nargs="?", default="", help="the one in use if not given")
    changes.add_argument("--against", default="", help="the edition before it if not given")
    changes.add_argument("--data-only", action="store_true", help="leave results and verdicts out")
    changes.set_defaults(run=_changes)
    return parser


_FIRST = (__doc__ or "").splitlines()[0]


def _parse(options: argparse.Namespace) -> int:
    from iapt_ledger.refresh.by_hand import read_by_hand

    return read_by_hand(options.file, options.source, options.out)


def _refresh(options: argparse.Namespace) -> int:
    from iapt_ledger.edition.store import find_edition
    from iapt_ledger.refresh.alone import alone
    from iapt_ledger.refresh.records import printed
    from iapt_ledger.refresh.report import closing, document, table_of
    from iapt_ledger.refresh.run import refresh
    from iapt_ledger.refresh.soundness import faults_of_edition
    from iapt_ledger.refresh.transport import transport
    from iapt_ledger.sources import feed_named, feeds

    chosen = [feed_named(name) for name in dict.fromkeys(options.only)] or list(feeds().values())
    with alone(), transport() as (get, file_checks):
        base = find_edition(options.base)
        before = printed(base.name, paths.GENERATED)
        done = refresh(chosen, get, base, day=options.date, file_checks=file_checks, before=before)
    faults = faults_of_edition(done.edition) if done.edition else []
    write_text(REFRESHED, json.dumps(document(done), indent=1, ensure_ascii=False) + "\n")
    told = f"{table_of(done.outcomes)}\n\n{closing(done, faults)}\n"
    if options.log is not None:
        write_text(options.log, told)
    print(f"\n{told}", end="")
    return done.status


def _accept(options: argparse.Namespace) -> int:
    from iapt_ledger.edition.store import find_edition
    from iapt_ledger.refresh.edition import accept

    print("\n".join(accept(find_edition(options.edition))))
    return 0


def _changes(options: argparse.Namespace) -> int:
    from iapt_ledger.refresh.changes import tell

    print(tell(options.edition, options.against, data_only=options.data_only))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What a build prints: one line a step and, when steps fail, each cause in a sentence as the last words.

Snakemake finds this package by its name; `logger: ledger` in envs/profiles/default chooses it. A dry run,
--verbose and --debug-dag print what Snakemake itself prints, as do the log files in .snakemake/log.
"""

from __future__ import annotations

import re
import sys
from logging import LogRecord
from typing import Any

from snakemake.logging import DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from iapt_ledger.build.failures import Failure, failure_text

# What Snakemake says of its own workings. Anything that is not on this list is printed.
OWN_WORKINGS = re.compile(
    r"Assuming unrestricted shared|Building DAG of jobs|Using shell:|Provided cores|Rules claiming more"
    r"|Conda environments: ignored|Select jobs to execute|Execute \d+ jobs|Complete log\(s\)|Elapsed time:"
    r"|Removing output files of failed job|Exiting because a job execution failed|Shutting down, this might"
)
# Errors that repeat what a failed step's log says better, and our own refusals, told in sentences.
SAID_BETTER = re.compile(
    r"(.*\n)*CalledProcessError in file |WorkflowError:\nAt least one job did not complete"
)
OUR_REFUSAL = re.compile(r'WorkflowError in file ".*common\.smk", line \d+:\n')
STACK = re.compile(r'\n  File ".*", line \d+.*$', re.MULTILINE)


class LogHandler(LogHandlerBase):
    """Tells the steps of a build to people. Called from one thread, Snakemake's queue of log records."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        chosen: Any = self.common_settings
        self._filter = DefaultFilter(
            chosen.quiet, chosen.debug_dag, chosen.verbose, chosen.dryrun, chosen.printshellcmds
        )
        self._format = DefaultFormatter(chosen.quiet, chosen.show_failed_logs)
        self._as_snakemake = chosen.dryrun or chosen.verbose or chosen.debug_dag
        self._stream = sys.stdout if chosen.stdout else sys.stderr
        self._total = self._begun = 0
        self._steps: dict[int, str] = {}
        self._failures: list[Failure] = []
        self._stopped = False

    def emit(self, record: LogRecord) -> None:
        """Print what a reader wants to know of one record."""
        try:
            self._tell(record, getattr(record, "event", None))
        except BrokenPipeError:
            raise
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """End with the causes, when steps failed and nobody stopped the build."""
        if self._failures and not self._stopped:
            self._say("\n" + failure_text(self._failures))
        self._failures = []
        super().close()

    def _tell(self, record: LogRecord, event: LogEvent | None) -> None:
        if self._as_snakemake:
            if self._filter.filter(record):
                self._say(self._format.format(record))
        elif event == LogEvent.RUN_INFO:
            self._total = record.__dict__["stats"]["total"]
        elif event == LogEvent.JOB_INFO:
            self._begin(record)
        elif event == LogEvent.JOB_ERROR:
            self._fail(record)
        elif self._filter.filter(record):
            self._say(self._plain(record, event))

    def _begin(self, record: LogRecord) -> None:
        job = record.__dict__
        self._begun += 1
        step = job["rule_msg"] or f"Running the rule {job['rule_name']}"
        self._steps[job["jobid"]] = step
        if self._filter.filter(record):
            width = len(str(self._total))
            self._say(f"[{self._begun:{width}}/{self._total}] {step}")

    def _fail(self, record: LogRecord) -> None:
        job = record.__dict__
        step = self._steps.get(job["jobid"], f"Running the rule {job['rule_name']}")
        self._failures.append(Failure(step, job["rule_name"], tuple(job["log"])))
        if not self._stopped:
            self._say(f"Failed: {step}")

    def _plain(self, record: LogRecord, event: LogEvent | None) -> str:
        text = self._format.format(record) or ""
        if text.startswith(("Terminating processes on user request", "Will exit after finishing")):
            self._stopped = True
            return ""
        if event == LogEvent.ERROR and OUR_REFUSAL.match(text):
            return STACK.sub("", OUR_REFUSAL.sub("", text))
        shown = OWN_WORKINGS.match(text) is None and SAID_BETTER.match(text) is None
        return text if shown else ""

    def _say(self, text: str) -> None:
        if text and text != "None":
            print(text, file=self._stream, flush=True)

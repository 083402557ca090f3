"""Run a notebook's cells in this process: an engine for papermill that starts no kernel.

A kernel is a second process for each chapter, which costs more than most chapters' own work. Here cells run in the
shell of IPython that a kernel runs them in too, so what they show is the same.
"""

from __future__ import annotations

import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any, TextIO

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets import Type
from traitlets.config import Config

NAME = "in-process"


class _Results(DisplayHook):
    """Keeps the value of a cell's last line."""

    shell: Shell

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        number = self.prompt_count
        self.shell.shown.append(
            new_output(
                "execute_result", data=format_dict, metadata=md_dict or {}, execution_count=number
            )
        )

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Displayed(DisplayPublisher):
    """Keeps what a cell hands to `display`."""

    shell: Shell

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_options: Any) -> None:
        self.shell.shown.append(new_output("display_data", data=data, metadata=metadata or {}))


class Shell(InteractiveShell):
    """A shell that keeps what cells show, in `shown`, instead of printing it."""

    displayhook_class = Type(_Results)
    display_pub_class = Type(_Displayed)
    shown: list[NotebookNode]

    def run(self, source: str) -> list[NotebookNode]:
        """The outputs of a cell: what it printed, what it showed, and the error that ended it."""
        self.shown = []
        printed = {"stdout": StringIO(), "stderr": StringIO()}
        with redirect_stdout(printed["stdout"]), redirect_stderr(printed["stderr"]):
            self.run_cell(source, store_history=True)
        texts = {name: stream.getvalue() for name, stream in printed.items()}
        streams = [
            new_output("stream", name=name, text=text) for name, text in texts.items() if text
        ]
        return [*streams, *self.shown]

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.shown.append(
            new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)
        )


class InProcess(Engine):
    """Runs code cells one after another, up to the first that fails."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> None:
        """Fill the cells' outputs; papermill raises the error that it finds among them."""
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
            try:
                _run_all(shell, nb_man.nb.cells)
            finally:
                shell.restore_sys_module_state()
                Shell.clear_instance()


def _run_all(shell: Shell, cells: list[NotebookNode]) -> None:
    for cell in cells:
        if cell.cell_type == "code" and cell.source.strip():
            cell.execution_count = shell.execution_count
            cell.outputs = shell.run(cell.source)
            if any(output.output_type == "error" for output in cell.outputs):
                return


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning where the cell prints, also in a process that does otherwise with its own."""
    sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))


papermill_engines.register(NAME, InProcess)

"""Which of the project's own modules a program uses, so that a step runs again when one of them changed.

Read from the import statements, also those inside functions; nothing is imported and nothing is run.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from iapt_ledger import paths

LOOKED_FOR = (ast.Import, ast.ImportFrom, ast.Constant)
PACKAGES = {"iapt_ledger": paths.ANALYSIS, "render": paths.REPORT}


@cache
def files_used(program: str | Path) -> tuple[str, ...]:
    """Source files behind a module ("iapt_ledger.tidy") or a notebook (its path), relative to the root.

    The module's own file is one of them, and `__main__.py` where the module is a package that is run.
    """
    if isinstance(program, Path):
        waiting = {name for cell in cells_of(program) for name in _imported(cell, "", False)}
    else:
        waiting = {program, f"{program}.__main__"}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= _behind(name) - seen
    files = (file for name in seen if (file := _file(name)))
    return tuple(sorted(str(file.relative_to(paths.ROOT)) for file in files))


@cache
def _behind(name: str) -> frozenset[str]:
    """What one module imports, and the packages that it lies in."""
    file = _file(name)
    if file is None:
        return frozenset()
    parents = {name.rsplit(".", level)[0] for level in range(1, name.count(".") + 1)}
    code = file.read_text(encoding="utf8")
    return frozenset(parents | set(_imported(code, name, file.stem == "__init__")))


def _imported(code: str, name: str, is_package: bool) -> Iterator[str]:
    """Names in the project's packages that this code may import; some are not modules, which does no harm.

    Code that is not Python imports nothing: the step that runs it says so.
    """
    for node in nodes_of(code):
        if isinstance(node, ast.Import):
            found: Iterable[str] = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".")
            up = node.level - is_package
            base = parts[: len(parts) - up] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (one for one in found if one.split(".")[0] in PACKAGES)


@cache
def nodes_of(code: str) -> tuple[ast.AST, ...]:
    """The import statements and the constants in code, each code looked through once; none where it is no Python.

    Every run of Snakemake reads the whole project so: `ast.walk` would take three times as long.
    """
    try:
        waiting: list[ast.AST] = [ast.parse(code)]
    except SyntaxError:
        return ()
    found = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, LOOKED_FOR):
            found.append(node)
            continue
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST):
                waiting.append(value)
    return tuple(found)


@cache
def _file(name: str) -> Path | None:
    parts = name.split(".")
    place = PACKAGES[parts[0]].joinpath(*parts)
    choices = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    return next((file for file in choices if file.is_file()), None)


def cells_of(notebook: Path) -> Iterator[str]:
    """The code of each cell; none where the file is not a notebook, which the step that runs it says."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf8"))["cells"]
    except (ValueError, KeyError):
        return
    for cell in cells:
        if cell["cell_type"] == "code":
            lines = "".join(cell["source"]).split("\n")
            # A line of IPython (%matplotlib, !ls) is no Python.
            yield "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)

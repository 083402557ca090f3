"""Where a thing stands in a YAML file: the line of a key, found from its path."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def line_of(text: str, path: Iterable[object]) -> int:
    """Line, counted from 1, of what a path leads to: keys, places in a list, or an item of a list itself.

    A path that leads further than the file goes gives the line of the last part that is there.

    >>> line_of("a:\\n  b: [c, d]\\n", ["a", "b"])
    2
    """
    node, line = yaml.compose(text, Loader=_Loader), 1
    for step in path:
        found = _step(node, step)
        if found is None:
            break
        mark, node = found
        line = mark.line + 1
    return line


def _step(node: yaml.Node | None, step: object) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark, value
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            if step in (number, item.value):
                return item.start_mark, item
    return None

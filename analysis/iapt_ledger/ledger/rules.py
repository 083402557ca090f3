"""Decision rules: small readable expressions over result ids, fixed before the results are known.

    low(benefits.share.x) > 50 and delivered.count.y < claims.h01.patients

A name is the value of that result; `low(name)` and `high(name)` are the ends of its interval. Numbers,
`< <= > >=`, `and`, `or`, `not`, `+ - * /`, `min`, `max` and `abs` are allowed, and nothing else: no other word can
be called, so that a rule can be read by anyone and can do no harm.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from iapt_ledger.errors import LedgerError
from iapt_ledger.results import Result

ENDS = ("low", "high")
FUNCTIONS: dict[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}
ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
ALLOWED = "result ids, low(id), high(id), numbers, < <= > >=, and, or, not, + - * /, min, max, abs"
CHARACTERS = re.compile(r"[A-Za-z0-9_.,()<>=+\-*/\s]*")
LONGEST = 2000  # characters of a rule
DEEPEST = 40  # levels of brackets, operators and names; a readable rule needs a dozen
TRUTH, NUMBER = "a comparison", "a number"


def holds(
    rule: str, results: Mapping[str, Result], *, reading: Mapping[str, str] | None = None
) -> bool:
    """Whether a rule is true of these results. Every part is worked out, so that no fault hides behind another.

    Args:
        rule: an expression as described above.
        results: by id.
        reading: result ids to take in place of others, for another defensible reading of the same claim.

    Raises:
        LedgerError: the rule is not of the language, names a result that does not exist, asks for the interval of
            a result that has none, or comes to no finite number.
    """
    return bool(_value(_parsed(rule), rule, results, reading or {}))


def ids(rule: str) -> tuple[str, ...]:
    """The result ids that a rule names, sorted, each once.

    Raises:
        LedgerError: the rule is not of the language.
    """
    return tuple(sorted(set(_ids(_parsed(rule)))))


def alternatives(rule: str) -> tuple[str, ...]:
    """The parts that `or` joins at the top of a rule, each a rule that gives the same verdict by itself."""
    top = _parsed(rule)
    if isinstance(top, ast.BoolOp) and isinstance(top.op, ast.Or):
        return tuple(ast.unparse(part) for part in top.values)
    return (ast.unparse(top),)


@cache
def _parsed(rule: str) -> ast.expr:
    """The rule as a tree of which every node is of the language and of the right kind."""
    if len(rule) > LONGEST:
        raise _refused(rule, f"{LONGEST} characters at most", f"{len(rule)} characters")
    if stranger := CHARACTERS.sub("", rule):
        raise _refused(rule, ALLOWED, f"the character {stranger[0]!r}")
    try:
        tree = ast.parse(" ".join(rule.split()), mode="eval").body
    except SyntaxError as error:
        raise _refused(rule, ALLOWED, f"{error.msg} at character {error.offset}") from None
    except (RecursionError, MemoryError, ValueError):
        raise _refused(rule, f"{DEEPEST} levels at most", "more than can be read") from None
    if _depth(tree) > DEEPEST:
        raise _refused(rule, f"{DEEPEST} levels at most", f"{_depth(tree)} levels")
    _need(TRUTH, tree, rule)
    return tree


def _depth(tree: ast.AST) -> int:
    """Levels of a tree, counted without recursion."""
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _need(kind: str, node: ast.expr, rule: str) -> None:
    if (found := _kind(node, rule)) != kind:
        raise _refused(rule, kind, f"{found}, {ast.unparse(node)}")


def _kind(node: ast.expr, rule: str) -> str:
    """Whether a node is a comparison or a number; its parts are checked on the way."""
    match node:
        case ast.BoolOp(values=parts):
            kind, of, inner = TRUTH, TRUTH, parts
        case ast.UnaryOp(op=ast.Not(), operand=part):
            kind, of, inner = TRUTH, TRUTH, [part]
        case ast.Compare(left=left, comparators=others, ops=ops):
            _only_ordered(ops, node, rule)
            kind, of, inner = TRUTH, NUMBER, [left, *others]
        case ast.UnaryOp(op=ast.USub(), operand=part):
            kind, of, inner = NUMBER, NUMBER, [part]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            kind, of, inner = NUMBER, NUMBER, [left, right]
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if _known(name, parts):
            kind, of, inner = NUMBER, NUMBER, parts
        case ast.Constant(value=int() | float() as value) if _finite(value):
            return NUMBER
        case ast.Attribute():
            _dotted(node, rule)
            return NUMBER
        case _:
            raise _refused(rule, ALLOWED, ast.unparse(node))
    for part in inner:
        _need(of, part, rule)
    return kind


def _known(name: str, parts: list[ast.expr]) -> bool:
    """Whether a word may be called with these: an end of one result, or a function of numbers."""
    if name in ENDS:
        return len(parts) == 1 and isinstance(parts[0], ast.Attribute)
    least = {"min": 2, "max": 2, "abs": 1}.get(name)
    return least is not None and len(parts) >= least and (name != "abs" or len(parts) == 1)


def _finite(value: float) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer beyond every float
        return False


def _only_ordered(ops: list[ast.cmpop], node: ast.expr, rule: str) -> None:
    if any(type(op) not in COMPARISONS for op in ops):
        raise _refused(rule, "< <= > >= (numbers are measured, not equal)", ast.unparse(node))


def _ids(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute):
        yield ast.unparse(node)
        return
    for child in ast.iter_child_nodes(node):
        yield from _ids(child)


def _value(
    node: ast.expr, rule: str, results: Mapping[str, Result], reading: Mapping[str, str]
) -> float:
    """What a checked node comes to; comparisons are 1 and 0."""

    def inner(part: ast.expr) -> float:
        return _value(part, rule, results, reading)

    match node:
        case ast.BoolOp(op=op, values=parts):
            every = [bool(inner(part)) for part in parts]
            return all(every) if isinstance(op, ast.And) else any(every)
        case ast.UnaryOp(op=op, operand=part):
            return not inner(part) if isinstance(op, ast.Not) else -inner(part)
        case ast.Compare(left=left, comparators=others, ops=ops):
            sides = [inner(side) for side in (left, *others)]
            pairs = zip(ops, sides, sides[1:], strict=False)
            return all(COMPARISONS[type(op)](a, b) for op, a, b in pairs)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, inner(left), inner(right), rule)
        case ast.Call(func=ast.Name(id=name), args=parts) if name in ENDS:
            return _end(name, _result(parts[0], rule, results, reading), rule)
        case ast.Call(func=ast.Name(id=name), args=parts):
            return FUNCTIONS[name](*map(inner, parts))
        case ast.Constant(value=int() | float() as value):
            return float(value)
    return _result(node, rule, results, reading).value


def _arithmetic(op: ast.operator, left: float, right: float, rule: str) -> float:
    try:
        found = ARITHMETIC[type(op)](left, right)
    except ZeroDivisionError:
        raise _refused(rule, "a divisor other than nought", "nought") from None
    if not math.isfinite(found):
        raise _refused(rule, "a finite number", f"{left:g} {type(op).__name__.lower()} {right:g}")
    return found


def _result(
    node: ast.expr, rule: str, results: Mapping[str, Result], reading: Mapping[str, str]
) -> Result:
    name = ast.unparse(node)
    name = reading.get(name, name)
    try:
        return results[name]
    except KeyError:
        raise LedgerError(
            "A rule names a result that no chapter made", where=f"rule '{rule}'", found=name
        ) from None


def _end(end: str, result: Result, rule: str) -> float:
    limit = result.low if end == "low" else result.high
    if limit is None:
        raise _refused(rule, f"an interval of {result.id}", "a result without one")
    return limit


def _dotted(node: ast.expr, rule: str) -> None:
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name):
        raise _refused(rule, ALLOWED, ast.unparse(node))


def _refused(rule: str, expected: str, found: str) -> LedgerError:
    shown = " ".join(rule.split())
    return LedgerError(
        "A decision rule cannot be read",
        where=f"rule '{shown if len(shown) <= 200 else shown[:200] + '…'}'",
        expected=expected,
        found=found,
        fix="edit the rule in data/claims.yaml",
    )

"""Arithmetic over named columns, for identities and guards: names, numbers, + - * /, comparisons, and, or, not.

Functions are abs, min and max. Nothing else can be written, so an expression in a data file can do no harm.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from iapt_ledger.errors import LedgerError

_BINARY: Mapping[type[ast.operator], Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: Mapping[type[ast.cmpop], Callable] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_CALLS: Mapping[str, Callable] = {
    "abs": np.abs,
    "min": lambda *values: reduce(np.minimum, values),
    "max": lambda *values: reduce(np.maximum, values),
}


@dataclass(frozen=True)
class Relation:
    """An identity split at its sign: what stands left, what stands right, and whether it is <= or ==."""

    left: str
    sign: str
    right: str


@lru_cache(maxsize=1024)
def parse(text: str) -> ast.expr:
    """The expression as a tree.

    Raises:
        LedgerError: it is not an expression of the small language.
    """
    try:
        tree = ast.parse(text, mode="eval").body
        names(tree)
    except (SyntaxError, ValueError) as error:
        raise LedgerError(
            "an expression cannot be read",
            found=repr(text),
            expected="names, numbers, + - * /, comparisons, and, or, not, abs, min, max",
        ) from error
    return tree


def names(tree: ast.expr) -> frozenset[str]:
    """Names that an expression needs; functions are not among them.

    Raises:
        ValueError: something in it is not of the small language.
    """
    match tree:
        case ast.Name(id=name):
            return frozenset([name])
        case ast.Constant(value=bool() | int() | float()):
            return frozenset()
        case ast.BinOp(left=a, op=op, right=b) if type(op) in _BINARY:
            return names(a) | names(b)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=a):
            return names(a)
        case ast.BoolOp(values=parts):
            return frozenset().union(*map(names, parts))
        case ast.Compare(left=a, ops=ops, comparators=others) if all(
            type(o) in _COMPARE for o in ops
        ):
            return names(a).union(*map(names, others))
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if name in _CALLS and parts:
            return frozenset().union(*map(names, parts))
    raise ValueError(ast.unparse(tree))


def names_of(text: str) -> frozenset[str]:
    """Names that an expression written as text needs."""
    return names(parse(text))


def evaluate(text: str, values: Mapping[str, object]) -> np.ndarray:
    """The value of an expression; arrays are worked through element by element.

    Raises:
        LedgerError: a name has no value.
    """
    lacking = sorted(names_of(text) - set(values))
    if lacking:
        raise LedgerError(
            "an expression names what is not there",
            where=repr(text),
            found=", ".join(lacking),
            choices=sorted(values),
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(_value(parse(text), values))


def relation(text: str) -> Relation:
    """The two sides of an identity.

    Raises:
        LedgerError: it is not one comparison with <= or ==.
    """
    tree = parse(text)
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
        sign = {ast.LtE: "<=", ast.Eq: "=="}.get(type(tree.ops[0]), "")
        if sign:
            return Relation(ast.unparse(tree.left), sign, ast.unparse(tree.comparators[0]))
    raise LedgerError(
        "an identity is not one comparison", found=repr(text), expected="a <= b or a == b"
    )


def _value(tree: ast.expr, values: Mapping[str, object]) -> Any:
    match tree:
        case ast.Name(id=name):
            return np.asarray(values[name], dtype=float)
        case ast.Constant(value=bool() | int() | float() as value):
            return np.float64(value)
        case ast.BinOp(left=a, op=op, right=b):
            return _BINARY[type(op)](_value(a, values), _value(b, values))
        case ast.UnaryOp(op=op, operand=a):
            inner = _value(a, values)
            return np.logical_not(inner) if isinstance(op, ast.Not) else np.negative(inner)
        case ast.BoolOp(op=op, values=parts):
            join: Callable = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return reduce(join, [_value(part, values) for part in parts])
        case ast.Compare(left=a, ops=ops, comparators=others):
            sides = [_value(side, values) for side in (a, *others)]
            pairs = zip(ops, sides, sides[1:], strict=False)
            return reduce(np.logical_and, [_COMPARE[type(op)](x, y) for op, x, y in pairs])
        case ast.Call(func=ast.Name(id=name), args=parts):
            return _CALLS[name](*[_value(part, values) for part in parts])
    raise AssertionError(ast.unparse(tree))

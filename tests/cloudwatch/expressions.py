"""Metric math, as far as the golden path's alarms use it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
Read in November 2026; its examples are tests. A series maps a period to its value; a period that is
not in it has no data.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Series = dict[int, float]
Value = Series | float

_WORDS = {"AND": "and", "&&": "and", "OR": "or", "||": "or"}
_ARITHMETIC: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type, Callable[[float, float], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def value_of(expression: str, metrics: Mapping[str, Series]) -> Value:
    """Compute an expression over metrics by their ids."""
    return _Math(metrics).visit(_parsed(expression))


@cache
def _parsed(expression: str) -> ast.expr:
    spelt = re.sub(r"\bAND\b|\bOR\b|&&|\|\|", lambda word: _WORDS[word[0]], expression)
    return ast.parse(spelt, mode="eval").body


class _Math(ast.NodeVisitor):
    def __init__(self, metrics: Mapping[str, Series]) -> None:
        self.metrics = metrics

    def generic_visit(self, node: ast.AST) -> Any:
        raise NotImplementedError(ast.unparse(node))

    def visit_Constant(self, node: ast.Constant) -> Value:
        return float(node.value)

    def visit_Name(self, node: ast.Name) -> Value:
        return self.metrics[node.id]

    def visit_BinOp(self, node: ast.BinOp) -> Value:
        compute = _ARITHMETIC[type(node.op)]
        return _each(compute, self.visit(node.left), self.visit(node.right))

    def visit_Compare(self, node: ast.Compare) -> Value:
        compare = _COMPARISONS[type(node.ops[0])]
        return _each(compare, self.visit(node.left), self.visit(node.comparators[0]))

    def visit_BoolOp(self, node: ast.BoolOp) -> Value:
        first, *others = (self.visit(value) for value in node.values)
        both = isinstance(node.op, ast.And)
        for other in others:
            first = _each(lambda a, b: bool(a and b) if both else bool(a or b), first, other)
        return first

    def visit_Call(self, node: ast.Call) -> Value:
        arguments = [self.visit(argument) for argument in node.args]
        return {"IF": _if, "FILL": _fill}[ast.unparse(node.func)](*arguments)


def _each(compute: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Period by period: what one series lacks counts as 0, and what is divided by 0 is dropped."""
    if not isinstance(left, dict) and not isinstance(right, dict):
        return float(compute(left, right))
    periods = {period for side in (left, right) if isinstance(side, dict) for period in side}
    found: Series = {}
    for period in sorted(periods):
        one, other = (
            side.get(period, 0) if isinstance(side, dict) else side for side in (left, right)
        )
        try:
            found[period] = float(compute(one, other))
        except ZeroDivisionError:
            continue
    return found


def _if(condition: Value, true: Value, false: Value | None = None) -> Value:
    """What is true and has no value is 0; what is false and has none is dropped."""
    if not isinstance(condition, dict):
        return true if condition else (false if false is not None else {})
    found: Series = {}
    for period, holds in condition.items():
        if holds:
            found[period] = true.get(period, 0.0) if isinstance(true, dict) else true
        elif isinstance(false, dict):
            found |= {period: false[period]} if period in false else {}
        elif false is not None:
            found[period] = false
    return found


def _fill(series: Series, filler: float) -> Series:
    """Every period from the first to the last that the series has."""
    periods = range(min(series), max(series) + 1) if series else ()
    return {period: series.get(period, filler) for period in periods}

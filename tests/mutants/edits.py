"""Edits of a module, generated from its syntax tree: what a slip of the hand writes, or a hand that means harm.

Conditions negated, comparisons shifted, returns dropped, entries of lists, tables and conditions dropped. What is no
decision (annotations, imports, docstrings, ``__all__``, a guard for the type checker) is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

_SHIFTED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


class Runs(StrEnum):
    """When the edited statement runs: a function is called, or the module imported (a table, or anything else)."""

    CALLED = "called"
    TABLE = "table"
    IMPORTED = "imported"


@dataclass(frozen=True)
class Edit:
    """One edit of one module. ``name`` says where and what, without line numbers, and stays as the code moves.

    ``lines`` are those of the statement it stands in (of a compound one the head), first and last.
    """

    module: str
    name: str
    line: int
    source: str
    lines: tuple[int, int]
    runs: Runs

    @property
    def file(self) -> str:
        """The module's file below the project's root."""
        return f"{self.module.replace('.', '/')}.py"


@dataclass(frozen=True)
class _Where:
    """The function (or class, or ``module``) and the statement that is walked through."""

    function: str = "module"
    lines: tuple[int, int] = (0, 0)
    runs: Runs = Runs.IMPORTED

    def inside(self, statement: ast.FunctionDef | ast.ClassDef) -> _Where:
        name = statement.name if self.function == "module" else f"{self.function}.{statement.name}"
        return replace(self, function=name, runs=Runs.CALLED if isinstance(statement, ast.FunctionDef) else self.runs)

    def at(self, statement: ast.stmt) -> _Where:
        below = [child.lineno for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)]
        last = min(below) - 1 if below else statement.end_lineno or statement.lineno
        table = self.function == "module" and isinstance(statement, ast.Assign | ast.AnnAssign)
        runs = Runs.TABLE if table else self.runs
        return replace(self, lines=(statement.lineno, max(last, statement.lineno)), runs=runs)


@dataclass(frozen=True)
class _Place:
    """An edit before it is written: ``change`` alters the tree, ``undo`` puts it back."""

    where: _Where
    line: int
    what: str
    change: Callable[[], None]
    undo: Callable[[], None]


def edits_of(path: Path, module: str) -> list[Edit]:
    """Every edit of the module at ``path``, in the order of its lines; equal names are numbered."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: list[Edit] = []
    seen: dict[str, int] = {}
    for place in _places(tree):
        where = place.where
        name = f"{where.function}: {place.what}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name} ({seen[name]})"
        place.change()
        source = ast.unparse(ast.fix_missing_locations(tree))
        found.append(Edit(module, name, place.line, source, where.lines, where.runs))
        place.undo()
    return found


def _places(tree: ast.Module) -> Iterator[_Place]:
    yield from _within(tree.body, _Where())


def _within(body: list[ast.stmt], where: _Where) -> Iterator[_Place]:
    for statement in body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                continue
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.FunctionDef() | ast.ClassDef():
                yield from _within(statement.body, where.inside(statement))
            case _:
                yield from _of_statement(statement, where.at(statement))


def _of_statement(statement: ast.stmt, where: _Where) -> Iterator[_Place]:
    if isinstance(statement, ast.Return) and statement.value is not None:
        yield from _dropped_return(statement, where)
    annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else None
    for child in ast.iter_child_nodes(statement):
        if child is annotation:
            continue
        if isinstance(child, ast.stmt):
            yield from _within([child], where)
        else:
            yield from _of_expression(child, where)
    if isinstance(statement, ast.If | ast.While):
        yield _negated(statement, "test", where)


def _of_expression(node: ast.AST, where: _Where) -> Iterator[_Place]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _SHIFTED:
            yield from _compared(node, where)
        case ast.BoolOp():
            yield from _without(node, "values", where, "operand")
        case ast.List() | ast.Set():
            yield from _without(node, "elts", where, "entry")
        case ast.Tuple(ctx=ast.Load()):
            yield from _without(node, "elts", where, "entry")
        case ast.Dict():
            yield from _without_key(node, where)
        case ast.IfExp():
            yield _negated(node, "test", where)
        case ast.comprehension():
            for index in range(len(node.ifs)):
                yield _negated_filter(node, index, where)
        case ast.match_case(guard=ast.expr()):
            yield _negated(node, "guard", where)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from _within([child], where)
        else:
            yield from _of_expression(child, where)


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _replaced(holder: ast.AST, field: str, value: object, where: _Where, line: int, what: str) -> _Place:
    before = getattr(holder, field)
    return _Place(where, line, what, lambda: setattr(holder, field, value), lambda: setattr(holder, field, before))


def _negated(node: ast.AST, field: str, where: _Where) -> _Place:
    test = getattr(node, field)
    inverse = test.operand if _is_not(test) else ast.UnaryOp(ast.Not(), test)
    return _replaced(node, field, inverse, where, test.lineno, f"not ({_short(test)})")


def _is_not(test: ast.expr) -> bool:
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _negated_filter(node: ast.comprehension, index: int, where: _Where) -> _Place:
    test = node.ifs[index]
    changed = [*node.ifs[:index], ast.UnaryOp(ast.Not(), test), *node.ifs[index + 1 :]]
    return _replaced(node, "ifs", changed, where, test.lineno, f"not ({_short(test)}) in a filter")


def _compared(node: ast.Compare, where: _Where) -> Iterator[_Place]:
    yield _shifted(node, where)
    if isinstance(node.ops[0], ast.In | ast.NotIn) and isinstance(node.comparators[0], ast.Tuple):
        yield from _without(node.comparators[0], "elts", where, "entry", pairs_too=True)


def _shifted(node: ast.Compare, where: _Where) -> _Place:
    operator = _SHIFTED[type(node.ops[0])]()
    what = f"{_short(node)} with {type(operator).__name__}"
    return _replaced(node, "ops", [operator], where, node.lineno, what)


def _without(node: ast.AST, field: str, where: _Where, kind: str, *, pairs_too: bool = False) -> Iterator[_Place]:
    entries = getattr(node, field)
    if isinstance(node, ast.Tuple) and (len(entries) < 3) is not pairs_too:
        return  # a pair is a value, not a list, but where something is looked for in it; longer ones come anyway
    for index, entry in enumerate(entries):
        rest = [*entries[:index], *entries[index + 1 :]]
        if rest:
            line = getattr(entry, "lineno", 0)
            yield _replaced(node, field, rest, where, line, f"without the {kind} {_short(entry)}")


def _without_key(node: ast.Dict, where: _Where) -> Iterator[_Place]:
    keys, values = node.keys, node.values

    def drop(index: int) -> None:
        node.keys = [*keys[:index], *keys[index + 1 :]]
        node.values = [*values[:index], *values[index + 1 :]]

    def restore() -> None:
        node.keys, node.values = keys, values

    for index, key in enumerate(keys):
        if key is not None and len(keys) > 1:
            yield _Place(where, key.lineno, f"without the key {_short(key)}", lambda i=index: drop(i), restore)  # type: ignore[misc]


def _dropped_return(statement: ast.Return, where: _Where) -> Iterator[_Place]:
    assert statement.value is not None
    value = statement.value
    if isinstance(value, ast.Constant) and value.value is None:
        return
    if isinstance(value, ast.Constant) and value.value is False:  # None in its place would be as false
        yield _replaced(statement, "value", ast.Constant(True), where, statement.lineno, "return False turned")
        return
    what = f"return {_short(value)} dropped"
    yield _replaced(statement, "value", ast.Constant(None), where, statement.lineno, what)

"""Edits of a module, generated from its syntax tree: what a slip of the hand writes, or a hand that means harm.

Conditions negated, comparisons shifted, returns dropped, entries of lists, tables and conditions dropped. What is no
decision (annotations, imports, docstrings, ``__all__``, a guard for the type checker) is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Edit:
    """One edit of one module. ``name`` says where and what, without line numbers, and stays as the code moves."""

    module: str
    name: str
    line: int
    source: str


@dataclass(frozen=True)
class _Place:
    """An edit before it is written: ``change`` alters the tree, ``undo`` puts it back."""

    function: str
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
        name = f"{place.function}: {place.what}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name} ({seen[name]})"
        place.change()
        found.append(Edit(module, name, place.line, ast.unparse(ast.fix_missing_locations(tree))))
        place.undo()
    return found


def _places(tree: ast.Module) -> Iterator[_Place]:
    yield from _within(tree.body, "module")


def _within(body: list[ast.stmt], function: str) -> Iterator[_Place]:
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
                inner = statement.name if function == "module" else f"{function}.{statement.name}"
                yield from _within(statement.body, inner)
            case _:
                yield from _of_statement(statement, function)


def _of_statement(statement: ast.stmt, function: str) -> Iterator[_Place]:
    if isinstance(statement, ast.Return) and statement.value is not None:
        yield from _dropped_return(statement, function)
    annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else None
    for child in ast.iter_child_nodes(statement):
        if child is annotation:
            continue
        if isinstance(child, ast.stmt):
            yield from _within([child], function)
        else:
            yield from _of_expression(child, function)
    if isinstance(statement, ast.If | ast.While):
        yield _negated(statement, "test", function)


def _of_expression(node: ast.AST, function: str) -> Iterator[_Place]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _SHIFTED:
            yield from _compared(node, function)
        case ast.BoolOp():
            yield from _without(node, "values", function, "operand")
        case ast.List() | ast.Set():
            yield from _without(node, "elts", function, "entry")
        case ast.Tuple(ctx=ast.Load()):
            yield from _without(node, "elts", function, "entry")
        case ast.Dict():
            yield from _without_key(node, function)
        case ast.IfExp():
            yield _negated(node, "test", function)
        case ast.comprehension():
            for index in range(len(node.ifs)):
                yield _negated_filter(node, index, function)
        case ast.match_case(guard=ast.expr()):
            yield _negated(node, "guard", function)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from _within([child], function)
        else:
            yield from _of_expression(child, function)


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _replaced(holder: ast.AST, field: str, value: object, function: str, line: int, what: str) -> _Place:
    before = getattr(holder, field)
    return _Place(function, line, what, lambda: setattr(holder, field, value), lambda: setattr(holder, field, before))


def _negated(node: ast.AST, field: str, function: str) -> _Place:
    test = getattr(node, field)
    inverse = test.operand if _is_not(test) else ast.UnaryOp(ast.Not(), test)
    return _replaced(node, field, inverse, function, test.lineno, f"not ({_short(test)})")


def _is_not(test: ast.expr) -> bool:
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _negated_filter(node: ast.comprehension, index: int, function: str) -> _Place:
    test = node.ifs[index]
    changed = [*node.ifs[:index], ast.UnaryOp(ast.Not(), test), *node.ifs[index + 1 :]]
    return _replaced(node, "ifs", changed, function, test.lineno, f"not ({_short(test)}) in a filter")


def _compared(node: ast.Compare, function: str) -> Iterator[_Place]:
    yield _shifted(node, function)
    if isinstance(node.ops[0], ast.In | ast.NotIn) and isinstance(node.comparators[0], ast.Tuple):
        yield from _without(node.comparators[0], "elts", function, "entry", pairs_too=True)


def _shifted(node: ast.Compare, function: str) -> _Place:
    operator = _SHIFTED[type(node.ops[0])]()
    what = f"{_short(node)} with {type(operator).__name__}"
    return _replaced(node, "ops", [operator], function, node.lineno, what)


def _without(node: ast.AST, field: str, function: str, kind: str, *, pairs_too: bool = False) -> Iterator[_Place]:
    entries = getattr(node, field)
    if isinstance(node, ast.Tuple) and (len(entries) < 3) is not pairs_too:
        return  # a pair is a value, not a list, but where something is looked for in it; longer ones come anyway
    for index, entry in enumerate(entries):
        rest = [*entries[:index], *entries[index + 1 :]]
        if rest:
            line = getattr(entry, "lineno", 0)
            yield _replaced(node, field, rest, function, line, f"without the {kind} {_short(entry)}")


def _without_key(node: ast.Dict, function: str) -> Iterator[_Place]:
    keys, values = node.keys, node.values

    def drop(index: int) -> None:
        node.keys = [*keys[:index], *keys[index + 1 :]]
        node.values = [*values[:index], *values[index + 1 :]]

    def restore() -> None:
        node.keys, node.values = keys, values

    for index, key in enumerate(keys):
        if key is not None and len(keys) > 1:
            yield _Place(function, key.lineno, f"without the key {_short(key)}", lambda i=index: drop(i), restore)  # type: ignore[misc]


def _dropped_return(statement: ast.Return, function: str) -> Iterator[_Place]:
    assert statement.value is not None
    value = statement.value
    if isinstance(value, ast.Constant) and value.value is None:
        return
    what = f"return {_short(value)} dropped"
    yield _replaced(statement, "value", ast.Constant(None), function, statement.lineno, what)

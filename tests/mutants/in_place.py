"""An edited module put in the place of the loaded one: what others have imported of it is changed where it is."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType

Functions = dict[str, list[FunctionType]]
"""By their qualified names, in the order in which they stand in the module."""


def functions_of(paths: Iterable[str]) -> dict[str, Functions]:
    """The functions and methods that were defined in these files, by file."""
    found: dict[str, Functions] = {path: {} for path in paths}
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename in found:
            found[one.__code__.co_filename].setdefault(one.__code__.co_qualname, []).append(one)
    for functions in found.values():
        for named in functions.values():
            named.sort(key=lambda function: function.__code__.co_firstlineno)
    return found


def put_functions_in_place(functions: Functions, path: str, source: str) -> None:
    """Give the functions of the file at ``path`` the code that they have in ``source``."""
    new: dict[str, list[CodeType]] = {}
    for code in _codes(compile(source, path, "exec")):
        new.setdefault(code.co_qualname, []).append(code)
    for name, named in functions.items():
        if "<" not in name:  # a closure or lambda made at import is part of a table
            for function, code in zip(named, new[name], strict=True):
                function.__code__ = code


def put_tables_in_place(path: str, source: str) -> None:
    """Assign anew what ``source`` assigns at import, in the module at ``path`` and wherever it was imported."""
    values = next(one.__dict__ for one in sys.modules.values() if getattr(one, "__file__", None) == path)
    before = dict(values)
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            exec(compile(ast.Module([statement], []), path, "exec"), values)
    changed = {name: value for name, value in before.items() if values[name] is not value}
    for other in [other for other in sys.modules.values() if isinstance(other, ModuleType)]:
        for name, value in changed.items():
            if other.__dict__.get(name) is value:
                other.__dict__[name] = values[name]


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)

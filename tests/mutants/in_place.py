"""An edited module put in the place of the loaded one: what others have imported of it is changed where it is."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType


def put_functions_in_place(module: ModuleType, source: str) -> None:
    """Give the functions and methods of the module the code that they have in ``source``."""
    path = module.__file__ or ""
    new: dict[str, list[CodeType]] = {}
    for code in _codes(compile(source, path, "exec")):
        new.setdefault(code.co_qualname, []).append(code)
    old: dict[str, list[FunctionType]] = {}
    for found in gc.get_objects():
        if type(found) is FunctionType and found.__code__.co_filename == path:
            old.setdefault(found.__code__.co_qualname, []).append(found)
    for name, functions in old.items():
        functions.sort(key=lambda function: function.__code__.co_firstlineno)
        if "<" not in name:  # a closure or lambda made at import is part of a table
            for function, code in zip(functions, new[name], strict=True):
                function.__code__ = code


def put_tables_in_place(module: ModuleType, source: str) -> None:
    """Assign anew what ``source`` assigns at import, here and where it was imported by its name."""
    values = module.__dict__
    before = dict(values)
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            exec(compile(ast.Module([statement], []), module.__file__ or "", "exec"), values)
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

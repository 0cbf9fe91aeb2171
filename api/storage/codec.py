"""Frozen dataclasses to plain JSON values and back, by their type hints; for columns that hold a whole value.

Bytes are left out on the way in (evidence has its own store) and come back as the field's default.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from verifier.report import ValidationReport

Value = TypeVar("Value")


def encode_report(report: ValidationReport) -> dict[str, Any]:
    """A report as JSON values; its evidence goes to the evidence store and is left out."""
    values: dict[str, Any] = encode(report)
    values["evidence"] = sorted(report.evidence)
    return values


def decode_report(values: Mapping[str, Any]) -> ValidationReport:
    """A stored report, without the bytes of its evidence."""
    return decode(ValidationReport, {name: value for name, value in values.items() if name != "evidence"})


def encode(value: Any) -> Any:
    """Turn a value of dataclasses, enums, times, tuples and plain values into JSON values.

    Raises:
        TypeError: a value of another type.
    """
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case tuple() | list():
            return [encode(item) for item in value]
        case frozenset() | set():
            return sorted(encode(item) for item in value)
        case Mapping():
            return {str(key): encode(item) for key, item in value.items() if not isinstance(item, bytes)}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value) if field.init}
    raise TypeError(f"cannot store a {type(value).__name__}")


def decode(kind: type[Value], value: Any) -> Value:
    """Turn JSON values back into a value of that type. Fields that are missing take their default.

    Raises:
        TypeError: the type is not one that ``encode`` takes, or a field without a default is missing.
    """
    decoded: Value = _decode(kind, value)
    return decoded


def _decode(kind: Any, value: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not types.NoneType]
        return None if value is None else _decode(inner[0], value)
    if origin is tuple:
        if arguments[-1:] == (Ellipsis,):
            return tuple(_decode(arguments[0], item) for item in value)
        return tuple(_decode(argument, item) for argument, item in zip(arguments, value, strict=True))
    if origin in (frozenset, list):
        return origin(_decode(arguments[0], item) for item in value)
    if origin in (dict, Mapping):
        return {key: _decode(arguments[1], item) for key, item in value.items()}
    if not isinstance(kind, type):
        return value
    if is_dataclass(kind):
        return _decode_dataclass(kind, value)
    if issubclass(kind, datetime | date):
        return kind.fromisoformat(value)
    if issubclass(kind, Enum):
        return kind(value)
    return value


def _decode_dataclass(kind: Any, value: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    given = {}
    for field in fields(kind):
        if field.name in value:
            given[field.name] = _decode(hints[field.name], value[field.name])
        elif field.default is MISSING and field.default_factory is MISSING:
            raise TypeError(f"a stored {kind.__name__} lacks {field.name}")
    return kind(**given)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)

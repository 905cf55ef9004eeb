"""Plans on their way to other processes: dataclasses and named tuples as JSON and back, by the types of their fields.

A field that has its default is left out; where a field may be of several classes, the class is named.
"""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np


def packed(value: Any, kind: Any) -> Any:
    """What `json.dumps` takes, for a value of that type."""
    if value is None:
        return None
    choices = _choices(kind)
    if len(choices) > 1:
        return {type(value).__name__: packed(value, type(value))}
    [kind] = choices
    if get_origin(kind) is Mapping:
        return {key: packed(one, get_args(kind)[1]) for key, one in value.items()}
    if get_origin(kind) is np.ndarray:
        return value.tolist()
    if get_origin(kind) in (tuple, list, frozenset):
        return [packed(one, item) for one, item in zip(value, _items(kind, len(value)), strict=True)]
    if issubclass(kind, Enum):
        return value.value
    if issubclass(kind, bytes):
        return value.hex()
    if fields := _fields(kind):
        held = {name: packed(getattr(value, name), hint) for name, hint in fields.items()}
        return {name: one for name, one in held.items() if one != _plain(kind, name)}
    return value


def unpacked(value: Any, kind: Any) -> Any:
    """The value of that type which `packed` made this of."""
    if value is None:
        return None
    choices = _choices(kind)
    if len(choices) > 1:
        [(name, inner)] = value.items()
        return unpacked(inner, next(one for one in choices if one.__name__ == name))
    [kind] = choices
    origin = get_origin(kind)
    if origin is Mapping:
        return {key: unpacked(one, get_args(kind)[1]) for key, one in value.items()}
    if origin is np.ndarray:
        return np.array(value)
    if origin in (tuple, list, frozenset):
        return origin(unpacked(one, item) for one, item in zip(value, _items(kind, len(value)), strict=True))
    if issubclass(kind, Enum):
        return kind(value)
    if issubclass(kind, bytes):
        return bytes.fromhex(value)
    if fields := _fields(kind):
        return kind(**{name: unpacked(value[name], hint) for name, hint in fields.items() if name in value})
    return value


def _choices(kind: Any) -> list[Any]:
    """The types a value that is not None may have."""
    if get_origin(kind) in (Union, UnionType):
        return [one for one in get_args(kind) if one is not NoneType]
    return [kind]


def _items(kind: Any, count: int) -> tuple[Any, ...]:
    arguments = get_args(kind)
    return arguments if get_origin(kind) is tuple and arguments[-1] is not ... else (arguments[0],) * count


@lru_cache
def _fields(kind: type) -> Mapping[str, Any]:
    """The fields of a class that is made of fields."""
    if not dataclasses.is_dataclass(kind) and not hasattr(kind, "_fields"):
        return {}
    return get_type_hints(kind)


@lru_cache
def _plain(kind: type, name: str) -> Any:
    """A field's default, packed; something that nothing equals where it has none."""
    if not dataclasses.is_dataclass(kind):
        return ...
    field = next(one for one in dataclasses.fields(kind) if one.name == name)
    if field.default is not dataclasses.MISSING:
        return packed(field.default, _fields(kind)[name])
    if field.default_factory is not dataclasses.MISSING:
        return packed(field.default_factory(), _fields(kind)[name])
    return ...

"""Casting rules as TOML: the built-in ones printed, a user's own read (https://toml.io/en/v1.0.0).

[[rule]]
table = "order*"          # conditions: what is left out does not matter
type = ["tinyint"]
length = [1]
target = "smallint"       # what becomes of it
"""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from .errors import InputError
from .rules import Rule

# Rule's names for what the file calls otherwise.
_FIELDS = {"type": "types", "length": "arguments"}
_KEYS = {field: key for key, field in _FIELDS.items()}
_HIDDEN = ("codec",)  # follows from the types
_KINDS: dict[str, tuple[type, ...]] = {
    "types": (str, list), "arguments": (int, list), "unsigned": (bool,), "binary": (bool,), "long_members": (bool,),
    "nullable": (bool,), "auto_increment": (bool,), "skip": (bool,), "above": (int,),
}  # fmt: skip
_ACTIONS = ("target", "rename", "skip", "where")


def read(path: Path) -> tuple[Rule, ...]:
    """The rules of a file, in order. Raises InputError for what is no rule."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"--rules: {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"--rules: {path}: {error}") from error
    rules = content.pop("rule", [])
    if content or not isinstance(rules, list):
        raise InputError(f"--rules: {path}: it may hold [[rule]] tables and nothing else")
    return tuple(_rule(f"--rules: {path}: rule {number}", rule) for number, rule in enumerate(rules, 1))


def _rule(place: str, entries: dict[str, Any]) -> Rule:
    known = {field.name for field in fields(Rule)} - set(_HIDDEN)
    values: dict[str, Any] = {}
    for key, value in entries.items():
        field = _FIELDS.get(key, key)
        if field not in known or key in _KEYS:
            possible = ", ".join(sorted(_KEYS.get(name, name) for name in known))
            raise InputError(f"{place}: {key} is not known; there are {possible}")
        kinds = _KINDS.get(field, (str,))
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InputError(f"{place}: {key} cannot be {json.dumps(value, default=str)}")
        if field in ("types", "arguments"):
            value = tuple(value) if isinstance(value, list) else (value,)
        values[field] = value
    rule = Rule(**values)
    if not any(values.get(action) for action in _ACTIONS):
        raise InputError(f"{place}: it says nothing to do: {', '.join(_ACTIONS)}")
    if rule.where is not None and rule.of_columns:
        raise InputError(f"{place}: where is about the rows of a table: it goes with nothing but table")
    if rule.rename is not None and (rule.table is None or (rule.of_columns and rule.column is None)):
        raise InputError(f"{place}: rename must name the one table, and column, it is for")
    return rule


def text(rules: Iterable[Rule]) -> str:
    """Rules as TOML that `read` reads."""
    blocks = []
    for rule in rules:
        lines = ["[[rule]]"]
        for field in fields(rule):
            value = getattr(rule, field.name)
            if field.name not in _HIDDEN and field.default is not MISSING and value != field.default:
                lines.append(f"{_KEYS.get(field.name, field.name)} = {_toml(value)}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False)

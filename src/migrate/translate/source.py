"""MySQL's text into sqlglot's trees, with every function kept under MySQL's own name."""

import logging
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import SqlglotError

from .values import Refusal

# It warns of statements that it cannot read; the refusal says so where it counts.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


class _Source(MySQL):
    class Parser(MySQL.Parser):  # type: ignore[misc, valid-type]
        # sqlglot's own functions are common to all databases; what they mean here is MySQL's business.
        FUNCTIONS: ClassVar[dict[str, Any]] = {}


def parse(sql: str) -> exp.Expr:
    """The tree of one statement. Raises Refusal when it cannot be read."""
    try:
        trees = sqlglot.parse(sql, read=_Source)
    except (SqlglotError, RecursionError) as error:
        raise Refusal(f"it cannot be parsed: {_first_line(error)}") from error
    if len(trees) != 1 or trees[0] is None or isinstance(trees[0], exp.Command):
        raise Refusal("its grammar is not known here")
    return trees[0]


def parse_expression(sql: str) -> exp.Expr:
    """The tree of one expression. Raises Refusal when it cannot be read."""
    tree = parse(f"select {sql}")
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        raise Refusal("it is not one expression")
    found: exp.Expr = tree.expressions[0]
    return found


def shown(node: exp.Expr) -> str:
    """MySQL's text of a tree, as refusals quote it."""
    sql = node.sql("mysql")
    return sql if len(sql) <= 60 else sql[:57] + "…"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(" .") if str(error) else type(error).__name__

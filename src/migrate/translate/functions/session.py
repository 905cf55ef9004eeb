"""Functions that tell of the server and of who asks it."""

from ..values import Kind, Value
from .table import FUNCTIONS

FUNCTIONS |= {
    "LAST_INSERT_ID": lambda: Value("lastval()", Kind.INTEGER, stable=True),
    **dict.fromkeys(
        ("USER", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER"),
        lambda: Value("current_user::text", Kind.TEXT, stable=True),
    ),
    **dict.fromkeys(("DATABASE", "SCHEMA"), lambda: Value("current_schema()::text", Kind.TEXT, stable=True)),
    "CONNECTION_ID": lambda: Value("pg_backend_pid()", Kind.INTEGER, stable=True),
    "VERSION": lambda: Value("version()", Kind.TEXT, stable=True),
}

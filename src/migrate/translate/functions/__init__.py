"""MySQL's functions: for each, how PostgreSQL says the same (MySQL Reference Manual, "Functions and Operators")."""

from . import aggregates, choices, documents, moments, numbers, octets, session, shapes, texts
from .aggregates import AGGREGATES, WINDOW_FUNCTIONS
from .table import FUNCTIONS

__all__ = [
    "AGGREGATES",
    "FUNCTIONS",
    "WINDOW_FUNCTIONS",
    "aggregates",
    "choices",
    "documents",
    "moments",
    "numbers",
    "octets",
    "session",
    "shapes",
    "texts",
]

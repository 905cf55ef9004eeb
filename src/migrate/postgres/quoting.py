"""Names and constants as they stand in statements."""


def name(*parts: str) -> str:
    """A quoted name, qualified when there are several parts."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A string constant that means the same whatever standard_conforming_strings says.

    PostgreSQL's text has no NUL, and psql would wait for ever for what comes after one.
    """
    quoted = text.replace("'", "''").replace("\0", "")
    return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in text else f"'{quoted}'"


def dollar_quoted(text: str, tag: str) -> str:
    """A text of several lines between dollar quotes whose tag does not occur in it."""
    while f"${tag}$" in text:
        tag += "_"
    return f"${tag}${text}${tag}$"

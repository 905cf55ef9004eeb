"""Dumps of `mysqldump --xml` and `mariadb-dump --xml`.

Their writers escape `&`, `<`, `>` and `"` and nothing else, so what stands between two tags are the value's own bytes,
of which some are not XML at all. An XML parser would refuse those and bend ends of lines; here the tags are found and
the bytes between them kept.
"""

import re
from collections.abc import Iterator

import numpy as np

from ..errors import InputError
from ..model import Database
from . import ddl
from .events import WINDOW, Event, Rows, Untranslated, padded
from .lexer import Mode
from .session import Session
from .source import Source
from .statement import Statement

_BLOCK = 1 << 20
_NEXT = re.compile(rb"<(/?(?:database|table_structure|table_data|row|trigger|routine|event|mysqldump))\b")
_FIELD = re.compile(rb'<field name="([^"]*)"(?: xsi:(nil|type)="[^"]*")?\s*(?:/>|>([^<]*)</field>)')
_DESCRIBED = re.compile(rb"<(field|key|options) ([^<]*?)/>")
_ATTRIBUTE = re.compile(rb'([A-Za-z_]+)="([^"]*)"')
_CDATA = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_ENTITY = re.compile(rb"&(amp|lt|gt|quot|apos|#x?[0-9A-Fa-f]+);")
_ENTITIES = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_BLANK = re.compile(rb"\s*")
_CLOCK = re.compile(r"(?i)(current_timestamp|now|localtime|localtimestamp)(\(\d?\))?$")

Attributes = dict[str, str]


def holds(head: bytes) -> bool:
    """Whether a file with these first bytes is such a dump."""
    return b"<mysqldump" in head[:1024]


class XmlDump:
    """A file that `mysqldump --xml` wrote."""

    rank = 0

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = b""
        self._at = 0  # what lies before it in _text is done with
        self._base = 0  # the place of _text[0] in the unpacked source
        self.name = source.name
        self.size = source.size

    @property
    def consumed(self) -> int:
        """How many bytes were read so far."""
        return self._source.consumed

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def events(self, database: Database, session: Session) -> Iterator[Event]:
        """Tables, rows and programs, in the order of the file."""
        table = ""
        while True:
            found = _NEXT.search(self._text, self._at)
            if found is None or self._text.find(b">", found.start()) < 0:
                if not self._more():
                    raise self._cut_off()
                continue
            tag = found[1].decode()
            if tag == "row":
                yield from self._rows(table, database, session)
                continue
            self._at = found.start()
            if tag == "/mysqldump":
                return
            if tag == "database":
                session.restart(_attributes(self._take(b">")).get("name"))
            elif tag == "table_structure":
                yield from self._structure(database, session)
            elif tag == "table_data":
                table = _attributes(self._take(b">"))["name"]
            elif tag in ("trigger", "routine", "event"):
                yield from self._program(tag, database, session)
            else:
                self._take(b">")

    def _more(self) -> bool:
        room = bytearray(_BLOCK)
        size = self._source.read_into(memoryview(room))
        self._base += self._at
        self._text = self._text[self._at :] + room[:size]
        self._at = 0
        return size > 0

    @property
    def _offset(self) -> int:
        return self._base + self._at

    def _take(self, mark: bytes) -> bytes:
        """The text up to and with `mark`."""
        while (end := self._text.find(mark, self._at)) < 0:
            if not self._more():
                raise self._cut_off()
        taken = self._text[self._at : end + len(mark)]
        self._at += len(taken)
        return taken

    def _cut_off(self) -> InputError:
        return InputError(
            f"{self.name}: the dump is cut off after byte {self._base + len(self._text)}: it should end with "
            "</mysqldump>. Dump or copy it again"
        )

    def _structure(self, database: Database, session: Session) -> Iterator[Event]:
        place = self._offset
        text = self._take(b"</table_structure>")
        name = _attributes(text[: text.find(b">")])["name"]
        described: dict[str, list[Attributes]] = {"field": [], "key": [], "options": []}
        for found in _DESCRIBED.finditer(text):
            described[found[1].decode()].append(_attributes(found[2]))
        options = described["options"][0] if described["options"] else {}
        if options.get("Comment", "").upper() == "VIEW" and "Engine" not in options:
            reason = f"{name} is a view, of which mysqldump --xml writes only the columns: dump it as SQL"
            yield Untranslated(self.name, place, "", reason)
            return
        for field in described["field"]:
            if "GENERATED" in field.get("Extra", "").replace("DEFAULT_GENERATED", ""):
                reason = (
                    f"{name}.{field['Field']} is generated by an expression that mysqldump --xml leaves out"
                )
                yield Untranslated(self.name, place, "", reason)
        sql = _definition(name, described["field"], described["key"], options)
        ddl.apply(database, session.database, Statement(sql.encode("utf-8", "surrogateescape"), Mode()))

    def _program(self, tag: str, database: Database, session: Session) -> Iterator[Event]:
        place = self._offset
        text = self._take(f"</{tag}>".encode())
        body = _CDATA.search(text)
        if body is None or not ddl.apply(
            database,
            session.database,
            Statement(body[1].strip(), Mode.named(_attributes(text).get("sql_mode", ""))),
        ):
            yield Untranslated(self.name, place, text.decode("utf-8", "replace"))

    def _rows(self, table: str, database: Database, session: Session) -> Iterator[Rows]:
        """The rows that are next, up to the end of the table or of a chunk."""
        literals: list[bytes] = []
        starts: list[int] = []
        places: list[int] = []
        columns: tuple[str, ...] = ()
        size = 0
        first = self._offset
        while size < WINDOW:
            self._skip_blank()
            if not self._text.startswith(b"<row>", self._at):
                break
            place = self._offset
            fields = _FIELD.findall(self._take(b"</row>"))
            names = tuple(_plain(name).decode("utf-8", "replace") for name, _, _ in fields)
            if literals and names != columns:
                raise InputError(
                    f"{self.name}: the row at byte {place} has other fields than the one before it"
                )
            columns = names
            row = b"(" + b",".join(_literal(kind, value) for _, kind, value in fields) + b")"
            starts.append(size)
            places.append(place)
            literals.append(row)
            size += len(row) + 1
        text = b",".join(literals)
        rows = Rows(
            (session.database, table),
            columns,
            padded(text),
            len(text),
            0,
            len(literals),
            self.name,
            first,
            Mode(),
            "utf8mb4",
            "+00:00",
            np.array([starts, places], dtype=np.int64),
            snapshot=True,
        )
        session.variables["time_zone"] = "+00:00"
        yield rows

    def _skip_blank(self) -> None:
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if len(self._text) - self._at >= len(b"<row>") or not self._more():
                return


def _plain(text: bytes) -> bytes:
    """Text with its entities resolved."""
    return _ENTITY.sub(_entity, text) if b"&" in text else text


def _entity(found: re.Match[bytes]) -> bytes:
    name = found[1]
    if name.startswith(b"#"):
        digits = name[1:].decode()
        return chr(int(digits[1:], 16) if digits[0] in "xX" else int(digits)).encode()
    return _ENTITIES[name]


def _literal(kind: bytes, value: bytes) -> bytes:
    if kind == b"nil":
        return b"NULL"
    if kind == b"type":
        return b"x'" + value + b"'"
    return b"'" + _plain(value).replace(b"\\", b"\\\\").replace(b"'", b"''") + b"'"


def _attributes(text: bytes) -> Attributes:
    return {
        name.decode(): _plain(value).decode("utf-8", "surrogateescape")
        for name, value in _ATTRIBUTE.findall(text)
    }


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def _string(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _definition(name: str, fields: list[Attributes], keys: list[Attributes], options: Attributes) -> str:
    """The CREATE TABLE that the description was made from."""
    parts = [_column(field) for field in fields]
    by_name: dict[str, list[Attributes]] = {}
    for key in keys:
        by_name.setdefault(key["Key_name"], []).append(key)
    parts += [_key(own, columns) for own, columns in by_name.items()]
    tail = f" COMMENT={_string(options.get('Comment', ''))}"
    if options.get("Auto_increment", "").isdigit():
        tail += f" AUTO_INCREMENT={options['Auto_increment']}"
    if options.get("Collation"):
        tail += f" COLLATE={options['Collation']}"
    return f"CREATE TABLE {_name(name)} ({', '.join(parts)}){tail}"


def _column(field: Attributes) -> str:
    extra = field.get("Extra", "").lower()
    text = f"{_name(field['Field'])} {field['Type']}" + (" NOT NULL" if field["Null"] == "NO" else " NULL")
    default = field.get("Default")
    if default is not None and default != "NULL":
        text += f" DEFAULT {_default(default, field['Type'], extra)}"
    if "auto_increment" in extra:
        text += " AUTO_INCREMENT"
    if "on update" in extra:
        text += " ON UPDATE CURRENT_TIMESTAMP"
    return text + (f" COMMENT {_string(field['Comment'])}" if field.get("Comment") else "")


def _default(text: str, kind: str, extra: str) -> str:
    """A default as SHOW COLUMNS prints it: constants without quotes, expressions marked where the server does that."""
    if _CLOCK.match(text) and kind.startswith(("timestamp", "datetime")):
        return text
    if "default_generated" in extra:
        return f"({text})"
    if re.fullmatch(r"b'[01]*'", text) and kind.startswith("bit"):
        return text
    if re.fullmatch(r"[a-z_]+\(.*\)", text):
        return f"({text})"
    return text if re.fullmatch(r"'.*'", text, re.DOTALL) else _string(text)


def _key(name: str, columns: list[Attributes]) -> str:
    kind = columns[0].get("Index_type", "").upper()
    if name == "PRIMARY":
        start = "PRIMARY KEY"
    elif kind in ("FULLTEXT", "SPATIAL"):
        start = f"{kind} KEY {_name(name)}"
    else:
        start = ("KEY " if columns[0]["Non_unique"] == "1" else "UNIQUE KEY ") + _name(name)
    parts = [
        (f"({column['Expression']})" if column.get("Expression") else _name(column["Column_name"]))
        + (f"({column['Sub_part']})" if column.get("Sub_part", "").isdigit() and kind != "SPATIAL" else "")
        + (" DESC" if column.get("Collation") == "D" else "")
        for column in sorted(columns, key=lambda column: int(column["Seq_in_index"]))
    ]
    return f"{start} ({', '.join(parts)})"

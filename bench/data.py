"""Deterministic dumps, and the very same rows in COPY's text format.

Rows are drawn from a pool of prepared values, so that making hundreds of megabytes takes seconds.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_STATEMENT = 1 << 20  # bytes of an INSERT, as mysqldump cuts them (net_buffer_length)
_POOL = 2000
_VOCABULARY = (
    "coat wool linen silk worn mended button collar lining vintage Größe señora naïve façade 着物 レトロ платье 👗 "
    'it\'s "as new" 50% \\o/ blue rust moss sand small large sleeve pocket zip hem the a of and with without once'
)
_WORDS = _VOCABULARY.split()

# A value as MySQL and as COPY write it.
Pair = tuple[bytes, bytes]
Row = tuple[bytes, bytes]


@dataclass(frozen=True)
class Shape:
    """A kind of table: its columns in MySQL and PostgreSQL, the keys that follow its rows, and how rows are made."""

    name: str
    mysql: str
    postgresql: str
    keys: tuple[str, ...]
    rows: Callable[[random.Random], Iterator[Row]]
    tables: int = 1


@dataclass(frozen=True)
class Made:
    """Files of one benchmark; `size` is the dump's in bytes."""

    shape: Shape
    dump: Path
    size: int
    rows: int
    copies: tuple[tuple[str, Path], ...]

    @property
    def before(self) -> str:
        """The tables, without keys."""
        return "".join(f"create table {table} ({self.shape.postgresql});\n" for table, _ in self.copies)

    @property
    def after(self) -> str:
        """The keys."""
        return "".join(f"{key.format(table=table)};\n" for table, _ in self.copies for key in self.shape.keys)


def _quoted(text: str) -> Pair:
    mysql = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace('"', '\\"')
    copy = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return b"'" + mysql.encode() + b"'", copy.encode()


def _prose(chance: random.Random, characters: int) -> str:
    words: list[str] = []
    while characters > 0:
        words.append(chance.choice(_WORDS))
        characters -= len(words[-1]) + 1
    return " ".join(words) + chance.choice([".", "!", "\nSecond line."])


def _joined(pairs: list[Pair]) -> Row:
    return b",".join(mysql for mysql, _ in pairs), b"\t".join(copy for _, copy in pairs)


def _number(value: int) -> Pair:
    text = str(value).encode()
    return text, text


def _repeated(pool: list[Row]) -> Iterator[Row]:
    number = 0
    while True:
        for mysql, copy in pool:
            number += 1
            key = str(number).encode()
            yield b"(" + key + b"," + mysql + b")", key + b"\t" + copy + b"\n"


def _text_rows(chance: random.Random) -> Iterator[Row]:
    def row() -> Row:
        day = (
            f"20{chance.randrange(10, 25)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02} 12:00:00"
        )
        price = f"{chance.randrange(1, 100_000) / 100:.2f}".encode()
        title, story = _prose(chance, 60), _prose(chance, chance.randrange(200, 1400))
        seller = chance.randrange(1, 50_000)
        return _joined([_number(seller), _quoted(title), _quoted(story), (price, price), _quoted(day)])

    return _repeated([row() for _ in range(_POOL)])


def _integer_rows(chance: random.Random) -> Iterator[Row]:
    return _repeated(
        [
            _joined([_number(chance.randrange(10**digits)) for digits in (2, 4, 4, 6, 6, 9, 9)])
            for _ in range(_POOL)
        ]
    )


def _wide_rows(chance: random.Random) -> Iterator[Row]:
    def row() -> Row:
        document = {f"field {n}": [_prose(chance, 40), chance.randrange(10**6), None] for n in range(80)}
        picture = chance.randbytes(8000)
        text = json.dumps(document, ensure_ascii=False)
        return _joined([_quoted(text), (b"0x" + picture.hex().encode(), b"\\\\x" + picture.hex().encode())])

    return _repeated([row() for _ in range(_POOL // 20)])


def _small_rows(chance: random.Random) -> Iterator[Row]:
    return _repeated(
        [_joined([_quoted(_prose(chance, 30)), _number(chance.randrange(1000))]) for _ in range(_POOL)]
    )


_PRIMARY = "alter table {table} add primary key (id)"
TEXT = Shape(
    "text-heavy rows",
    "`id` int NOT NULL, `seller` int NOT NULL, `title` varchar(200) NOT NULL, `story` text, `price` decimal(10,2) NOT "
    "NULL, `listed` datetime NOT NULL, PRIMARY KEY (`id`), KEY `seller` (`seller`), KEY `listed` (`listed`)",
    "id integer not null, seller integer not null, title varchar(200) not null, story text, price "
    "numeric(10,2) not null, listed timestamp(0) not null",
    (_PRIMARY, "create index on {table} (seller)", "create index on {table} (listed)"),
    _text_rows,
)
INTEGERS = Shape(
    "narrow integer rows",
    "`id` int NOT NULL, `a` smallint, `b` smallint, `c` smallint, `d` int, `e` int, `f` int, `g` int, "
    "PRIMARY KEY (`id`)",
    "id integer not null, a smallint, b smallint, c smallint, d integer, e integer, f integer, g integer",
    (_PRIMARY,),
    _integer_rows,
)
WIDE = Shape(
    "wide JSON and blobs",
    "`id` int NOT NULL, `document` json, `picture` mediumblob, PRIMARY KEY (`id`)",
    "id integer not null, document jsonb, picture bytea",
    (_PRIMARY,),
    _wide_rows,
)
MANY = Shape(
    "many small tables",
    "`id` int NOT NULL, `name` varchar(100) NOT NULL, `n` int, PRIMARY KEY (`id`), KEY `n` (`n`)",
    "id integer not null, name varchar(100) not null, n integer",
    (_PRIMARY, "create index on {table} (n)"),
    _small_rows,
    tables=200,
)


def make(shape: Shape, megabytes: float, folder: Path) -> Made:
    """Write a dump of that size, as mysqldump would, and its rows as COPY text, a file per table."""
    folder.mkdir(parents=True, exist_ok=True)
    dump = folder / "dump.sql"
    copies = []
    total = 0
    with dump.open("wb") as file:
        file.write(
            b"-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n/*!50503 SET NAMES utf8mb4 */;\n"
        )
        for number in range(shape.tables):
            table = f"t{number}"
            copy = folder / f"{table}.copy"
            copies.append((table, copy))
            file.write(
                f"CREATE TABLE `{table}` ({shape.mysql}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n".encode()
            )
            rows = shape.rows(random.Random(number))
            total += _write(file.write, copy, table, rows, int(megabytes * 1e6 / shape.tables))
        file.write(b"-- Dump completed on 2024-01-01 00:00:00\n")
    return Made(shape, dump, dump.stat().st_size, total, tuple(copies))


def as_tab(made: Made) -> Path:
    """The same rows as `mysqldump --tab` leaves them: a folder with a definition and a file of lines for each table."""
    folder = made.dump.parent / "tab"
    folder.mkdir(exist_ok=True)
    for table, copy in made.copies:
        (folder / f"{table}.sql").write_text(
            "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n"
            f"CREATE TABLE `{table}` ({made.shape.mysql}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
            "-- Dump completed on 2024-01-01 00:00:00\n"
        )
        lines = folder / f"{table}.txt"
        lines.unlink(missing_ok=True)
        lines.hardlink_to(copy)  # its escapes are COPY's
    return folder


def _write(write: Callable[[bytes], object], copy: Path, table: str, rows: Iterator[Row], size: int) -> int:
    head = f"INSERT INTO `{table}` VALUES ".encode()
    count = written = 0
    with copy.open("wb") as copied:
        while written < size:
            wanted = min(_STATEMENT, size - written)
            values: list[bytes] = []
            lines: list[bytes] = []
            length = 0
            while length < wanted:
                value, line = next(rows)
                values.append(value)
                lines.append(line)
                length += len(value) + 1
            write(head + b",".join(values) + b";\n")
            copied.write(b"".join(lines))
            written += length
            count += len(values)
    return count

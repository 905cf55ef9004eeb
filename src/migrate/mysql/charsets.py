"""MySQL's character sets, read as MySQL reads them (MySQL Reference Manual, "Supported Character Sets and Collations").

Most are known to Python under another name; where MySQL's table differs, its own characters are listed here.
"""

import codecs
from dataclasses import dataclass
from functools import cache

from ..model import Column, Table

_PYTHON = {
    "ascii": "ascii", "big5": "big5", "cp1250": "cp1250", "cp1251": "cp1251", "cp1256": "cp1256", "cp1257": "cp1257",
    "cp850": "cp850", "cp852": "cp852", "cp866": "cp866", "cp932": "cp932", "eucjpms": "euc_jp", "euckr": "cp949",
    "gb18030": "gb18030", "gb2312": "gb2312", "gbk": "gbk", "greek": "iso8859_7", "hebrew": "iso8859_8",
    "hp8": "hp_roman8", "koi8r": "koi8_r", "koi8u": "koi8_u", "latin1": "cp1252", "latin2": "iso8859_2",
    "latin5": "iso8859_9", "latin7": "iso8859_13", "macce": "mac_latin2", "macroman": "mac_roman", "sjis": "shift_jis",
    "swe7": "ascii", "tis620": "tis_620", "ujis": "euc_jp", "ucs2": "utf_16_be", "utf16": "utf_16_be",
    "utf16le": "utf_16_le", "utf32": "utf_32_be", "utf8": "utf_8", "utf8mb3": "utf_8", "utf8mb4": "utf_8",
    "armscii8": "latin_1", "dec8": "latin_1", "geostd8": "cp1252", "keybcs2": "ascii",
}  # fmt: skip

_UTF8 = ("utf8", "utf8mb3", "utf8mb4")
# Lead bytes of the sets whose second byte may be a backslash or a backquote: their text is read in pairs.
_PAIRED = {"big5": (0xA1, 0xF9), "cp932": (0x81, 0xFC), "gb18030": (0x81, 0xFE), "gbk": (0x81, 0xFE),
           "sjis": (0x81, 0xFC)}  # fmt: skip
_KATAKANA = range(0xA0, 0xE0)  # of one byte, between the lead bytes of cp932 and sjis
_WIDTHS = {"ucs2": 2, "utf16": 2, "utf16le": 2, "utf32": 4}  # bytes of a character, at least
_MULTIBYTE = {*_PAIRED, "eucjpms", "euckr", "gb2312", "ujis"}


def _upper_half(first: int, characters: str) -> dict[int, str]:
    return {first + place: character for place, character in enumerate(characters) if character != "?"}


# Bytes that MySQL reads otherwise than Python's codec of that name.
_BYTES: dict[str, dict[int, str]] = {
    "latin1": {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)},
    "cp866": {0xFC: "ⁿ", 0xFD: "²"},
    "greek": {0xA1: "ʽ", 0xA2: "ʼ"},
    "hebrew": {0xAF: "‾"},
    "koi8u": {0x95: "•"},
    "swe7": dict(zip(b"@[\\]^`{|}~", "ÉÄÖÅÜéäöåü", strict=True)),
    "armscii8": _upper_half(
        0xA1,
        "❁§։)(»«—.՝,-՟…՜՛՞ԱաԲբԳգԴդԵեԶզԷէԸըԹթԺժԻիԼլԽխԾծԿկՀհՁձՂղՃճՄմ"
        "ՅյՆնՇշՈոՉչՊպՋջՌռՍսՎվՏտՐրՑցՒւՓփՔքՕօՖֆ’'",
    ),
    "dec8": {0xA8: "¤", 0xD7: "Œ", 0xDD: "Ÿ", 0xF7: "œ", 0xFD: "ÿ"},
    "geostd8": _upper_half(0xC0, "აბგდევზჱთიკლმნჲოპჟრსტჳუფქღყშჩცძწჭხჴჯჰჵ") | {0xFD: "№"},
    "keybcs2": _upper_half(
        0x80,
        "ČüéďäĎŤčěĚĹÍľĺÄÁÉžŽôöÓůÚýÖÜŠĽÝŘťáíóúňŇŮÔšřŕŔ¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
        "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0",
    ),
}  # fmt: skip
_BIG5_MORE = dict(zip((b"\xf9\xd6", b"\xf9\xd7", b"\xf9\xd8", b"\xf9\xd9", b"\xf9\xda", b"\xf9\xdb", b"\xf9\xdc"),
                      "碁銹裏墻恒粧嫺", strict=True))  # fmt: skip


@dataclass(frozen=True)
class Charset:
    """A character set: MySQL's name of it."""

    name: str

    @property
    def is_utf8(self) -> bool:
        """Whether its text is UTF-8 already."""
        return self.name in _UTF8 or self.name == "ascii"

    @property
    def lead_bytes(self) -> bytes | None:
        """The bytes that start a pair whose second byte may look like a backslash; None when no pair does."""
        if self.name not in _PAIRED:
            return None
        low, high = _PAIRED[self.name]
        single = _KATAKANA if self.name in ("cp932", "sjis") else range(0)
        return bytes(byte for byte in range(low, high + 1) if byte not in single)

    @property
    def units(self) -> int:
        """How many bytes a character takes that is read by table: 1 or 2; 0 when it cannot be (UTF-16, swe7)."""
        if self.name in _WIDTHS or self.name == "swe7" or self.is_utf8:
            return 0
        return 2 if self.name in _MULTIBYTE else 1

    def decode(self, text: bytes, errors: str = "strict") -> str:
        """The text. Raises UnicodeDecodeError for bytes that the set does not define, unless `errors` says else."""
        if self.name in ("eucjpms", "ujis"):
            return _japanese(text, errors, microsoft=self.name == "eucjpms")
        if width := _WIDTHS.get(self.name):
            text = text.rjust(-(-len(text) // width) * width, b"\0")  # as MySQL takes hexadecimal digits
        if self.name in _BYTES:
            return codecs.charmap_decode(text, errors, _single_bytes(self.name))[0]
        if self.name == "big5":
            return _big5(text, errors)
        decoded = text.decode(_PYTHON[self.name], errors)
        # MySQL keeps a backslash in sjis as the full-width one, and gives it back as a backslash.
        return decoded.replace("＼", "\\") if self.name == "sjis" else decoded


@cache
def of(name: str) -> Charset | None:
    """The character set of that name, in any case; None when MySQL has none, and for `binary`."""
    return Charset(name.lower()) if name.lower() in _PYTHON else None


def of_collation(collation: str) -> str:
    """The character set that a collation is for: its name's first word (`latin1_swedish_ci`, `binary`)."""
    return collation.partition("_")[0]


def of_column(table: Table, column: Column) -> str:
    """MySQL's name of the character set of a column's strings: its own or the table's, else the default."""
    kind = column.type
    for charset, collation in ((kind.charset, kind.collation), (table.charset, table.collation)):
        if charset or collation:
            return charset or of_collation(collation or "")
    return "utf8mb4"


@cache
def _single_bytes(name: str) -> dict[int, str]:
    table = {}
    for byte in range(256):
        try:
            table[byte] = bytes([byte]).decode(_PYTHON[name])
        except UnicodeDecodeError:
            continue
    return table | _BYTES[name]


def _big5(text: bytes, errors: str) -> str:
    """Python's Big5 and the seven characters of the ETEN set that MySQL has beside it."""
    done = ""
    while True:
        try:
            return done + text.decode("big5")
        except UnicodeDecodeError as error:
            pair = text[error.start : error.start + 2]
            if pair not in _BIG5_MORE:
                return done + text.decode("big5", errors)
            done += text[: error.start].decode("big5") + _BIG5_MORE[pair]
            text = text[error.start + 2 :]


def _japanese(text: bytes, errors: str, *, microsoft: bool) -> str:
    """EUC-JP with the 940 characters users may define, and with those of Microsoft in the place of JIS X 0208's."""
    done = []
    at = 0
    while at < len(text):
        byte = text[at]
        size = 1 if byte < 0x80 else (3 if byte == 0x8F else 2)
        character = text[at : at + size]
        pair = size == 2 and len(character) == 2 and byte >= 0xA1 and character[1] >= 0xA1
        if pair and 0xF5 <= byte < 0xFF and character[1] < 0xFF:
            done.append(chr(0xE000 + (byte - 0xF5) * 94 + character[1] - 0xA1))
        elif pair and microsoft:
            done.append(_cp932_of(character).decode("cp932", errors))
        else:
            done.append(character.decode("euc_jp", errors))
        at += size
    decoded = "".join(done)
    return decoded if microsoft else decoded.replace("＼", "\\")  # as in sjis


def _cp932_of(pair: bytes) -> bytes:
    """The pair of cp932 for a pair of EUC: rows and cells of JIS X 0208 in another order of bytes."""
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + (0x9F if row % 2 else (0x40 if cell < 63 else 0x41))
    return bytes((lead, trail))

"""The people of the old shop, with the password hashes that Werkzeug stored for them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

_KNOWN_PASSWORDS = {"demo": "second-hand-demo", "ada": "knitting-needles-1843"}

# Werkzeug's default method when an account was made: the iterations grew, then scrypt replaced PBKDF2.
_SCRYPT_SINCE = datetime.fromisoformat("2023-10-01")
_PBKDF2_ITERATIONS = (
    (datetime.fromisoformat("2021-05-01"), 150_000),
    (datetime.fromisoformat("2023-05-01"), 260_000),
    (_SCRYPT_SINCE, 600_000),
)
_SALT_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Person(NamedTuple):
    """A row of `user`, with the language they write in and how busy a seller they are (0: only buys)."""

    id: int
    username: str
    email: str
    created: datetime | None
    language: str
    weight: int
    flourish: str = ""
    is_admin: bool = False

    @property
    def password(self) -> str:
        """The password in clear, for tests and for trying the shop."""
        return _KNOWN_PASSWORDS.get(self.username, f"{self.username}-wardrobe")

    @property
    def password_hash(self) -> str:
        """What Werkzeug would have stored when the account was made, with a salt that never changes."""
        salt = _salt(self.username)
        secret, grain = self.password.encode(), salt.encode()
        joined = self.created or _SCRYPT_SINCE
        for until, iterations in _PBKDF2_ITERATIONS:
            if joined < until:
                digest = hashlib.pbkdf2_hmac("sha256", secret, grain, iterations)
                return f"pbkdf2:sha256:{iterations}${salt}${digest.hex()}"
        digest = hashlib.scrypt(secret, salt=grain, n=2**15, r=8, p=1, maxmem=132 * 2**15 * 8)
        return f"scrypt:32768:8:1${salt}${digest.hex()}"


def _salt(username: str) -> str:
    seed = hashlib.sha256(f"salt of {username}".encode()).digest()
    return "".join(_SALT_ALPHABET[byte % len(_SALT_ALPHABET)] for byte in seed[:16])


PEOPLE = (
    Person(
        1,
        "margit",
        "margit@secondhand.example",
        datetime.fromisoformat("2019-03-02 09:14:07"),
        "german",
        9,
        is_admin=True,
    ),
    Person(
        2,
        "tomasz.k",
        "tomasz.kowalczyk@poczta.example",
        datetime.fromisoformat("2019-03-17 20:41:55"),
        "polish",
        11,
    ),
    Person(
        3, "demo", "demo@secondhand.example", datetime.fromisoformat("2019-04-01 12:00:00"), "english", 12
    ),
    Person(
        4,
        "Solène",
        "solene.morvan@courriel.example",
        datetime.fromisoformat("2019-05-23 18:02:31"),
        "french",
        14,
        "💛",
    ),
    Person(
        5,
        "wool_and_whiskey",
        "fergus.mcallan@mail.example",
        datetime.fromisoformat("2019-06-11 22:15:40"),
        "english",
        24,
    ),
    Person(
        7,
        "jo'burg_jo",
        "jo.dlamini+clothes@mail.example",
        datetime.fromisoformat("2019-09-30 06:48:12"),
        "english",
        18,
        "🌻",
    ),
    Person(
        8,
        "lucía_ropa",
        "lucia.ferrer@correo.example",
        datetime.fromisoformat("2019-11-08 13:27:03"),
        "spanish",
        13,
        "😊",
    ),
    Person(
        9,
        "Giulia B.",
        "giulia.bonetti@posta.example",
        datetime.fromisoformat("2020-01-19 10:55:20"),
        "italian",
        14,
        "🌸",
    ),
    Person(
        10,
        "kieran-oshea",
        "kieran@oshea.example",
        datetime.fromisoformat("2020-02-14 08:30:00"),
        "english",
        17,
    ),
    Person(
        11,
        "はるか",
        "haruka.mori@yubin.example",
        datetime.fromisoformat("2020-04-25 15:09:44"),
        "japanese",
        16,
        "🍀",
    ),
    Person(
        12,
        "BettyBuysVintage",
        "betty@buys.example",
        datetime.fromisoformat("2020-05-03 19:19:19"),
        "english",
        26,
        "xx",
    ),
    Person(
        13,
        "jürgen_h",
        "juergen.hassel@brief.example",
        datetime.fromisoformat("2020-08-12 07:07:07"),
        "german",
        12,
    ),
    Person(
        15,
        "A&B wardrobe",
        "ab@wardrobe.example",
        datetime.fromisoformat("2020-10-31 23:59:59"),
        "english",
        20,
        "<3 A&B",
    ),
    Person(
        16,
        "ελένη",
        "eleni.papadaki@grammata.example",
        datetime.fromisoformat("2021-01-06 11:11:00"),
        "greek",
        13,
        "🌿",
    ),
    Person(
        17,
        "norah_knits",
        "norah@knits.example",
        datetime.fromisoformat("2021-02-28 16:45:09"),
        "english",
        18,
        "🧶",
    ),
    Person(
        18,
        "mathieu.d",
        "mathieu.delcourt@courriel.example",
        datetime.fromisoformat("2021-06-17 21:36:58"),
        "french",
        12,
    ),
    Person(
        19,
        "سلمى",
        "salma.haddad@barid.example",
        datetime.fromisoformat("2021-09-09 09:09:09"),
        "arabic",
        14,
        "🌙",
    ),
    Person(
        20,
        "zofia_szafa",
        "zofia.wrona@poczta.example",
        datetime.fromisoformat("2021-11-27 17:22:13"),
        "polish",
        12,
        "✨",
    ),
    Person(21, "old_tom", "tom.abernathy@mail.example", None, "english", 10),
    Person(
        23,
        "inês_m",
        "ines.marques@correio.example",
        datetime.fromisoformat("2022-03-21 14:50:36"),
        "portuguese",
        13,
        "☀️",
    ),
    Person(
        24,
        "paolo_sartoria",
        "paolo.greco@posta.example",
        datetime.fromisoformat("2022-05-02 12:34:56"),
        "italian",
        11,
    ),
    Person(
        25,
        "annika",
        "annika.vogel@brief.example",
        datetime.fromisoformat("2022-08-15 08:08:33"),
        "german",
        14,
        "🍂",
    ),
    Person(
        26,
        "tiny_humans_only",
        "priya.raman@mail.example",
        datetime.fromisoformat("2022-10-10 20:20:20"),
        "english",
        18,
        "🧸",
    ),
    Person(
        27,
        "rubén 2ª mano",
        "ruben.ortega@correo.example",
        datetime.fromisoformat("2023-01-30 19:41:02"),
        "spanish",
        12,
    ),
    Person(
        28,
        "camille",
        "camille.roux@courriel.example",
        datetime.fromisoformat("2023-06-18 10:03:47"),
        "french",
        11,
        "🐝",
    ),
    Person(29, "ada", "ada@engines.example", datetime.fromisoformat("2023-12-10 18:43:00"), "english", 11),
    Person(
        30,
        "walkin.closet",
        "desiree.okafor@mail.example",
        datetime.fromisoformat("2024-01-07 13:13:13"),
        "english",
        20,
        "💅",
    ),
    Person(
        31,
        "Fräulein Lenz",
        "henriette.lenz@brief.example",
        datetime.fromisoformat("2024-02-29 23:01:10"),
        "german",
        11,
    ),
    Person(
        33,
        "lookingnotbuying",
        "rae.whitlock@mail.example",
        datetime.fromisoformat("2024-05-12 02:47:29"),
        "english",
        0,
    ),
    Person(
        34,
        "d_marsh",
        "dougal.marsh@mail.example",
        datetime.fromisoformat("2024-06-24 07:55:00"),
        "english",
        9,
    ),
    Person(
        36,
        "nobody\\yet",
        "new.member@mail.example",
        datetime.fromisoformat("2024-11-02 22:30:18"),
        "english",
        0,
    ),
)

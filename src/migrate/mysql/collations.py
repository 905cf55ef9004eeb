"""MySQL's collations: what their names say of case, accents and language (MySQL Reference Manual, "Collation Naming
Conventions"; MariaDB's `uca1400_…` names are made in the same way).
"""

from dataclasses import dataclass

# The words for languages in MySQL's names, as the tags of BCP 47; after a colon a variant of its order.
_LANGUAGES = {
    "bulgarian": "bg", "croatian": "hr", "czech": "cs", "danish": "da", "esperanto": "eo", "estonian": "et",
    "german2": "de:phonebk", "hungarian": "hu", "icelandic": "is", "latvian": "lv", "lithuanian": "lt", "myanmar": "my",
    "persian": "fa", "polish": "pl", "romanian": "ro", "sinhala": "si", "slovak": "sk", "slovenian": "sl",
    "spanish": "es", "spanish2": "es:trad", "swedish": "sv", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip
_TAGS = {"bg", "bs", "cs", "da", "de", "eo", "es", "et", "gl", "hr", "hu", "is", "ja", "la", "lt", "lv", "mn", "nb",
         "nn", "pl", "ro", "ru", "sk", "sl", "sr", "sv", "tr", "vi", "zh"}  # fmt: skip
_VARIANTS = {("de", "pb"): "phonebk", ("es", "trad"): "trad"}
_UNICODE = ("utf8", "utf8mb3", "utf8mb4", "ucs2", "utf16", "utf16le", "utf32", "uca1400")
_DEFAULTS = {"latin1": "latin1_swedish_ci", "dec8": "dec8_swedish_ci", "swe7": "swe7_swedish_ci"}


@dataclass(frozen=True)
class Collation:
    """How strings are compared. `language` is a tag of BCP 47, or empty; `variant` another order of that language.

    `pads` says that blanks at the end of the shorter string are as good as none ("PAD SPACE").
    """

    ignores_case: bool
    ignores_accents: bool = False
    pads: bool = True
    language: str = ""
    variant: str = ""


def of(name: str | None, charset: str) -> Collation:
    """What a collation does; without a name, that of the character set which MySQL takes then: all those ignore case.

    The old collations that belong to a character set of one language or of Asia keep accents apart.
    """
    name = (name or _DEFAULTS.get(charset) or f"{charset}_general_ci").lower()
    words = name.split("_")
    pads = charset != "binary" and name != "binary" and not {"0900", "nopad"} & set(words)
    if charset == "binary" or words[-1] in ("binary", "bin", "cs"):
        return Collation(ignores_case=False, pads=pads)
    named = [_LANGUAGES.get(word, word) for word in words if word in _LANGUAGES or word in _TAGS]
    language, _, variant = (named[0] if named else "").partition(":")
    variant = next((to for key, to in _VARIANTS.items() if key[0] == language and key[1] in words), variant)
    keeps_accents = "as" in words or (words[0] not in _UNICODE and not language and "ai" not in words)
    return Collation(
        ignores_case=True, ignores_accents=not keeps_accents, pads=pads, language=language, variant=variant
    )

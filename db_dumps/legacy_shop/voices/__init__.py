"""The languages of the shop, by name."""

from legacy_shop.voice import Voice
from legacy_shop.voices import (
    arabic,
    english,
    french,
    german,
    greek,
    italian,
    japanese,
    polish,
    portuguese,
    spanish,
)

VOICES: dict[str, Voice] = {
    "arabic": arabic.VOICE,
    "english": english.VOICE,
    "french": french.VOICE,
    "german": german.VOICE,
    "greek": greek.VOICE,
    "italian": italian.VOICE,
    "japanese": japanese.VOICE,
    "polish": polish.VOICE,
    "portuguese": portuguese.VOICE,
    "spanish": spanish.VOICE,
}

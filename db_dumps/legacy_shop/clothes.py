"""The clothes of the old shop: the same rows every time."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from legacy_shop.garments import BRANDS, CONDITIONS, CUTS, KIDS_CATEGORIES, KIDS_SIZES, ONE_SIZE, SIZES, Cut
from legacy_shop.look import Look
from legacy_shop.people import PEOPLE, Person
from legacy_shop.treasures import TREASURES, Treasure
from legacy_shop.voices import VOICES

if TYPE_CHECKING:
    from legacy_shop.voice import Voice

COUNT = 400
ZERO_DATE = "0000-00-00 00:00:00"
_OPENED = datetime.fromisoformat("2019-03-04 08:00")
_CLOSED = datetime.fromisoformat("2024-11-20 22:00")
_VALUE = {"new with tags": 1.0, "like new": 0.85, "very good": 0.7, "good": 0.5, "worn": 0.22}
_BLENDS = {
    "wool": "polyester",
    "cotton": "polyester",
    "linen": "cotton",
    "viscose": "linen",
    "alpaca": "wool",
}


class Clothe(NamedTuple):
    """A row of `add_clothe`, in the order of its columns."""

    id: int
    name: str
    description: str | None
    price: Decimal
    size: str | None
    condition: str | None
    category: str
    brand: str | None
    colour: str | None
    image: str | None
    sold: bool
    user_id: int
    created: datetime | str | None


@cache
def clothes() -> tuple[Clothe, ...]:
    """Every row of `add_clothe`, by id."""
    dice = random.Random("the old shop's order")  # noqa: S311  chosen to repeat, not to be secret
    by_name = {person.username: person for person in PEOPLE}
    places = _places(dice, by_name)
    rows, key = [], 0
    for number in range(COUNT):
        dice = random.Random(f"clothe {number}")  # noqa: S311
        key += 1 + (dice.random() < 0.06) * dice.randint(1, 4)  # what was deleted left gaps
        moment = _moment(number + dice.random())
        treasure = places.get(number)
        if treasure is not None:
            seller = by_name[treasure.seller]
            row = _treasured(treasure, key, number, seller)
        else:
            seller = _seller(dice, moment)
            row = _ordinary(dice, key, number, seller)
        rows.append(row._replace(created=_created(dice, number, moment), sold=dice.random() < 0.18))
    return tuple(rows)


def images() -> tuple[str, ...]:
    """Every image name of the shop, in the order of the rows."""
    return tuple(row.image for row in clothes() if row.image is not None)


def _moment(number: float) -> datetime:
    return _OPENED + (_CLOSED - _OPENED) * (number / COUNT)


def _places(dice: random.Random, by_name: dict[str, Person]) -> dict[int, Treasure]:
    """Which listings are treasures: each anywhere after its seller came."""
    places: dict[int, Treasure] = {}
    for treasure in TREASURES:
        since = _joined(by_name[treasure.seller])
        places[dice.choice([n for n in range(COUNT) if _moment(n) > since and n not in places])] = treasure
    return places


def _treasured(treasure: Treasure, key: int, number: int, seller: Person) -> Clothe:
    look = Look(treasure.category, treasure.cut, treasure.colour, treasure.pattern, number)
    return Clothe(
        key, treasure.name, treasure.description, Decimal(treasure.price), treasure.size, treasure.condition,
        treasure.category, treasure.brand, treasure.colour if treasure.pictured else None,
        look.image if treasure.pictured else None, False, seller.id, None,
    )  # fmt: skip


def _ordinary(dice: random.Random, key: int, number: int, seller: Person) -> Clothe:
    kids = seller.username == "tiny_humans_only"
    category = dice.choice(KIDS_CATEGORIES if kids else tuple(CUTS))
    index = dice.randrange(len(CUTS[category]))
    cut = CUTS[category][index]
    look = Look(category, index, dice.choice(cut.colours), dice.choice(cut.patterns), number)
    brand = dice.choice(BRANDS[cut.family]) if dice.random() < 0.55 else None
    condition = dice.choices(CONDITIONS, weights=(2, 5, 8, 7, 2))[0]
    size = _size(dice, cut, kids)
    material = dice.choice(cut.materials)
    voice = VOICES[seller.language]
    family = "kids" if kids else cut.family
    return Clothe(
        key, _name(dice, voice, look, brand, size, material),
        _description(dice, voice, family, material, condition, seller.flourish),
        _price(dice, cut, condition, brand), size, condition if dice.random() < 0.98 else None,
        category, brand, look.colour, look.image, False, seller.id, None,
    )  # fmt: skip


def _seller(dice: random.Random, moment: datetime) -> Person:
    here = [person for person in PEOPLE if _joined(person) < moment]
    return dice.choices(here, weights=[person.weight for person in here])[0]


def _joined(person: Person) -> datetime:
    """When somebody came; a person without a date came with the one before."""
    return max(other.created for other in PEOPLE if other.id <= person.id and other.created is not None)


def _created(dice: random.Random, number: int, moment: datetime) -> datetime | str | None:
    if number == 0:
        return ZERO_DATE
    if dice.random() < 0.02:
        return None
    return moment.replace(microsecond=0)


def _size(dice: random.Random, cut: Cut, kids: bool) -> str | None:
    sizes = KIDS_SIZES if kids else SIZES[cut.sizes]
    return dice.choice(sizes) if sizes and dice.random() < 0.97 else None


def _price(dice: random.Random, cut: Cut, condition: str, brand: str | None) -> Decimal:
    new = cut.cheapest + (cut.dearest - cut.cheapest) * dice.random() ** (1.6 if brand else 3)
    whole = max(1, round(new * _VALUE[condition]))
    if whole > 30 and dice.random() < 0.5:
        whole = round(whole / 5) * 5
    return whole - Decimal(dice.choice(("0", "0", "0", "0.50", "0.10", "0.01"))) + Decimal("0.00")


def _name(
    dice: random.Random, voice: Voice, look: Look, brand: str | None, size: str | None, material: str
) -> str:
    usable = [
        title
        for title in voice.titles
        if (brand or "{brand}" not in title) and (size not in (None, ONE_SIZE) or "{size}" not in title)
    ]  # fmt: skip
    words = {
        "noun": voice.nouns[look.category][look.cut],
        "colour": voice.colours[look.colour],
        "look": _look_in_words(voice, look),
        "brand": brand,
        "size": size,
        "material": voice.materials[material],
    }
    name = dice.choice(usable).format(**words)
    return name[0].upper() + name[1:]


def _look_in_words(voice: Voice, look: Look) -> str:
    colour = voice.colours[look.colour]
    if look.pattern == "plain":
        return colour
    return f"{colour}{voice.comma}{voice.patterns[look.pattern]}"


def _description(
    dice: random.Random, voice: Voice, family: str, material: str, condition: str, flourish: str
) -> str | None:
    if dice.random() < 0.03:
        return None
    unworn = condition == "new with tags"
    details = voice.details[family] + (() if unworn else voice.traces.get(family, ()))
    told = dice.sample(details, min(len(details), dice.choice((1, 2, 2, 3))))
    sentences = [dice.choice(voice.conditions[condition]), *told]
    dice.shuffle(sentences)
    if not unworn:
        sentences.insert(0, dice.choice(voice.stories))
    if dice.random() < 0.4:
        sentences.append(_composition(dice, voice, material))
    text = voice.space.join(sentence for sentence in sentences if sentence)
    closing = dice.choice(voice.closings)
    if closing:
        text += dice.choice((voice.space, "\n", "\n\n")) + closing
    return f"{text} {flourish}" if flourish and dice.random() < 0.6 else text


def _composition(dice: random.Random, voice: Voice, material: str) -> str:
    words = {"material": voice.materials[material]}
    other = _BLENDS.get(material)
    if other is None or dice.random() < 0.3:
        return voice.blend.format(**words)
    share = dice.choice((55, 60, 70, 80, 85, 95))
    return voice.composition.format(share=share, rest=100 - share, other=voice.materials[other], **words)

"""What can be for sale: each category's cuts, with the cloth, sizes and prices that belong to them."""

from __future__ import annotations

from typing import NamedTuple

CONDITIONS = ("new with tags", "like new", "very good", "good", "worn")

COLOURS = (
    "black", "white", "cream", "sand", "camel", "brown", "rust", "orange", "mustard", "olive", "sage", "green",
    "teal", "sky", "blue", "navy", "lilac", "plum", "pink", "red", "burgundy", "grey", "charcoal",
)  # fmt: skip

PATTERNS = (
    "plain", "stripes", "pinstripes", "dots", "checks", "tartan", "herringbone", "houndstooth", "floral", "leaves",
    "colourblock", "fairisle", "argyle",
)  # fmt: skip

_WOVEN = ("plain", "plain", "stripes", "checks", "dots", "floral", "leaves")
_COATING = ("plain", "plain", "plain", "herringbone", "checks", "houndstooth", "tartan")
_KNIT = ("plain", "plain", "stripes", "colourblock", "fairisle", "argyle")
_JERSEY = ("plain", "plain", "stripes", "stripes", "dots", "colourblock", "leaves")
_SUITING = ("plain", "plain", "plain", "pinstripes", "checks", "herringbone", "houndstooth")
_FLOWING = ("plain", "floral", "floral", "dots", "leaves", "stripes", "checks")
_PLAIN = ("plain",)
_DENIM_COLOURS = ("blue", "navy", "sky", "black", "grey", "cream")
_LEATHER_COLOURS = ("black", "brown", "camel", "burgundy", "sand", "navy", "olive", "rust")


class Cut(NamedTuple):
    """One silhouette of a category: what it is made of, how it is sized, what it costs when nearly new (in euro)."""

    family: str
    materials: tuple[str, ...]
    sizes: str
    cheapest: int
    dearest: int
    patterns: tuple[str, ...] = _PLAIN
    colours: tuple[str, ...] = COLOURS


CUTS: dict[str, tuple[Cut, ...]] = {
    "coat": (
        Cut("outer", ("wool", "cashmere"), "dress", 60, 320, _COATING),
        Cut("outer", ("cotton",), "dress", 45, 180, _PLAIN, ("sand", "camel", "navy", "olive", "black", "cream", "sage", "rust")),
        Cut("outer", ("wool",), "letters", 50, 210, ("plain", "plain", "checks", "tartan", "herringbone")),
        Cut("outer", ("down",), "letters", 35, 160, ("plain", "plain", "colourblock")),
    ),
    "jacket": (
        Cut("outer", ("denim",), "letters", 20, 75, _PLAIN, _DENIM_COLOURS),
        Cut("outer", ("polyester", "cotton"), "letters", 22, 90, ("plain", "plain", "colourblock", "leaves")),
        Cut("outer", ("wool", "linen"), "dress", 30, 170, _SUITING),
        Cut("outer", ("leather",), "letters", 55, 260, _PLAIN, _LEATHER_COLOURS),
    ),
    "dress": (
        Cut("dress", ("cotton", "viscose", "linen"), "dress", 14, 70, _FLOWING),
        Cut("dress", ("cotton", "linen"), "dress", 18, 80, _WOVEN),
        Cut("dress", ("viscose", "silk"), "dress", 20, 120, _FLOWING),
        Cut("dress", ("silk", "polyester"), "dress", 35, 240, ("plain", "plain", "floral", "dots")),
    ),
    "shirt": (
        Cut("top", ("cotton", "linen"), "letters", 10, 60, ("plain", "stripes", "stripes", "checks", "tartan", "dots")),
        Cut("top", ("viscose", "cotton", "linen"), "letters", 9, 45, ("leaves", "floral", "plain", "stripes", "dots")),
        Cut("top", ("silk", "viscose"), "dress", 12, 80, _FLOWING),
    ),
    "t-shirt": (
        Cut("top", ("cotton",), "letters", 3, 22, _JERSEY),
        Cut("top", ("cotton", "linen"), "letters", 4, 24, _JERSEY),
        Cut("top", ("cotton",), "letters", 6, 28, ("stripes", "stripes", "plain", "colourblock")),
    ),
    "jumper": (
        Cut("knit", ("wool", "cotton", "alpaca"), "letters", 14, 95, _KNIT),
        Cut("knit", ("wool", "cashmere"), "letters", 18, 140, ("plain", "plain", "stripes", "colourblock")),
        Cut("top", ("cotton",), "letters", 10, 50, ("plain", "plain", "colourblock", "stripes")),
    ),
    "cardigan": (
        Cut("knit", ("wool", "alpaca", "cotton"), "letters", 15, 90, _KNIT),
        Cut("knit", ("wool", "cashmere"), "letters", 20, 120, ("plain", "plain", "stripes")),
    ),
    "waistcoat": (
        Cut("top", ("wool", "linen"), "letters", 12, 60, _SUITING),
        Cut("knit", ("wool", "cotton"), "letters", 12, 55, ("argyle", "fairisle", "plain", "stripes")),
    ),
    "trousers": (
        Cut("legs", ("cotton",), "waist", 12, 60, ("plain", "plain", "plain", "checks")),
        Cut("legs", ("linen", "wool"), "dress", 15, 85, ("plain", "pinstripes", "plain", "herringbone")),
        Cut("legs", ("wool",), "dress", 18, 95, _SUITING),
    ),
    "jeans": (
        Cut("legs", ("denim",), "waist", 12, 70, _PLAIN, _DENIM_COLOURS),
        Cut("legs", ("denim",), "waist", 15, 75, _PLAIN, _DENIM_COLOURS),
        Cut("legs", ("denim",), "waist", 10, 55, _PLAIN, _DENIM_COLOURS),
    ),
    "shorts": (
        Cut("legs", ("cotton", "linen"), "waist", 6, 32, ("plain", "plain", "stripes", "checks", "leaves")),
    ),
    "skirt": (
        Cut("dress", ("cotton", "wool"), "dress", 10, 50, ("plain", "checks", "tartan", "dots", "floral", "houndstooth")),
        Cut("dress", ("polyester", "viscose"), "dress", 14, 65, ("plain", "tartan", "plain", "dots")),
        Cut("dress", ("wool", "leather"), "dress", 14, 75, ("plain", "herringbone", "pinstripes", "houndstooth")),
    ),
    "shoes": (
        Cut("feet", ("canvas", "leather"), "feet", 15, 75, ("plain", "plain", "colourblock")),
        Cut("feet", ("leather", "suede"), "feet", 25, 140, _PLAIN, _LEATHER_COLOURS),
        Cut("feet", ("leather", "suede"), "feet", 20, 160, _PLAIN),
    ),
    "boots": (
        Cut("feet", ("leather", "suede"), "feet", 30, 160, _PLAIN, _LEATHER_COLOURS),
        Cut("feet", ("leather", "suede"), "feet", 30, 150, _PLAIN, _LEATHER_COLOURS),
        Cut("feet", ("rubber",), "feet", 12, 50, ("plain", "plain", "dots"), ("green", "navy", "mustard", "red", "olive", "teal")),
    ),
    "bag": (
        Cut("bag", ("canvas", "cotton"), "none", 5, 35, ("plain", "stripes", "floral", "leaves", "colourblock", "checks")),
        Cut("bag", ("leather",), "none", 30, 280, _PLAIN, _LEATHER_COLOURS),
        Cut("bag", ("canvas", "polyester"), "none", 15, 80, ("plain", "plain", "colourblock", "leaves")),
    ),
    "hat": (
        Cut("accessory", ("wool", "alpaca"), "one", 5, 30, _KNIT),
        Cut("accessory", ("felt", "straw"), "head", 15, 85, _PLAIN, ("camel", "black", "brown", "grey", "sand", "burgundy", "olive", "navy", "cream")),
        Cut("accessory", ("cotton", "wool"), "one", 6, 28, ("plain", "plain", "checks", "herringbone", "colourblock")),
    ),
    "scarf": (
        Cut("accessory", ("wool", "cashmere", "alpaca"), "one", 8, 75, ("tartan", "stripes", "checks", "plain", "herringbone", "colourblock")),
        Cut("accessory", ("silk", "viscose"), "one", 8, 90, ("floral", "dots", "leaves", "stripes", "plain")),
    ),
    "gloves": (Cut("accessory", ("wool", "cashmere"), "hand", 6, 35, ("plain", "fairisle", "stripes", "plain")),),
}  # fmt: skip

ONE_SIZE = "one size"

SIZES: dict[str, tuple[str, ...]] = {
    "letters": ("XS", "S", "S", "M", "M", "M", "L", "L", "L", "XL", "XXL"),
    "dress": ("EU 34", "EU 36", "EU 36", "EU 38", "EU 38", "EU 40", "EU 40", "EU 42", "EU 44", "EU 46"),
    "waist": ("W26 L30", "W28 L30", "W28 L32", "W30 L32", "W30 L34", "W31 L32", "W32 L32", "W33 L34", "W34 L34", "W36 L34"),
    "feet": ("36", "37", "37.5", "38", "38.5", "39", "40", "41", "42", "42.5", "43", "44", "45", "46"),
    "head": ("55", "56", "57", "58", "59"),
    "hand": ("S", "M", "L", "7", "7½", "8"),
    "one": (ONE_SIZE,),
    "none": (),
}  # fmt: skip

KIDS_SIZES = ("kids 92", "kids 104", "kids 116", "kids 128", "kids 140", "kids 152")
KIDS_CATEGORIES = ("coat", "t-shirt", "jumper", "jeans", "dress", "shorts", "cardigan")

BRANDS: dict[str, tuple[str, ...]] = {
    "outer": ("Harrow & Finch", "Lindqvist Ull", "Saltmarsh", "Krämer & Söhne", "Atelier Colombe", "Northgale Outfitters"),
    "dress": ("Tamsin Grey", "Maison Perdrix", "Casa Albaricoque", "Wren & Thistle", "Ludovica Serra", "Kumo to Ito"),
    "top": ("Oxbow Lane", "Tkalnia 12", "Sarto Minore", "Bellwether Shirtings", "Drei Linden", "O'Hanlon & Daughters"),
    "knit": ("Ærø Strik", "Kestrel Mills", "O'Hanlon & Daughters", "Pecora Lenta", "Lindqvist Ull", "Fair Skerry"),
    "legs": ("Ostrava Denim Works", "Blue Ferry", "Hollin & Rigg", "Selvage Sisters", "Drei Linden", "Vila do Mar"),
    "feet": ("Calzaturificio Brenta", "Tanner's Row", "Pico Pasos", "Marchwell", "Kaminski Obuwie"),
    "bag": ("Borsetta Nera", "Tanner's Row", "Cartable & Cie", "Saltmarsh", "Ikigawa Canvas"),
    "accessory": ("Kestrel Mills", "Chapeau Lenoir", "Fair Skerry", "Ærø Strik", "Seta Comasca"),
}  # fmt: skip

"""The words that a garment is described with. The old shop's items may say others; those are shown as they are."""

FIELDS = ("title", "description", "price", "category", "size", "brand", "condition", "colour")
CATEGORIES = (
    "coat", "jacket", "dress", "shirt", "t-shirt", "jumper", "cardigan", "waistcoat", "trousers", "jeans",
    "shorts", "skirt", "shoes", "boots", "bag", "hat", "scarf", "gloves",
)  # fmt: skip
CONDITIONS = ("new with tags", "like new", "very good", "good", "worn")
COLOURS = (
    "black", "white", "cream", "sand", "camel", "brown", "rust", "orange", "mustard", "olive", "sage", "green",
    "teal", "sky", "blue", "navy", "lilac", "plum", "pink", "red", "burgundy", "grey", "charcoal",
)  # fmt: skip
CHOICES = {"category": CATEGORIES, "condition": CONDITIONS, "colour": (*COLOURS, "")}
SIZES = {
    "Letters": ("XS", "S", "M", "L", "XL", "XXL", "one size"),
    "European": ("EU 34", "EU 36", "EU 38", "EU 40", "EU 42", "EU 44", "EU 46"),
    "Shoes": ("36", "37", "38", "39", "40", "41", "42", "43", "44", "45"),
    "Waist and length": ("W26 L30", "W28 L30", "W28 L32", "W30 L32", "W32 L32", "W34 L34", "W36 L34"),
    "Children": ("kids 92", "kids 104", "kids 116", "kids 128", "kids 140", "kids 152"),
}

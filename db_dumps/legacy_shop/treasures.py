"""Listings with a story of their own, written by hand: the dearest, the cheapest and the oddest of the shop."""

from __future__ import annotations

from typing import NamedTuple


class Treasure(NamedTuple):
    """A listing as its seller typed it; cut is the index in garments.CUTS[category]."""

    seller: str
    category: str
    cut: int
    colour: str
    pattern: str
    price: str
    condition: str | None
    size: str | None
    brand: str | None
    name: str
    description: str | None
    pictured: bool = True


TREASURES = (
    Treasure(
        "BettyBuysVintage", "coat", 0, "camel", "plain", "4999.00", "very good", "EU 38", "Maison Perdrix",
        "Maison Perdrix couture coat, winter 1961, hand-finished",
        "The one I swore I would never sell. Double-faced cashmere, every buttonhole worked by hand, silk lining "
        "with the atelier's number stamped inside (No. 0417).\n\nProvenance: bought in Paris by a dancer, left to her "
        "dresser, left to me. Comes with the original box & a photograph of her wearing it in the rain.\n\n"
        "Price is firm; it is insured for more than my car.",
    ),
    Treasure(
        "demo", "scarf", 0, "mustard", "stripes", "0.00", "worn", "one size", None,
        "FREE scarf, just come and get it",
        "Free to whoever is cold. It has been to four football matches and won none of them.",
    ),
    Treasure(
        "A&B wardrobe", "t-shirt", 0, "white", "plain", "0.50", "worn", "L", None,
        "Plain white tee for dyeing / cleaning / whatever",
        "50p. It is a T-shirt. <b>It is white.</b> Mostly.",
    ),
    Treasure(
        "ada", "jumper", 0, "navy", "fairisle", "64.00", "like new", "M", "Fair Skerry",
        "Fair Isle jumper with 0 mistakes (I counted: 0)",
        "Knitted from a punched card of my own. 24 rows to the repeat; the pattern is\n"
        "  k2, p2, *k1 navy, k3 cream*, k1;\n"
        "repeat from * to * until it looks like snow.\n100% wool, 0% mistakes, \\o/",
    ),
    Treasure(
        "ada", "cardigan", 0, "plum", "argyle", "38.50", "very good", "S", None,
        "The \"Analytical\" cardigan",
        "Buttons go on the left, holes on the right; swap(left, right) if you prefer. Elbows darned in 2023 -- "
        "you cannot see where unless I tell you.",
    ),
    Treasure(
        "demo", "jacket", 0, "blue", "plain", "25.00", "good", "M", "Blue Ferry",
        "Denim jacket, 90s, \"borrowed\" from my brother",
        "He says I can't sell it; he also said that he'd be back for it in '98.\nPhotos are in C:\\pictures\\new\\jacket "
        "if anybody wants more of them.",
    ),
    Treasure(
        "jo'burg_jo", "dress", 0, "orange", "leaves", "32.00", "very good", "EU 40", "O'Hanlon & Daughters",
        "Sun dress that isn't afraid of colour 🌞🦒",
        "Didn't fit my sister, doesn't fit me, it's yours. Looks like a Sunday in Jo'burg 🇿🇦. Family bundle "
        "possible 👩‍👩‍👧‍👦 (4 sizes!).",
    ),
    Treasure(
        "walkin.closet", "shoes", 2, "red", "plain", "189.90", "new with tags", "38.5", "Calzaturificio Brenta",
        "BRAND NEW red heels!!! 50% off!!! 🔥👠🔥",
        "Retail 379.80 => yours for 189.90, that's -50%. Not 49%, not 51%. _Never_ worn outside, see soles.",
    ),
    Treasure(
        "walkin.closet", "bag", 1, "black", "plain", "1450.00", "like new", None, "Borsetta Nera",
        "Borsetta Nera flap bag, full set: box, dust bag, card",
        "Serial no. BN\\2019\\00731. Full set, no scratches, no smell. No offers under 1,400 please; no \"is this real\" "
        "either: it is, I have the receipt & you may bring your own expert.",
    ),
    Treasure(
        "kieran-oshea", "jumper", 0, "cream", "plain", "55.00", "good", "XL", "O'Hanlon & Daughters",
        "Fisherman's jumper, Kieran O'Shea's, it's grand",
        "'Twas my da's, and it's been to sea. Smells o' nothing now (I've had it out in the wind for a week). There's a "
        "pull at the cuff where a gannet had an opinion.",
    ),
    Treasure(
        "norah_knits", "gloves", 0, "teal", "fairisle", "14.00", "new with tags", "M", None,
        "Hand-knitted gloves, pair 41 of 50",
        "One pair a week until I run out of wool.\n\n1) wash cold;\n2) dry flat;\n3) lose only one of them.",
    ),
    Treasure(
        "norah_knits", "hat", 0, "pink", "stripes", "9.00", "like new", "one size", None,
        "Bobble hat, bobble sold separately (no it isn't)", "The bobble is firmly attached. 🧶🧶🧶",
    ),
    Treasure(
        "tiny_humans_only", "coat", 2, "red", "plain", "24.00", "good", "kids 104", "Ratoncito y Osa",
        "Kids' duffle coat, 104, a bear could not be cosier",
        "Two winters, two kids. Name tag inside says \"Ravi\", easily unpicked.\tToggle 3 was chewed (by Ravi).",
    ),
    Treasure(
        "tiny_humans_only", "boots", 2, "mustard", "plain", "7.50", "good", "28", None,
        "Puddle boots size 28; puddles not included", "Left a bit more splashed than right. 0-1 puddles/day for a year.",
    ),
    Treasure(
        "old_tom", "trousers", 2, "brown", "herringbone", "40.00", None, "W36 L34", None,
        "TROUSERS GOOD ONES", "MY WIFE SAYS THE CAPITALS ARE ON. TWEED. WARM. NO HOLES. TEL. AFTER 6",
    ),
    Treasure(
        "old_tom", "hat", 2, "grey", "herringbone", "12.00", "good", "one size", None, "HAT", None,
    ),
    Treasure(
        "wool_and_whiskey", "skirt", 1, "green", "tartan", "85.00", "very good", "EU 42", "Kestrel Mills",
        "Not a kilt. A pleated skirt. (All right, nearly a kilt)",
        "8 yards, knife pleats, 100% worsted. Pleated to the sett; the apron side has one invisible mend. My granny "
        "said \"there's no bad weather, only the wrong wool\" & she was right.",
    ),
    Treasure(
        "wool_and_whiskey", "waistcoat", 0, "olive", "checks", "45.00", "very good", "L", "Harrow & Finch",
        "Tweed waistcoat; smells of peat; that's not a fault", "Horn buttons (6/6). Back adjuster works; so does the tiny pocket.",
    ),
    Treasure(
        "A&B wardrobe", "skirt", 0, "lilac", "dots", "11.00", "very good", "EU 36", None,
        "<3 dotty skirt <3 A & B's favourite",
        "We <3 this skirt && we both wore it; size A < size B, so it's got an elastic back. Condition: 8/10 > most of ours.",
    ),
    Treasure(
        "Solène", "coat", 1, "sand", "plain", "95.00", "very good", "EU 36", "Atelier Colombe",
        "Le trench de l'inspectrice – « élémentaire »",
        "Cœur sur lui : coupe parfaite, ceinture d'origine, œillets en laiton. Où l'ai-je porté ? À Noël, à Brest, "
        "sous la pluie… il n'a rien senti. Doublure déjà reprise à l'aisselle (1 cm).",
    ),
    Treasure(
        "mathieu.d", "shoes", 1, "burgundy", "plain", "120.00", "like new", "43", "Cartable & Cie",
        "Mocassins glacés, patine maison", "Cirage « à la parisienne » : 3 couches, 2 soirées, 1 verre d'eau glacée.",
    ),
    Treasure(
        "jürgen_h", "jacket", 3, "brown", "plain", "175.00", "good", "XL", "Krämer & Söhne",
        "Lederjacke, Größe XL, \"fährt\" auch ohne Motorrad",
        "Mit ihr 40.000 km gefahren: Füssen → Flensburg → zurück. Schürfstelle am rechten Ärmel (50 % davon Charakter). "
        "Straßenpreis; kein Ölfleck. Schöne Grüße, Jürgen",
    ),
    Treasure(
        "Fräulein Lenz", "dress", 3, "burgundy", "plain", "640.00", "very good", "EU 38", "Atelier Colombe",
        "Bodenlanges Abendkleid aus Seide, getragen zur Eröffnung der Spielzeit",
        "Schräg geschnitten, Rücken frei, Saum handrolliert. Größe 38, für 1,75 m mit Absatz gekürzt. Wer »Tosca« "
        "darin hören möchte: Es rauscht nicht.",
    ),
    Treasure(
        "lucía_ropa", "dress", 2, "red", "dots", "48.00", "like new", "EU 38", "Casa Albaricoque",
        "¡Vestido de lunares para la feria! 💃",
        "¿Lunares? ¡Lunares! Lo llevé dos días a la Feria de Abril; ni una mancha de rebujito. Añado el mantoncillo si "
        "lo quieres para mañana, que aquí el mañana es mañana.",
    ),
    Treasure(
        "rubén 2ª mano", "boots", 0, "camel", "plain", "52.00", "good", "44", "Pico Pasos",
        "Botas del nº 44, 800 km de Camino", "Roncesvalles → Santiago, 31 días, 0 ampollas*.\n\n* bueno, 2.",
    ),
    Treasure(
        "Giulia B.", "scarf", 1, "sky", "floral", "34.00", "like new", "one size", "Seta Comasca",
        "Foulard di seta di Como, perché no?",
        "Città sul lago, nonna con le idee chiare, orlo arrotolato a mano. È così leggero che se n'è già volato via una "
        "volta (ritrovato: grazie, signora del 3º piano).",
    ),
    Treasure(
        "zofia_szafa", "dress", 1, "teal", "floral", "39.00", "very good", "EU 36", "Tkalnia 12",
        "Sukienka „zażółć gęślą jaźń” w kwiaty",
        "Szyta na miarę w Łodzi. Źdźbła trawy, jaśmin, ćmy: wzór jak z ogrodu prababci. Guziki z masy perłowej, "
        "jeden wymieniony.",
    ),
    Treasure(
        "はるか", "jacket", 2, "navy", "plain", "88.00", "very good", "EU 38", "Kumo to Ito",
        "藍染めのジャケット(手縫い)",
        "京都の古着市で見つけました。藍が少しずつ育っています。\n\n・着丈 64cm\n・肩幅 41cm\n・内ポケットあり\n\n写真と実物の色は"
        "若干異なる場合があります🙇‍♀️",
    ),
    Treasure(
        "سلمى", "dress", 3, "green", "plain", "210.00", "very good", "EU 40", "Ludovica Serra",
        "فستان سهرة حرير، بتطريز يدوي",
        "لبسته في عرس أختي فقط 💚. الطول 145 سم (مع كعب). التطريز على الصدر يدوي بالكامل؛ خرزة واحدة مفقودة قرب السحاب "
        "ولا تُرى. السعر قابل للتفاوض حتى 5٪.",
    ),
    Treasure(
        "ελένη", "bag", 0, "white", "stripes", "18.00", "very good", None, None,
        "Υφαντή τσάντα από αργαλειό, Κρήτη", "Την ύφανε η γιαγιά μου το 1974· αντέχει 15 κιλά πορτοκάλια (τα μέτρησα). 🍊",
    ),
    Treasure(
        "inês_m", "hat", 1, "sand", "plain", "22.00", "good", "57", None,
        "Chapéu de palha que já viu o mar", "Não é só um chapéu: é Agosto inteiro. Aba com uma dobra; endireita-se com vapor.",
    ),
    Treasure(
        "paolo_sartoria", "coat", 0, "charcoal", "herringbone", "780.00", "new with tags", "EU 46", "Sarto Minore",
        "Cappotto su misura mai ritirato dal cliente",
        "Tela intera, 70 ore di lavoro. Il cliente è sparito: la caparra l'ha lasciata, il cappotto pure. Spalla "
        "\"a camicia\"; fodera in bemberg. Si può ancora allungare di 4 cm.",
    ),
    Treasure(
        "annika", "boots", 1, "black", "plain", "59.00", "very good", "39", None,
        "Chelsea-Boots (vegan, ehrlich & bequem)", "Nähte dicht, Profil 90 %. Größe 39 fällt aus wie 38½. Füße: froh. 🥾",
    ),
    Treasure(
        "camille", "jumper", 2, "sage", "plain", "19.90", "good", "M", None,
        "Sweat à capuche « grasse mat' »", "Testé et approuvé : canapé, marché du dimanche, canapé.",
    ),
    Treasure(
        "margit", "coat", 3, "olive", "plain", "70.00", "very good", "L", "Northgale Outfitters",
        "Daunenmantel, wärmer als jede Diskussion im Treppenhaus: Kapuze, Zweiwegereißverschluss und sieben Taschen (wirklich: 7)",
        "Länge 104 cm. Gewaschen mit Tennisbällen, seitdem wieder fluffig.",
    ),
    Treasure(
        "d_marsh", "jeans", 0, "blue", "plain", "15.00", "good", "W34 L34", None,
        "jeans", None, pictured=False,
    ),
    Treasure(
        "d_marsh", "trousers", 0, "olive", "plain", "10.00", "worn", None, None,
        "trousers (olive?)", "", pictured=False,
    ),
)  # fmt: skip

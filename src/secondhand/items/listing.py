"""The form in which a garment is described, from the request to the database; it loses nothing on the way."""

import asyncio
import secrets
from dataclasses import astuple, dataclass, field, replace

from itsdangerous import BadSignature
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from secondhand import images, money, pages
from secondhand.database import Connection, Database, UnavailableError
from secondhand.items import queries, vocabulary
from secondhand.items.queries import Item, Photo
from secondhand.shop import Shop
from secondhand.storage import Storage, StorageError
from secondhand.workers import BusyError

MOST_PHOTOS = 8
LONGEST = {"title": 80, "description": 4000, "size": 40, "brand": 40}
BOUGHT = "Somebody has bought it, and what was bought stays as it is."
GONE = "A photo was uploaded too long ago and is gone. What you wrote is still here: upload it anew."
NO_STORAGE = "Photos cannot be stored now. What you wrote is still here: try again in a minute."


@dataclass(frozen=True, slots=True)
class Listing:
    """What the form holds: texts as they were typed, photos that are stored already, and what is wrong by field."""

    title: str = ""
    description: str = ""
    price: str = ""
    category: str = ""
    size: str = ""
    brand: str = ""
    condition: str = ""
    colour: str = ""
    photos: tuple[Photo, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_item(cls, item: Item) -> "Listing":
        texts = {name: getattr(item, name) for name in vocabulary.FIELDS}
        return cls(**{**texts, "price": money.typed(item.price)}, photos=item.photos)

    def checked(self, before: Item | None = None) -> "Listing":
        """The same with its errors.

        Words from outside the vocabulary pass when the item had them `before`.
        """
        errors = dict(self.errors)
        if sum(map(str.isprintable, self.title)) < 3:  # joiners and marks of direction are not seen
            errors["title"] = "Give it a title of at least 3 characters."
        for name, most in LONGEST.items():
            if len(getattr(self, name)) > max(most, len(getattr(before, name, ""))):
                errors[name] = f"Keep it to {most} characters."
        cents = money.read(self.price)
        if cents is None or (not 0 < cents <= money.MOST and cents != getattr(before, "price", None)):
            errors["price"] = "Write a price in euro, like 24 or 24.50."
        for name, words in vocabulary.CHOICES.items():
            if getattr(self, name) not in (*words, getattr(before, name, words[0])):
                errors[name] = f"Choose a {name} from the list."
        if not self.photos and (before is None or before.photos):
            errors.setdefault("photos", "Add at least one photo.")
        return replace(self, errors=errors)

    def moved(self, key: str, step: int) -> "Listing":
        """The photo `key` changes places with its neighbour, or goes when `step` is 0."""
        photos = list(self.photos)
        place = next((place for place, photo in enumerate(photos) if photo.key == key), None)
        if place is not None and step == 0:
            del photos[place]
        elif place is not None and 0 <= place + step < len(photos):
            photos.insert(place + step, photos.pop(place))
        return replace(self, photos=tuple(photos))


class PhotosGoneError(Exception):
    """Photos were deleted before an item had them; the argument is the listing without them."""


async def read(shop: Shop, form: FormData, member_id: int) -> Listing:
    """The listing that a form holds, with its new photos stored."""
    texts = {name: pages.field(form, name) for name in vocabulary.FIELDS}
    kept: dict[str, Photo] = {}
    for token in form.getlist("photo"):
        try:
            owner, *photo = shop.photos.loads(str(token))
        except BadSignature:
            continue
        if owner == member_id:
            kept[photo[0]] = Photo(photo[0], photo[1], photo[2], tuple(photo[3]))
    errors: dict[str, str] = {}
    for upload in form.getlist("files"):
        if not isinstance(upload, UploadFile) or not upload.size:
            continue
        if len(kept) >= MOST_PHOTOS:
            errors["photos"] = f"An item has up to {MOST_PHOTOS} photos; the others were left out."
            break
        try:
            picture = await images.accept(await upload.read(images.MOST_BYTES + 1))
            stored = await store(shop.database, shop.storage, picture)
        except images.PictureError as error:
            errors["photos"] = str(error)
        except (BusyError, StorageError, UnavailableError):
            errors["photos"] = NO_STORAGE
            break
        else:
            kept[stored.key] = stored
    return Listing(**texts, photos=tuple(kept.values())[:MOST_PHOTOS], errors=errors)


async def store(database: Database, storage: Storage, picture: images.Picture) -> Photo:
    """Put every rendition into the storage.

    Unless the photo is saved with an item within a day, they are deleted.

    Raises StorageError, UnavailableError.
    """
    key = secrets.token_hex(16)
    async with database.connection() as db:
        await db.execute(queries.ANNOUNCE_PICTURE, key, picture.widths)
    await asyncio.gather(*(storage.put(f"{key}-{name}", file) for name, file in picture.files.items()))
    return Photo(key, picture.width, picture.height, picture.widths)


def token(shop: Shop, member_id: int, photo: Photo) -> str:
    """What the form keeps of a stored photo: only this member can use it, and nobody can make one up."""
    return str(shop.photos.dumps([member_id, *astuple(photo)]))


async def save(db: Connection, seller_id: int, listing: Listing, item_id: int | None) -> int:
    """Write a checked listing, as a new item or over one's own, inside the caller's transaction.

    The item's id. Raises 409 when it was bought, PhotosGoneError.
    """
    values = [getattr(listing, name) for name in vocabulary.FIELDS]
    values[2] = money.read(listing.price)
    if item_id is None:
        item_id = await db.fetchval(queries.ADD, seller_id, *values)
    elif await db.fetchval(queries.CHANGE, seller_id, item_id, *values) is None:
        raise HTTPException(409, BOUGHT)
    keys = [photo.key for photo in listing.photos]
    await db.execute(queries.DROP_PHOTOS, item_id, keys)
    there = {row["key"] for row in await db.fetch(queries.PHOTO_KEYS, item_id)}
    there |= {row["key"] for row in await db.fetch(queries.KEEP_PICTURES, keys)}
    if not there.issuperset(keys):
        left = tuple(photo for photo in listing.photos if photo.key in there)
        raise PhotosGoneError(replace(listing, photos=left, errors={"photos": GONE}))
    for position, photo in enumerate(listing.photos):
        await db.execute(queries.PLACE_PHOTO, item_id, position, *astuple(photo))
    return item_id

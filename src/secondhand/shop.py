"""What the pages of one running shop share."""

from dataclasses import dataclass

from itsdangerous import URLSafeSerializer
from starlette.requests import Request

from secondhand.database import Database
from secondhand.housekeeping import Housekeeper
from secondhand.security.sessions import Sessions
from secondhand.settings import Settings
from secondhand.storage import Storage


@dataclass(frozen=True, slots=True)
class Shop:
    """One per process, made at start-up.

    `photos` signs what a form knows of photos that were uploaded with it.
    """

    settings: Settings
    database: Database
    storage: Storage
    sessions: Sessions
    housekeeper: Housekeeper
    photos: URLSafeSerializer


def shop(request: Request) -> Shop:
    found = request.app.state.shop
    assert isinstance(found, Shop)
    return found

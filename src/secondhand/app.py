"""The shop as an ASGI application: routes, middleware, error pages, and what lives as long as it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.convertors import register_url_convertor
from starlette.middleware import Middleware
from starlette.routing import Route

from secondhand import assets, errors, health, pictures, seo
from secondhand.accounts import pages as accounts
from secondhand.accounts.export import export
from secondhand.credentials import Credentials
from secondhand.database import Database
from secondhand.housekeeping import Housekeeper
from secondhand.items import pages as items
from secondhand.limits import IdConvertor, limit_bodies
from secondhand.logs import log_requests
from secondhand.mail import open_mailer
from secondhand.messages import pages as messages
from secondhand.moderation import pages as moderation
from secondhand.pages import Endpoint
from secondhand.security.headers import add_headers
from secondhand.security.origin import check_origins
from secondhand.security.sessions import Sessions
from secondhand.security.signatures import signer
from secondhand.settings import Settings
from secondhand.shop import Shop
from secondhand.storage import open_storage

register_url_convertor("id", IdConvertor())


def _form(path: str, show: Endpoint, take: Endpoint) -> tuple[Route, Route]:
    return Route(path, show), Route(path, take, methods=["POST"])


ROUTES = [
    Route("/", items.browse),
    *_form("/items/new", items.sell, items.save),
    Route("/items/{id:id}", items.show),
    Route("/items/{id:id}/photo.jpg", items.photo),
    *_form("/items/{id:id}/edit", items.edit, items.save),
    Route("/items/{id:id}/state", items.change_state, methods=["POST"]),
    *_form("/items/{id:id}/delete", items.confirm_delete, items.delete),
    *_form("/items/{id:id}/buy", items.confirm_buy, items.buy),
    Route("/items/{id:id}/like", items.like, methods=["POST"]),
    *_form("/items/{id:id}/report", moderation.report_form, moderation.report),
    *_form("/items/{id:id}/messages/{other:id}", messages.conversation, messages.write),
    Route("/messages", messages.inbox),
    Route("/favourites", items.favourites),
    Route("/closet", items.closet),
    Route("/sellers/{id:id}", items.seller),
    Route("/moderation", moderation.queue),
    Route("/moderation/{id:id}", moderation.decide, methods=["POST"]),
    Route("/items/{id:id}/restore", moderation.restore, methods=["POST"]),
    *_form("/log-in", accounts.log_in_form, accounts.log_in),
    Route("/log-out", accounts.log_out, methods=["POST"]),
    *_form("/sign-up", accounts.sign_up_form, accounts.sign_up),
    Route("/confirm/{token}", accounts.confirm),
    *_form("/forgot", accounts.forgot_form, accounts.forgot),
    *_form("/reset/{token}", accounts.reset_form, accounts.reset),
    Route("/account", accounts.account),
    Route("/account/about", accounts.change_about, methods=["POST"]),
    Route("/account/email", accounts.change_email, methods=["POST"]),
    Route("/account/password", accounts.change_password, methods=["POST"]),
    Route("/account/sessions", accounts.end_sessions, methods=["POST"]),
    Route("/account/export", export),
    Route("/account/delete", accounts.delete, methods=["POST"]),
    Route("/pictures/{token}", pictures.picture),
    Route("/static/{name}", assets.asset),
    Route("/robots.txt", seo.robots),
    Route("/sitemap.xml", seo.sitemap),
    Route("/health/live", health.live),
    Route("/health/ready", health.ready),
]


def create_app(settings: Settings) -> Starlette:
    """The application. It reaches for the database and the storage when it starts, not before."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = Database(settings.database_url, Credentials(settings.database_secret))
        async with database, open_storage(settings) as storage:
            housekeeper = Housekeeper(database, storage, open_mailer(settings))
            photos = signer(settings.secret_keys, "photo")
            app.state.shop = Shop(settings, database, storage, Sessions(settings), housekeeper, photos)
            async with housekeeper.running():
                yield

    middleware = [
        Middleware(add_headers, settings=settings),
        Middleware(log_requests),
        Middleware(check_origins, settings=settings),
        Middleware(limit_bodies),
    ]
    app = Starlette(
        routes=ROUTES, middleware=middleware, exception_handlers=errors.HANDLERS, lifespan=lifespan
    )
    app.state.draining = False
    return app

"""The shop as an ASGI application: routes, middleware, error pages, and what lives as long as it runs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.convertors import register_url_convertor
from starlette.middleware import Middleware
from starlette.routing import Route

from secondhand import errors, health, pages, pictures, seo
from secondhand.accounts import pages as accounts
from secondhand.accounts.export import export
from secondhand.credentials import Credentials
from secondhand.database import Database
from secondhand.housekeeping import Housekeeper
from secondhand.items import pages as items
from secondhand.limits import BodyLimitMiddleware, IdConvertor
from secondhand.logs import LogMiddleware
from secondhand.mail import open_mailer
from secondhand.messages import pages as messages
from secondhand.moderation import pages as moderation
from secondhand.security.headers import SecurityHeadersMiddleware
from secondhand.security.hosts import HostMiddleware
from secondhand.security.origin import SameOriginMiddleware
from secondhand.security.sessions import Sessions
from secondhand.security.signatures import signer
from secondhand.settings import Settings
from secondhand.shop import Shop
from secondhand.storage import open_storage

register_url_convertor("id", IdConvertor())
ROUTES = [
    Route("/", items.browse),
    Route("/items/new", items.sell),
    Route("/items/new", items.save, methods=["POST"]),
    Route("/items/{id:id}", items.show),
    Route("/items/{id:id}/photo.jpg", items.photo),
    Route("/items/{id:id}/edit", items.edit),
    Route("/items/{id:id}/edit", items.save, methods=["POST"]),
    Route("/items/{id:id}/state", items.change_state, methods=["POST"]),
    Route("/items/{id:id}/delete", items.confirm_delete),
    Route("/items/{id:id}/delete", items.delete, methods=["POST"]),
    Route("/items/{id:id}/buy", items.confirm_buy),
    Route("/items/{id:id}/buy", items.buy, methods=["POST"]),
    Route("/items/{id:id}/like", items.like, methods=["POST"]),
    Route("/items/{id:id}/report", moderation.report_form),
    Route("/items/{id:id}/report", moderation.report, methods=["POST"]),
    Route("/items/{id:id}/messages/{other:id}", messages.conversation),
    Route("/items/{id:id}/messages/{other:id}", messages.write, methods=["POST"]),
    Route("/messages", messages.inbox),
    Route("/favourites", items.favourites),
    Route("/closet", items.closet),
    Route("/sellers/{id:id}", items.seller),
    Route("/moderation", moderation.queue),
    Route("/moderation/{id:id}", moderation.decide, methods=["POST"]),
    Route("/moderation/items/{id:id}", moderation.restore, methods=["POST"]),
    Route("/log-in", accounts.log_in_form),
    Route("/log-in", accounts.log_in, methods=["POST"]),
    Route("/log-out", accounts.log_out, methods=["POST"]),
    Route("/sign-up", accounts.sign_up_form),
    Route("/sign-up", accounts.sign_up, methods=["POST"]),
    Route("/confirm/{token}", accounts.confirm),
    Route("/forgot", accounts.forgot_form),
    Route("/forgot", accounts.forgot, methods=["POST"]),
    Route("/reset/{token}", accounts.reset_form),
    Route("/reset/{token}", accounts.reset, methods=["POST"]),
    Route("/account", accounts.account),
    Route("/account/about", accounts.change_about, methods=["POST"]),
    Route("/account/email", accounts.change_email, methods=["POST"]),
    Route("/account/password", accounts.change_password, methods=["POST"]),
    Route("/account/sessions", accounts.end_sessions, methods=["POST"]),
    Route("/account/export", export),
    Route("/account/delete", accounts.delete, methods=["POST"]),
    Route("/pictures/{token}", pictures.picture),
    Route("/static/{name}", pages.static),
    Route("/robots.txt", seo.robots),
    Route("/sitemap.xml", seo.sitemap),
    Route("/health/live", health.live),
    Route("/health/ready", health.ready),
]


def create_app(settings: Settings) -> Starlette:
    """The application. It reaches for the database and the storage when it starts, not before."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as resources:
            credentials = Credentials(settings.database_secret)
            database = await resources.enter_async_context(Database(settings.database_url, credentials))
            storage = await resources.enter_async_context(open_storage(settings))
            housekeeper = Housekeeper(database, storage, open_mailer(settings))
            await resources.enter_async_context(housekeeper.running())
            photos = signer(settings.secret_keys, "photo")
            app.state.shop = Shop(settings, database, storage, Sessions(settings), housekeeper, photos)
            yield

    middleware = [
        Middleware(SecurityHeadersMiddleware, settings=settings),
        Middleware(LogMiddleware),
        Middleware(HostMiddleware, hosts=settings.hosts),
        Middleware(SameOriginMiddleware, origin=settings.origin),
        Middleware(BodyLimitMiddleware),
    ]
    app = Starlette(
        routes=ROUTES, middleware=middleware, exception_handlers=errors.HANDLERS, lifespan=lifespan
    )
    app.state.draining = False
    return app

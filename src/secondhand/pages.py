"""How a page is made: a connection, who is asking, the handler, a template, the headers for caches."""

import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, lru_cache, partial, wraps
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from secondhand import assets, money
from secondhand.database import Connection, OverloadedError, UnavailableError
from secondhand.items import vocabulary
from secondhand.items.search import SORTS
from secondhand.limits import LONGEST_FIELD, MOST_FIELDS
from secondhand.security.origin import SAFE_METHODS
from secondhand.security.sessions import Member
from secondhand.shop import shop

Handler = Callable[[Request, Connection], Awaitable[Response]]
Link = Callable[[str], str]
Endpoint = Callable[[Request], Awaitable[Response]]

PUBLIC = "public, max-age=30, stale-while-revalidate=300"
PRIVATE = "private, no-store"
_UNITS = {"year": 31_557_600, "month": 2_629_800, "week": 604_800, "day": 86_400, "hour": 3600}
_SURROGATE = re.compile("[\ud800-\udfff]")
# What a form is sent for once more when its sender has to log in first, or to wait: no password is among it.
_KEPT = {"text", "about", "reason", "decision", "action", "photo", *vocabulary.FIELDS}
_TOO_LARGE = "Those photos are too large together. Send what you wrote, then choose fewer or smaller ones."
_HERE = Path(__file__).parent


def page(handler: Handler) -> Endpoint:
    """An endpoint out of a handler that needs the database: one connection, held until the page is made.

    A form is read before, so that a slow sender holds no connection. A read that met a lost connection is
    tried once more on a new one; a write is not, since it may have happened.
    """

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        safe = request.method in SAFE_METHODS
        if not safe:
            await read_form(request)
        for last in (not safe, True):
            try:
                async with shop(request).database.connection() as db:
                    request.state.member = await shop(request).sessions.recall(request, db)
                    return await handler(request, db)
            except UnavailableError as error:
                if last or isinstance(error, OverloadedError):
                    raise
        raise AssertionError("the loop returns or raises")

    return endpoint


async def read_form(request: Request, most_files: int = 0) -> FormData:
    """The request's form, within bounds; whoever lets files in closes it. Raises 400, and 413 when it has a gap."""
    options = parse_options_header(request.headers.get("content-type"))[1]
    if options.get(b"charset", b"utf-8").lower() != b"utf-8":  # Python knows some that break, or take minutes
        raise HTTPException(400, "Forms are sent in UTF-8.")
    form = await request.form(max_files=most_files, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD)
    if "too_large" in request.scope:
        await form.close()
        raise HTTPException(413, _TOO_LARGE)
    return form


def field(form: FormData, name: str, *, verbatim: bool = False) -> str:
    """A text of the form, without blanks around it; "" when it is missing.

    Raises 400 for what no browser sends.
    """
    value = form.get(name, "")
    if not isinstance(value, str) or "\0" in value or (not value.isascii() and _SURROGATE.search(value)):
        raise HTTPException(400, f"The field {name} cannot be read.")
    return value if verbatim else value.strip().replace("\r\n", "\n")


def typed(request: Request) -> list[tuple[str, str]]:
    """What the form that was read holds of words and choices, to be sent once more; no passwords."""
    form: FormData = getattr(request, "_form", None) or FormData()
    return [(n, str(v).encode(errors="replace").decode()) for n, v in form.multi_items() if n in _KEPT]


class LogInNeededError(Exception):
    """The page is for members: whoever asks is sent to log in and comes back."""


def member(request: Request) -> Member:
    """Who is logged in. Raises LogInNeededError."""
    found = visitor(request)
    if found is None:
        raise LogInNeededError
    return found


def visitor(request: Request) -> Member | None:
    """Who is logged in, if anybody."""
    found: Member | None = getattr(request.state, "member", None)
    return found


def address(request: Request) -> str:
    """What throttles count by: the address that a request comes from, of IPv6 the network that one household has."""
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host)
    except ValueError:
        return host
    return str(found if found.version == 4 else found.ipv4_mapped or found.exploded[:19])


def redirect(path: str, **query: str) -> RedirectResponse:
    """Go on to a page of ours with GET."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)


def here(request: Request) -> str:
    """The path and query to come back to."""
    path = quote(request.url.path)
    return f"{path}?{request.url.query}" if request.url.query else path


def onward(request: Request, form: FormData | None = None) -> str:
    """Where `next` of the form or the address leads on our site: one slash, then nothing that may be a host. Or ""."""
    path = request.query_params.get("next", "") if form is None else field(form, "next")
    is_ours = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if is_ours else ""


def render(
    request: Request, template: str, status: int = 200, *, kept: bool = False, **context: Any
) -> Response:
    """A page, which may say what was `done` before it. Visitors' may be kept by caches for a moment, members' never.

    With `kept` the process keeps a visitor's page too, for whoever asks for the same: every value of the context must
    be hashable, and all that the page shows must be in it.
    """
    who, store = visitor(request), shop(request)
    if not kept:
        context["done"] = request.query_params.get("done", "")
    private = (
        who or status != 200 or request.method not in SAFE_METHODS or store.sessions.cookie in request.cookies
    )
    frame = (template, store.storage.link, store.storage.epoch(), store.settings.origin)
    if private:
        html = _page(*frame, who, context)[0]
        later = {"retry-after": "10"} if status == 503 else {}
        return HTMLResponse(html, status, headers={"vary": "Cookie", "cache-control": PRIVATE, **later})
    html, etag = _kept_page(*frame, tuple(context.items())) if kept else _page(*frame, None, context)
    headers = {"vary": "Cookie, Accept-Encoding", "cache-control": PUBLIC, "etag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if kept and assets.takes(request, "gzip"):  # it holds no secret to be guessed by its length
        html, headers["content-encoding"] = _compressed(html), "gzip"
    return HTMLResponse(html, headers=headers)


def _page(
    template: str, link: Link, epoch: Hashable, origin: str, who: Member | None, context: dict[str, Any]
) -> tuple[bytes, str]:
    """The page and its ETag."""
    part = partial(_part, link, epoch)
    made = templates().get_template(template)
    html = made.render(member=who, link=link, part=part, origin=origin, **context).encode()
    return html, f'W/"{hashlib.blake2b(html, digest_size=12).hexdigest()}"'


@lru_cache(maxsize=256)
def _kept_page(
    template: str, link: Link, epoch: Hashable, origin: str, context: tuple[tuple[str, Any], ...]
) -> tuple[bytes, str]:
    return _page(template, link, epoch, origin, None, dict(context))


@lru_cache(maxsize=256)
def _compressed(html: bytes) -> bytes:
    return gzip.compress(html, 6)


@lru_cache(maxsize=4096)
def _part(link: Link, epoch: Hashable, macro: str, *arguments: Hashable) -> str:
    """A macro of parts.html. Most pages show what others showed before: it is made once for equal arguments."""
    made: str = getattr(templates().get_template("parts.html").module, macro)(link, *arguments)
    return made


def ago(moment: datetime | None) -> str:
    """How long since, in words that show the moment itself to those who point at them; "" when it is not known."""
    if moment is None:
        return ""
    return Markup('<time datetime="{}" title="{:%-d %B %Y, %H:%M} UTC">{}</time>').format(
        moment.isoformat(timespec="seconds"), moment, _since((datetime.now(UTC) - moment).total_seconds())
    )


def _since(seconds: float) -> str:
    for unit, length in _UNITS.items():
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Compiled templates, beside the modules that Python has compiled, where it may write."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


@cache
def templates() -> jinja2.Environment:
    """All of them, with what they may use."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        bytecode_cache=_Compiled(str(_HERE / "__pycache__")),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(price=money.written, ago=ago)
    environment.globals.update(asset=assets.address, vocabulary=vocabulary, sorts=SORTS)
    return environment

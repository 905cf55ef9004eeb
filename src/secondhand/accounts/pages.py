"""The pages of accounts."""

import re
import time
import unicodedata
from typing import Any

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from secondhand import pages
from secondhand.accounts import letters, queries
from secondhand.database import Connection
from secondhand.errors import error_page
from secondhand.pages import field, member, page, read_form, redirect, render, visitor
from secondhand.security import passwords, sessions, throttles
from secondhand.security.signatures import digest
from secondhand.shop import shop

log = structlog.get_logger("secondhand.accounts")

_NAME = re.compile(r"(?!.*(?:  |[\u115f\u1160]))[^\W_][\w.\- ]{1,38}[^\W_]")  # no letters that are not seen
_EMAIL = re.compile(r"(?=.{,254}\Z)[^@\s,;<>\"()]{1,64}@[^@\s,;<>\"()]+\.[^@\s.,;<>\"()]{2,}")
_NO_EMAIL = "Write your e-mail address, like name@example.org."
_NOT_YOURS = "That is not your password."
LONGEST_ABOUT = 500


@page
async def log_in_form(request: Request, db: Connection) -> Response:
    return redirect("/") if visitor(request) else _log_in_form(request)


async def log_in(request: Request) -> Response:
    form = await read_form(request)
    name, password = field(form, "name"), field(form, "password", verbatim=True)
    async with shop(request).database.connection() as db:
        known = await db.fetchrow(queries.FIND, name)
        assert known is not None
        # In this order: what is refused to one counts for no more than that one.
        counted = (
            (throttles.LOG_IN_ADDRESS, pages.address(request)),
            (throttles.LOG_IN_MEMBER, name),
            (throttles.LOG_IN_ALL, ""),
        )
        for throttle, what in counted:
            await throttle.spend(db, what)
    fits, successor = await passwords.verify(password, known["password"])
    if not fits:
        log.info("log-in refused", account=known["id"])
        return _log_in_form(request, name, form, "The name or the password is not right.")
    onward = pages.onward(request, form) or "/"
    request.state.member = sessions.Member(known["id"], known["name"], is_moderator=False, unread=0)
    response = error_page(request, 200, path=onward) if pages.typed(request) else redirect(onward)
    async with shop(request).database.transaction() as db:
        if successor:
            await db.execute(queries.RENEW_HASH, known["id"], known["password"], successor)
        for throttle, what in counted:
            await throttle.refund(db, what)
        await shop(request).sessions.start(request, response, db, known["id"])
    return response


@page
async def log_out(request: Request, db: Connection) -> Response:
    """Of this browser."""
    response = redirect("/")
    await shop(request).sessions.end(request, response, db)
    response.headers["clear-site-data"] = '"cache"'
    return response


@page
async def sign_up_form(request: Request, db: Connection) -> Response:
    empty = render(request, "sign_up.html", name="", email="", errors={}, onward=pages.onward(request))
    return redirect("/") if visitor(request) else empty


async def sign_up(request: Request) -> Response:
    """Whether the address has an account is told in a letter to it, so the answer here is the same in either case."""
    started, form = time.monotonic(), await read_form(request)
    name, email, password = field(form, "name"), field(form, "email"), field(form, "password", verbatim=True)
    errors, onward = {}, pages.onward(request, form)
    if not _NAME.fullmatch(name) or not unicodedata.is_normalized("NFKC", name):
        errors["name"] = "Use 3 to 40 letters, digits, dots, hyphens or spaces."
    if not _EMAIL.fullmatch(email):
        errors["email"] = _NO_EMAIL
    async with shop(request).database.connection() as db:
        await throttles.SIGN_UP_ADDRESS.spend(db, pages.address(request))
    if reason := await passwords.objection(password, (name, email)):
        errors["password"] = reason
    if not errors:
        hashed = await passwords.hash_password(password)
        response = redirect(onward) if onward else redirect("/account", done="welcome")
        async with shop(request).database.transaction() as db:
            member_id = await db.fetchval(queries.ADD, name, email, hashed)
            if member_id:
                await throttles.LETTER_EMAIL.spend(db, email)
                await letters.confirm(db, shop(request), member_id, name, email)
                await shop(request).sessions.start(request, response, db, member_id)
        shop(request).housekeeper.wake()
        if member_id:
            await passwords.pause(started)
            return response
        errors["name"] = "That name is taken."
    return render(request, "sign_up.html", 422, name=name, email=email, errors=errors, onward=onward)


@page
async def confirm(request: Request, db: Connection) -> Response:
    """The link of a letter. It changes nothing that its opener could not want, so it needs no second step."""
    token_hash = digest(request.path_params["token"])
    path = "/account" if visitor(request) else "/log-in"
    async with db.transaction():
        permit = await db.fetchrow(queries.USE_PERMIT, token_hash, "confirm")
        done = await db.fetchrow(queries.CONFIRM, *permit) if permit else None
        if permit is None or done is None:
            return redirect(path, done="used", next="/account?done=used")
        await db.execute(queries.REVOKE_FOREIGN_PERMITS, permit["member_id"])
        if done["was_confirmed"] and done["before"] != done["email"]:
            text = letters.CHANGED.format(name=done["name"], email=done["email"])
            await db.execute(queries.WRITE_LETTER, done["before"], "Your address was changed", text)
    shop(request).housekeeper.wake()
    return redirect(path, done="confirmed")


@page
async def forgot_form(request: Request, db: Connection) -> Response:
    return render(request, "forgot.html", email="")


async def forgot(request: Request) -> Response:
    """Neither the answer nor its time tells whether there is such an account."""
    started, email = time.monotonic(), field(await read_form(request), "email")
    async with shop(request).database.connection() as db:
        request.state.member = await shop(request).sessions.recall(request, db)
        await throttles.FORGOT_ADDRESS.spend(db, pages.address(request))
        await throttles.LETTER_EMAIL.spend(db, email)
    async with shop(request).database.transaction() as db:
        await letters.reset(db, shop(request), email)
    shop(request).housekeeper.wake()
    await passwords.pause(started)
    return render(request, "forgot.html", email=email)


@page
async def reset_form(request: Request, db: Connection) -> Response:
    token_hash = digest(request.path_params["token"])
    if await db.fetchrow(queries.PERMITTED, token_hash, "reset") is None:
        return redirect("/forgot", done="used")
    return _reset_form(request)


async def reset(request: Request) -> Response:
    """A new password, and every session that the old one opened ends."""
    password = field(await read_form(request), "password", verbatim=True)
    token_hash = digest(request.path_params["token"])
    async with shop(request).database.connection() as db:
        person = await db.fetchrow(queries.PERMITTED, token_hash, "reset")
    if person is None:  # before anything that takes a core: anybody may ask
        return redirect("/forgot", done="used")
    if reason := await passwords.objection(password, (person["name"], person["email"])):
        return _reset_form(request, reason)
    hashed = await passwords.hash_password(password)
    async with shop(request).database.transaction() as db:
        member_id = await db.fetchval(queries.USE_PERMIT, token_hash, "reset")
        if member_id is None:
            return redirect("/forgot", done="used")
        await db.execute(queries.CHANGE_HASH, member_id, hashed)
    return redirect("/log-in", done="password")


@page
async def account(request: Request, db: Connection) -> Response:
    return await _account(request, db, {})


@page
async def change_about(request: Request, db: Connection) -> Response:
    about = field(await read_form(request), "about")
    if len(about) > LONGEST_ABOUT:
        return await _account(request, db, {"about": f"Keep it to {LONGEST_ABOUT} characters."}, about=about)
    await db.execute(queries.CHANGE_ABOUT, member(request).id, about)
    return redirect("/account", done="about")


async def change_email(request: Request) -> Response:
    """Another address, or the letter again. It counts once the letter was answered; until then the old one does."""
    started, form = time.monotonic(), await read_form(request)
    email, person = field(form, "email"), await _proven(request, field(form, "consent", verbatim=True))
    if person is None:
        return await _refused(request, {"consent": _NOT_YOURS}, email=email)
    if not _EMAIL.fullmatch(email):
        return await _refused(request, {"email": _NO_EMAIL}, email=email)
    async with shop(request).database.connection() as db:
        await throttles.LETTER_MEMBER.spend(db, person["id"])
        await throttles.LETTER_EMAIL.spend(db, email)
    async with shop(request).database.transaction() as db:
        await letters.confirm(db, shop(request), person["id"], person["name"], email)
    shop(request).housekeeper.wake()
    await passwords.pause(started)
    return redirect("/account", done="sent")


async def change_password(request: Request) -> Response:
    """The old one is asked for again, and every other session ends."""
    form = await read_form(request)
    old, new = field(form, "old", verbatim=True), field(form, "new", verbatim=True)
    person = await _proven(request, old)
    if person is None:
        return await _refused(request, {"old": _NOT_YOURS})
    if reason := await passwords.objection(new, (person["name"], person["email"])):
        return await _refused(request, {"new": reason})
    hashed = await passwords.hash_password(new)
    response = redirect("/account", done="password")
    async with shop(request).database.transaction() as db:
        await db.execute(queries.CHANGE_HASH, person["id"], hashed)
        await shop(request).sessions.start(request, response, db, person["id"])
    return response


async def end_sessions(request: Request) -> Response:
    """Log out another browser, or every one; ASVS 5.0, 7.5.2, asks for the password again."""
    form = await read_form(request)
    person = await _proven(request, field(form, "proof", verbatim=True))
    if person is None:
        return await _refused(request, {"proof": _NOT_YOURS})
    which, response = field(form, "session"), redirect("/account", done="ended")
    async with shop(request).database.transaction() as db:
        if which == "all":
            await db.execute(sessions.END_ALL, person["id"])
            await shop(request).sessions.end(request, response := redirect("/log-in", done="out"), db)
        else:
            await db.execute(sessions.END_ONE, person["id"], which)
    return response


async def delete(request: Request) -> Response:
    """With the account go its items, photos, messages and sessions; what was bought stays with its buyer."""
    person = await _proven(request, field(await read_form(request), "password", verbatim=True))
    if person is None:
        return await _refused(request, {"password": _NOT_YOURS})
    response = redirect("/log-in", done="gone")
    async with shop(request).database.transaction() as db:
        await db.execute(queries.DELETE, person["id"])
        await shop(request).sessions.end(request, response, db)
    shop(request).housekeeper.wake()
    response.headers["clear-site-data"] = '"cache"'
    return response


async def _proven(request: Request, password: str) -> dict[str, Any] | None:
    """The member who asks, if the password is theirs; guesses are counted as at log-in."""
    async with shop(request).database.connection() as db:
        request.state.member = await shop(request).sessions.recall(request, db)
        who = member(request)
        await throttles.PROOF_MEMBER.spend(db, who.id)
        person = await db.fetchrow(queries.SHOW, who.id)
    fits, _ = await passwords.verify(password, person["password"] if person else None)
    if not fits:
        log.info("password refused", account=who.id)
        return None
    async with shop(request).database.connection() as db:
        await throttles.PROOF_MEMBER.refund(db, who.id)
    return dict(person) if person else None


async def _refused(request: Request, errors: dict[str, str], **typed: str) -> Response:
    async with shop(request).database.connection() as db:
        return await _account(request, db, errors, **typed)


async def _account(request: Request, db: Connection, errors: dict[str, str], **typed: str) -> Response:
    """The account, with what was `typed` where something is wrong with it."""
    who = member(request)
    person = await db.fetchrow(queries.SHOW, who.id)
    opened = await db.fetch(sessions.OPEN, who.id, shop(request).sessions.id_hash(request))
    assert person is not None
    typed = {"about": person["about"], "email": person["email"], **typed}
    status = 422 if errors else 200
    return render(request, "account.html", status, person=person, typed=typed, errors=errors, sessions=opened)


def _reset_form(request: Request, error: str = "") -> Response:
    response = render(request, "reset.html", 422 if error else 200, error=error)
    # Its address holds the token. With "no-referrer" a browser would send the form as of origin "null".
    response.headers["referrer-policy"] = "same-origin"
    response.headers["cache-control"] = pages.PRIVATE
    return response


def _log_in_form(request: Request, name: str = "", form: FormData | None = None, error: str = "") -> Response:
    status, onward, unsent = 422 if error else 200, pages.onward(request, form), pages.typed(request)
    return render(request, "log_in.html", status, name=name, onward=onward, error=error, unsent=unsent)

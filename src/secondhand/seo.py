"""What search engines ask for."""

from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from secondhand.database import Connection
from secondhand.pages import PUBLIC, page
from secondhand.shop import shop

# A sitemap may have 50,000 addresses; the newest items are those worth finding.
_ITEMS = """
    select string_agg(format('<url><loc>%s/items/%s</loc><lastmod>%s</lastmod></url>', $1::text, id, changed_at::date),
                      E'\n')
    from (select id, changed_at from items where state in ('available', 'reserved') order by id desc limit 45000) newest
"""
_CLOSED = (
    "/items/*/", "/account", "/closet", "/favourites", "/messages", "/log-in", "/sign-up", "/moderation",
)  # fmt: skip


async def robots(request: Request) -> Response:
    origin = shop(request).settings.origin
    lines = ["User-agent: *", "Allow: /items/*/photo.jpg", *(f"Disallow: {path}" for path in _CLOSED)]
    text = "\n".join([*lines, f"Sitemap: {origin}/sitemap.xml", ""])
    return PlainTextResponse(text, headers={"cache-control": PUBLIC})


@page
async def sitemap(request: Request, db: Connection) -> Response:
    origin = escape(shop(request).settings.origin)
    items = await db.fetchval(_ITEMS, origin) or ""
    body = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    body += f"<url><loc>{origin}/</loc></url>\n{items}\n</urlset>\n"
    return Response(body, media_type="application/xml", headers={"cache-control": PUBLIC})

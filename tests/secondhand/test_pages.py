"""What all pages share: how often they ask the database, what caches may keep, what search engines see."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import brotli
import jinja2
import pytest

from migrate.postgres.embedded import Cluster
from secondhand import pages
from tests.secondhand.conftest import Site


def statements(cluster: Cluster, site: Site, ask: Callable[[], object]) -> list[str]:
    """What the server logged while `ask` ran."""
    name = site.database.partition("?")[0].rpartition("/")[2]
    site.sql(f"alter database {name} set log_statement = 'all'")
    site.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'secondhand'")
    ask()  # on a new connection, which logs
    before = len(cluster.log.read_text(errors="replace"))
    ask()
    logged = cluster.log.read_text(errors="replace")[before:]
    return [line for line in logged.splitlines() if re.search(r"execute __asyncpg|statement: ", line)]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 1),
        ("/?q=jumper", 1),
        ("/?category=jumper&size=M&sort=cheapest", 1),
        ("/?q=zzzzz", 2),
        ("/items/1", 2),
        ("/sellers/1", 2),
        ("/log-in", 0),
    ],
)
def test_an_anonymous_page_asks_at_most_two_statements_and_a_grid_one(
    cluster: Cluster, site: Site, path: str, most: int
) -> None:
    site.item(site.member("Marta"))
    visitor = site.client()
    visitor.get("/")

    found = statements(cluster, site, lambda: visitor.get(path))

    assert len(found) <= most, found


def test_a_grid_asks_as_often_for_many_items_as_for_one(cluster: Cluster, site: Site) -> None:
    seller = site.member("Marta")
    site.item(seller)
    visitor = site.client()
    one = len(statements(cluster, site, lambda: visitor.get("/")))
    for number in range(5):
        site.item(seller, title=f"Another {number}")

    assert len(statements(cluster, site, lambda: visitor.get("/"))) == one > 0


def test_a_visitors_page_may_be_kept_and_is_not_sent_again_unchanged(site: Site) -> None:
    site.item(site.member("Marta"))
    visitor = site.client()
    first = visitor.get("/")
    again = visitor.get("/", headers={"if-none-match": first.headers["etag"]})
    site.sql("update items set price = 1")
    changed = visitor.get("/", headers={"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"].startswith("public, max-age=30")
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


def test_a_grid_is_sent_compressed_to_those_who_take_it(site: Site) -> None:
    site.item(site.member("Marta"))
    visitor = site.client()
    plain = visitor.get("/", headers={"accept-encoding": "identity"})
    packed = visitor.get("/")

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Cookie, Accept-Encoding"
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.text == plain.text


def test_what_another_copy_changes_is_in_the_very_next_page(site: Site) -> None:
    seller = site.member("Marta")
    item = site.item(seller)
    visitor = site.client()
    assert "€24.50" in visitor.get("/").text

    site.sql("update items set price = 999, state = 'reserved'")
    page = visitor.get("/").text
    assert "€9.99" in page
    assert '<span class="badge">reserved</span>' in page

    site.sql("insert into items (seller_id, title, price, category) values (1, 'A second coat', 100, 'coat')")
    assert "A second coat" in visitor.get("/").text

    site.sql(f"update items set state = 'sold' where id = {item}")
    assert f"/items/{item}" not in visitor.get("/").text
    assert "Buy" not in visitor.get(f"/items/{item}").text

    site.sql("delete from items")
    assert "A second coat" not in visitor.get("/").text


def test_files_of_the_site_are_kept_for_ever_and_sent_compressed(site: Site) -> None:
    visitor = site.client()
    style = re.search(r'href="(/static/site\.\w+\.css)"', visitor.get("/").text)
    assert style
    answer = visitor.get(style[1])

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    plain = visitor.get(style[1], headers={"accept-encoding": "identity"})
    sizes = [len(plain.content)]
    for taken, sent in {"gzip, br;q=0": "gzip", "gzip, deflate, br": "br"}.items():
        with visitor.stream("GET", style[1], headers={"accept-encoding": taken}) as packed:
            raw = b"".join(packed.iter_raw())
        assert packed.headers["content-encoding"] == sent
        assert {"gzip": gzip.decompress, "br": brotli.decompress}[sent](raw) == plain.content
        sizes.append(len(raw))
    assert sizes == sorted(sizes, reverse=True)


def test_search_engines_learn_what_is_for_sale(site: Site) -> None:
    item = site.item(site.member("Marta"))
    visitor = site.client()
    page = visitor.get(f"/items/{item}").text
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert data
    product = json.loads(data[1])

    assert product["offers"]["price"] == "24.50"
    assert product["offers"]["availability"] == "https://schema.org/InStock"
    assert f'<link rel="canonical" href="{site.url}/items/{item}">' in page
    assert f'property="og:image" content="{site.url}/items/{item}/photo.jpg"' in page
    assert f"{site.url}/items/{item}</loc>" in visitor.get("/sitemap.xml").text
    assert f"Sitemap: {site.url}/sitemap.xml" in visitor.get("/robots.txt").text
    assert "noindex" in visitor.get("/?size=M").text
    assert "noindex" not in visitor.get("/").text


def test_a_script_in_a_description_stays_within_the_data_for_search_engines(site: Site) -> None:
    item = site.item(site.member("Marta"), description="</script><script>alert(1)</script>")

    assert "<script>alert(1)" not in site.client().get(f"/items/{item}").text


def test_templates_are_compiled_once_and_kept_where_that_may_be(tmp_path: Path) -> None:
    def compiled(folder: Path) -> int:
        """How many templates a new process that keeps them in the folder compiles to get one."""
        environment = pages.templates.__wrapped__()
        assert isinstance(environment.bytecode_cache, jinja2.FileSystemBytecodeCache)
        environment.bytecode_cache.directory = str(folder)
        with patch.object(environment, "compile", wraps=environment.compile) as compile_source:
            environment.get_template("error.html")
        return compile_source.call_count

    nowhere = tmp_path / "missing"
    assert [compiled(nowhere), compiled(nowhere)] == [1, 1]
    assert [compiled(tmp_path), compiled(tmp_path)] == [1, 0]

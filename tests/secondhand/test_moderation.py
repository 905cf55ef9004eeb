"""Reports, what moderators do, and the log that stays."""

import pytest

from secondhand.security import throttles
from tests.fixtures.postgres import psql
from tests.secondhand.conftest import Site
from tests.secondhand.test_accounts import confirmed

REASON = "It is a counterfeit"


def test_a_reported_item_is_taken_down_and_its_seller_told_why(site: Site) -> None:
    marta = confirmed(site, "Marta")
    item = site.item(marta)
    visitor = site.client()
    assert (
        "Thank you"
        in visitor.post(f"/items/{item}/report", data={"reason": REASON, "text": "The label"}).text
    )
    mod = site.member("Mod")
    site.sql("update members set is_moderator = true where name = 'Mod'")
    queue = mod.get("/moderation").text
    assert "The label" in queue
    assert queue.count("<img") == 1, "a moderator sees what it is about"

    assert mod.post("/moderation/1", data={"decision": "take down", "reason": ""}).status_code == 400
    mod.post("/moderation/1", data={"decision": "take down", "reason": "The label is wrong"})

    assert visitor.get(f"/items/{item}").status_code == 404
    assert visitor.get(f"/items/{item}/photo.jpg").status_code == 404
    assert "Moss green" not in visitor.get("/").text
    assert "Moss green" not in visitor.get("/sellers/1").text
    assert "The label is wrong" in marta.get(f"/items/{item}").text
    marta.follow_redirects = False
    cover = marta.get(f"/items/{item}/photo.jpg")
    assert (cover.status_code, cover.headers["cache-control"]) == (302, "private, no-store")
    marta.follow_redirects = True
    assert "The label is wrong" in site.letters(3)[-1]
    assert site.sql("select moderator, action, reason from audit_log") == "Mod|took down|The label is wrong"
    assert marta.post(f"/items/{item}/state", data={"state": "available"}).status_code == 404
    assert marta.get(f"/items/{item}/edit").status_code == 404

    assert marta.post(f"/items/{item}/restore").status_code == 404
    assert mod.post(f"/items/{item}/restore").url.path == f"/items/{item}"
    assert visitor.get(f"/items/{item}").status_code == 200
    assert "in the shop again" in site.letters(4)[-1]
    assert site.sql("select action from audit_log order by id desc limit 1") == "put back"
    assert mod.post(f"/items/{item}/restore").status_code == 404


@pytest.mark.parametrize("state", ["available", "reserved", "sold"])
def test_what_is_put_back_is_what_it_was_before(site: Site, state: str) -> None:
    marta, mod = site.member("Marta"), site.member("Mod")
    site.sql("update members set is_moderator = true where name = 'Mod'")
    item = site.item(marta)
    marta.post(f"/items/{item}/state", data={"state": state})
    for number in ("1", "2"):
        site.sql(f"insert into reports (item_id, reason, text) values ({item}, 'x', '')")
        mod.post(f"/moderation/{number}", data={"decision": "take down", "reason": "A mistake"})
        assert site.sql("select state from items") == "removed"

    mod.post(f"/items/{item}/restore")

    assert site.sql("select state from items") == state


def test_a_report_can_be_left_without_harm(site: Site) -> None:
    item = site.item(site.member("Marta"))
    site.client().post(f"/items/{item}/report", data={"reason": REASON})
    mod = site.member("Mod")
    site.sql("update members set is_moderator = true where name = 'Mod'")

    mod.post("/moderation/1", data={"decision": "leave"})

    assert "No open reports" in mod.get("/moderation").text
    assert site.client().get(f"/items/{item}").status_code == 200
    assert site.sql("select action from audit_log") == "left"


def test_moderation_is_not_there_for_others(site: Site) -> None:
    item = site.item(site.member("Marta"))
    site.client().post(f"/items/{item}/report", data={"reason": REASON})
    paul = site.member("Paul")

    assert paul.get("/moderation").status_code == 404
    assert paul.post("/moderation/1", data={"decision": "take down", "reason": "x"}).status_code == 404
    assert site.client().get("/moderation").url.path == "/log-in"
    assert site.sql("select state from items") == "available"


def test_a_member_may_report_though_others_at_the_same_address_have_done_so_too_often(site: Site) -> None:
    item, form = site.item(site.member("Marta")), {"reason": "Something else", "text": ""}
    site.use_up(throttles.REPORT, "127.0.0.1")

    assert site.client().post(f"/items/{item}/report", data=form).status_code == 429
    assert site.member("Paul").post(f"/items/{item}/report", data=form).status_code == 200


def test_a_report_needs_one_of_the_reasons(site: Site) -> None:
    item = site.item(site.member("Marta"))

    assert site.client().post(f"/items/{item}/report", data={"reason": "Because"}).status_code == 422
    endless = site.client().post(f"/items/{item}/report", data={"reason": REASON, "text": "x" * 1001})
    assert endless.status_code == 422
    assert f'value="{REASON}" required checked' in endless.text
    assert site.client().post("/items/99/report", data={"reason": REASON}).status_code == 404


@pytest.mark.parametrize(
    "change", ["update audit_log set reason = 'x'", "delete from audit_log", "truncate audit_log"]
)
def test_the_log_is_only_added_to(shop_database: str, change: str) -> None:
    psql(
        shop_database,
        "insert into audit_log (moderator, action, subject, reason) values ('a', 'b', 'c', 'd')",
    )

    with pytest.raises(AssertionError, match="only added to"):
        psql(shop_database, change)

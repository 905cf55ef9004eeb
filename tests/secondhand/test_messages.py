"""Messages between two members, and the letters that tell of them."""

from tests.secondhand.conftest import Site
from tests.secondhand.test_accounts import confirmed


def test_a_question_reaches_the_seller_on_the_site_and_by_letter(site: Site) -> None:
    marta = confirmed(site, "Marta")
    item = site.item(marta)
    paul = site.member("Paul")

    paul.post(f"/items/{item}/messages/2", data={"text": "Is it warm? <b>"})

    assert "1 unread" in marta.get("/").text
    assert "Is it warm? &lt;b&gt;" in marta.get(f"/items/{item}/messages/2").text
    assert "1 unread" not in marta.get("/").text
    assert "Is it warm? <b>" in site.letters(3)[-1]
    marta.post(f"/items/{item}/messages/2", data={"text": "Very."})
    assert "Very." in paul.get("/messages").text


def test_an_address_that_is_not_confirmed_gets_no_letters_about_messages(site: Site) -> None:
    item = site.item(site.member("Marta"))
    site.member("Paul").post(f"/items/{item}/messages/2", data={"text": "Hello"})
    site.letters(2)

    assert site.sql("select count(*) from letters where subject like '%writes%'") == "0"
    assert len(site.letters(2)) == 2


def test_a_conversation_is_between_two(site: Site) -> None:
    item = site.item(site.member("Marta"))
    site.member("Paul").post(f"/items/{item}/messages/2", data={"text": "Hello"})
    vera = site.member("Vera")

    assert vera.get(f"/items/{item}/messages/2").status_code == 404
    assert vera.post(f"/items/{item}/messages/2", data={"text": "Me too"}).status_code == 404
    assert site.client().get(f"/items/{item}/messages/2").url.path == "/log-in"
    assert site.sql("select count(*) from messages") == "1"


def test_a_conversation_that_is_not_shown_in_full_says_so(site: Site) -> None:
    vera, paul = site.member("Vera"), site.member("Paul")
    item = site.item(vera)
    talk = f"/items/{item}/messages/2"
    paul.post(talk, data={"text": "Is it warm?"})
    assert "These are the latest" not in paul.get(talk).text
    site.sql(
        "insert into messages (item_id, other_id, sender_id, recipient_id, text) "
        "select item_id, other_id, sender_id, recipient_id, 'Still there?' from messages, generate_series(1, 200)"
    )

    assert "These are the latest 200 messages." in paul.get(talk).text
    assert "Is it warm?" not in paul.get(talk).text


def test_a_seller_writes_to_nobody_who_has_not_asked(site: Site) -> None:
    marta = site.member("Marta")
    item = site.item(marta)
    paul = site.member("Paul")
    talk = f"/items/{item}/messages/2"

    assert marta.get(talk).status_code == 404
    assert marta.post(talk, data={"text": "Buy this"}).status_code == 404
    paul.post(talk, data={"text": "Is it warm?"})
    assert marta.post(talk, data={"text": "Very."}).status_code == 200


def test_nobody_writes_to_themselves(site: Site) -> None:
    marta = site.member("Marta")
    item = site.item(marta)

    assert marta.get(f"/items/{item}/messages/1").status_code == 404


def test_an_empty_or_endless_message_is_refused_and_kept(site: Site) -> None:
    item = site.item(site.member("Marta"))
    paul = site.member("Paul")

    assert "Write something first" in paul.post(f"/items/{item}/messages/2", data={"text": "  "}).text
    answer = paul.post(f"/items/{item}/messages/2", data={"text": "x" * 2001})
    assert answer.status_code == 422
    assert "x" * 2001 in answer.text


def test_a_line_break_in_a_title_makes_no_header_in_a_letter(site: Site) -> None:
    marta = confirmed(site, "Marta")
    item = site.item(marta)
    site.sql("update items set title = E'Coat\\r\\nBcc: all@example.org'")

    site.member("Paul").post(f"/items/{item}/messages/2", data={"text": "Hello"})

    site.letters(3)
    newest = max(site.letters_folder.glob("*.eml")).read_text().partition("\n\n")[0]
    assert "\nBcc:" not in newest

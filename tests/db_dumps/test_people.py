"""The old shop's people log in with what Werkzeug stored for them."""

import pytest
from werkzeug.security import check_password_hash

from legacy_shop.people import PEOPLE, Person


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.username)
def test_werkzeug_takes_the_password(person: Person) -> None:
    assert check_password_hash(person.password_hash, person.password)
    assert not check_password_hash(person.password_hash, person.password + " ")


@pytest.mark.parametrize(
    ("username", "password", "method"),
    [("demo", "second-hand-demo", "pbkdf2:sha256:"), ("ada", "knitting-needles-1843", "scrypt:32768:8:1$")],
)
def test_the_known_people_have_their_known_passwords(username: str, password: str, method: str) -> None:
    person = next(person for person in PEOPLE if person.username == username)
    assert person.password_hash.startswith(method)
    assert check_password_hash(person.password_hash, password)


def test_every_age_of_hash_is_there() -> None:
    methods = {person.password_hash.partition("$")[0] for person in PEOPLE}
    assert methods == {f"pbkdf2:sha256:{n}" for n in (150000, 260000, 600000)} | {"scrypt:32768:8:1"}


def test_there_are_about_thirty_people_with_names_of_their_own() -> None:
    assert 28 <= len(PEOPLE) <= 36
    assert len({person.username.casefold() for person in PEOPLE}) == len(PEOPLE)
    assert len({person.email.casefold() for person in PEOPLE}) == len(PEOPLE)


def test_there_is_an_administrator_and_somebody_without_a_date() -> None:
    assert [person.username for person in PEOPLE if person.is_admin] == ["margit"]
    assert any(person.created is None for person in PEOPLE)

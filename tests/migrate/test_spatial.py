"""Geometries: PostGIS's where the target has it, else well-known binary."""

import json
from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate import command

TABLE = """
create table place (id int primary key, at point not null{srid}, around polygon, way linestring, parts
 geometrycollection, any_ geometry, spatial key (at))
"""
ROWS = """
insert into place values
 (1, st_geomfromtext('POINT(13.4 52.5)'{srid}), st_geomfromtext('POLYGON((0 0, 0 9, 9 9, 0 0), (1 2, 1 3, 2 3, 1 2))'),
  st_geomfromtext('LINESTRING(0 0, 1 1, 2 5)'), st_geomfromtext('GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1 1))'),
  st_geomfromtext('LINESTRING(1 2, 3 4)', 3857)),
 (2, st_geomfromtext('POINT(-1e-3 1e300)'{srid}), null, null, null, null)
"""
TYPES = (
    "select string_agg(format_type(atttypid, atttypmod), ' ' order by attnum) from pg_attribute "
    "where attrelid = 'place'::regclass and attnum > 1"
)
TEXTS = (
    "select id, st_srid(at), st_astext(at), st_astext(around), st_astext(way), st_astext(parts), st_srid(any_), "
    "st_astext(any_) from place order by id"
)
HERE = [
    "1|4326|POINT(13.4 52.5)|POLYGON((0 0,0 9,9 9,0 0),(1 2,1 3,2 3,1 2))|LINESTRING(0 0,1 1,2 5)|"
    "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))|3857|LINESTRING(1 2,3 4)",
    "2|4326|POINT(-0.001 1e+300)|||||",
]


@pytest.fixture
def postgis(debian_database: str) -> str:
    """A database with PostGIS in it."""
    psql(debian_database, "create extension postgis")
    return debian_database


@pytest.mark.parametrize("options", [(), ("--hex-blob",)])
def test_geometries_of_mariadb_arrive_in_postgis_with_shape_srid_and_index(
    mariadb: Server, postgis: str, options: tuple[str, ...]
) -> None:
    mariadb.execute("create or replace database places")
    mariadb.execute(TABLE.format(srid=""), ROWS.format(srid=", 4326"), database="places")
    assert command.load(postgis, "-", stdin=mariadb.dump(*options, "places")).exit_code == 0
    assert psql(postgis, TYPES) == (
        "geometry(Point) geometry(Polygon) geometry(LineString) geometry(GeometryCollection) geometry"
    )
    assert psql(postgis, TEXTS).splitlines() == HERE
    assert "USING gist (at)" in psql(postgis, "select indexdef from pg_indexes where tablename = 'place'")


def test_text_of_mysql_with_latitude_first_arrives_with_longitude_first(postgis: str) -> None:
    dump = TABLE.format(srid=" /*!80003 SRID 4326 */") + ";" + ROWS.format(srid=", 4326") + ";"
    dump = dump.replace("1e300", "1e1")
    assert command.load(postgis, "-", stdin=dump.encode()).exit_code == 0
    assert psql(postgis, "select st_x(at), st_y(at) from place where id = 1") == "52.5|13.4"
    assert psql(postgis, TYPES).startswith("geometry(Point,4326) ")


VIEW = """
create view near as select id, st_x(at) as x, st_y(at) as y, st_srid(at) as srid,
 st_distance(at, point(10, 50)) as away,
 st_within(at, st_geomfromtext('POLYGON((0 0, 0 99, 99 99, 99 0, 0 0))')) as inside, st_area(around) as area,
 st_length(way) as length, st_length(around) as none, st_numpoints(way) as points, st_x(st_endpoint(way)) as ends
 from place where st_intersects(at, st_geomfromtext('POLYGON((-99 -99, -99 99, 99 99, 99 -99, -99 -99))'))
"""


def test_views_over_places_compute_in_postgis_what_they_did_in_mariadb(mariadb: Server, postgis: str) -> None:
    mariadb.execute("create or replace database places")
    mariadb.execute(TABLE.format(srid=""), ROWS.format(srid=""), VIEW, database="places")
    assert command.load(postgis, "-", stdin=mariadb.dump("places")).exit_code == 0
    [theirs] = mariadb.execute("select * from near", database="places")
    ours = psql(
        postgis, "select id, x, y, srid, away, inside::int, area, length, none, points, ends from near"
    )
    assert [float(value) if value else None for value in ours.split("|")] == [
        None if value is None else pytest.approx(float(str(value))) for value in theirs
    ]


def test_what_is_computed_on_the_globe_is_left_out_with_the_reason(postgis: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    dump = "create table place (at point srid 4326); create view v as select st_x(at) as x from place;"
    assert command.load(postgis, "-", "--report", report, stdin=dump.encode()).exit_code == 1
    [left_out] = json.loads(report.read_bytes())["untranslated"]
    assert "no shape in a flat plane" in left_out["reason"]


def test_without_postgis_geometries_are_well_known_binary(mariadb: Server, database: str) -> None:
    mariadb.execute("create or replace database places")
    mariadb.execute(TABLE.format(srid=""), ROWS.format(srid=""), database="places")
    assert command.load(database, "-", stdin=mariadb.dump("places")).exit_code == 1  # no index over places
    assert psql(database, TYPES) == "bytea bytea bytea bytea bytea"
    [(wanted,)] = mariadb.execute(
        "select lower(hex(st_aswkb(around))) from place where id = 1", database="places"
    )
    assert psql(database, "select encode(around, 'hex') from place where id = 1") == wanted


@pytest.mark.parametrize("name", ["gen-sakila-spatial-mdb-hex", "gen-sakila-spatial-mdb-tab"])
def test_sakila_with_places_arrives_in_postgis(corpus: Path, postgis: str, name: str) -> None:
    folder = corpus / name
    source = folder / "sakila.sql" if (folder / "sakila.sql").exists() else folder
    assert command.load(postgis, source).exit_code in (0, 1)
    # Lethbridge, where the first of sakila's stores is.
    where = (
        "st_dwithin(location, st_setsrid(st_makepoint(-112.8185647, 49.6999986), st_srid(location)), 1e-5)"
    )
    assert psql(postgis, f"select address from address where {where}") != ""
    kinds = psql(postgis, "select distinct st_geometrytype(location), st_srid(location) from address")
    assert kinds == "ST_Point|0"
    assert "gist (location)" in psql(postgis, "select indexdef from pg_indexes where tablename = 'address'")

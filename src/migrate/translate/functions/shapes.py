"""Functions of geometries as PostGIS's: those that mean the same in a flat plane.

MySQL 8 takes the axes of geographic systems in their own order and measures on the ellipsoid; shapes of such a system
are of no kind that is known here, so that what is done with them is refused.
"""

from ...mysql.wkt import LATITUDE_FIRST
from ..values import Kind, Refusal, Value, as_number, call, composed
from .table import FUNCTIONS, Function


def _shape(value: Value) -> Value:
    if value.kind is not Kind.GEOMETRY:
        raise Refusal(f"{value.sql} ({value.kind.value}) is no shape in a flat plane")
    return value


def _of_shapes(postgis: str, kind: Kind, count: int) -> Function:
    def function(*arguments: Value) -> Value:
        if len(arguments) != count:
            raise Refusal(f"{postgis} is called with {len(arguments)} arguments")
        return call(postgis, kind, *map(_shape, arguments))

    return function


def _nth(postgis: str) -> Function:
    return lambda shape, number: composed(
        f"{postgis}({{0}}, {{1}}::integer)", Kind.GEOMETRY, _shape(shape), as_number(number), atom=True
    )


def _length(shape: Value) -> Value:
    """NULL for what is no line, as in MySQL."""
    return composed(
        "case when st_dimension({0}) = 1 then st_length({0}) end", Kind.DOUBLE, _shape(shape), atom=True
    )


def _point(x: Value, y: Value) -> Value:
    template = "st_makepoint({0}::double precision, {1}::double precision)"
    return composed(template, Kind.GEOMETRY, as_number(x), as_number(y), atom=True)


def _from_text(text: Value, srid: Value | None = None) -> Value:
    if text.constant is None or (srid is not None and srid.constant is None):
        raise Refusal("a shape is read from a text that is computed")
    number = srid.constant if srid is not None and srid.constant else "0"
    if int(number) in LATITUDE_FIRST:
        raise Refusal(f"a shape is read with the SRID {number}, whose axes MySQL takes in their own order")
    return composed(f"st_geomfromtext({{0}}, {number})", Kind.GEOMETRY, text, atom=True)


_RELATIONS = ("contains", "within", "intersects", "disjoint", "equals", "touches", "crosses", "overlaps")
FUNCTIONS |= {f"ST_{word.upper()}": _of_shapes(f"st_{word}", Kind.BOOLEAN, 2) for word in _RELATIONS}
FUNCTIONS |= {
    "ST_DISTANCE": _of_shapes("st_distance", Kind.DOUBLE, 2),
    "ST_AREA": _of_shapes("st_area", Kind.DOUBLE, 1),
    "ST_LENGTH": _length,
    **dict.fromkeys(("ST_SRID", "SRID"), _of_shapes("st_srid", Kind.INTEGER, 1)),
    "ST_ISEMPTY": _of_shapes("st_isempty", Kind.BOOLEAN, 1),
    **dict.fromkeys(("ST_DIMENSION", "DIMENSION"), _of_shapes("st_dimension", Kind.INTEGER, 1)),
    "ST_NUMPOINTS": _of_shapes("st_numpoints", Kind.INTEGER, 1),
    "ST_CENTROID": _of_shapes("st_centroid", Kind.GEOMETRY, 1),
    "ST_STARTPOINT": _of_shapes("st_startpoint", Kind.GEOMETRY, 1),
    "ST_ENDPOINT": _of_shapes("st_endpoint", Kind.GEOMETRY, 1),
    "ST_EXTERIORRING": _of_shapes("st_exteriorring", Kind.GEOMETRY, 1),
    "ST_POINTN": _nth("st_pointn"),
    "ST_GEOMETRYN": _nth("st_geometryn"),
    "POINT": _point,
    "ST_X": _of_shapes("st_x", Kind.DOUBLE, 1),
    "ST_Y": _of_shapes("st_y", Kind.DOUBLE, 1),
    **dict.fromkeys(("ST_GEOMFROMTEXT", "ST_GEOMETRYFROMTEXT", "ST_POINTFROMTEXT"), _from_text),
}
distance = FUNCTIONS["ST_DISTANCE"]

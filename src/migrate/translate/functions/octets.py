"""Functions of bytes: how many there are, their digits and digests, and UUIDs."""

from dataclasses import replace

from ..values import NUMBERS, Kind, Refusal, Value, as_number, as_text, call, composed, octets_of
from .table import FUNCTIONS, function


@function("LENGTH", "OCTET_LENGTH")
def _length(value: Value) -> Value:
    return call("octet_length", Kind.INTEGER, value if value.kind is Kind.BYTES else as_text(value))


@function("HEX")
def _hex(value: Value) -> Value:
    if value.kind in (*NUMBERS, Kind.BOOLEAN):
        if as_number(value).kind is not Kind.INTEGER:
            raise Refusal(f"HEX of {value.kind.value}")
        return composed("upper(to_hex({0}::bigint))", Kind.TEXT, as_number(value), atom=True)
    octets = value if value.kind is Kind.BYTES else octets_of(as_text(value))
    return composed("upper(encode({0}, 'hex'))", Kind.TEXT, octets, atom=True)


@function("UNHEX")
def _unhex(value: Value) -> Value:
    return composed("decode({0}, 'hex')", Kind.BYTES, as_text(value), atom=True)


@function("UUID_TO_BIN")
def _uuid_to_bin(value: Value, swapped: Value | None = None) -> Value:
    digits = composed("replace({0}::uuid::text, '-', '')", Kind.TEXT, as_text(value), atom=True)
    if _is_swapped(swapped):  # the high half of the time first
        digits = composed(
            r"regexp_replace({0}, '^(.{{8}})(.{{4}})(.{{4}})', '\3\2\1')", Kind.TEXT, digits, atom=True
        )
    return composed("decode({0}, 'hex')", Kind.BYTES, digits, atom=True, stable=value.stable)


@function("BIN_TO_UUID")
def _bin_to_uuid(value: Value, swapped: Value | None = None) -> Value:
    if value.kind is not Kind.BYTES:
        raise Refusal(f"BIN_TO_UUID of {value.kind.value}")
    digits = composed("encode({0}, 'hex')", Kind.TEXT, value, atom=True)
    if _is_swapped(swapped):
        digits = composed(
            r"regexp_replace({0}, '^(.{{4}})(.{{4}})(.{{8}})', '\3\2\1')", Kind.TEXT, digits, atom=True
        )
    return composed("{0}::uuid::text", Kind.TEXT, digits, atom=True)


@function("IS_UUID")
def _is_uuid(value: Value) -> Value:
    form = r"^([0-9a-f]{{32}}|\{{?[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\}}?)$"
    return composed(f"({{0}} ~* '{form}')", Kind.BOOLEAN, as_text(value), atom=True)


def _is_swapped(value: Value | None) -> bool:
    flag = as_number(value).constant if value else "0"
    if flag in ("0", "1"):
        return flag == "1"
    raise Refusal("the order of a UUID's parts is computed")


@function("MD5")
def _md5(value: Value) -> Value:
    made = call("md5", Kind.TEXT, value if value.kind is Kind.BYTES else as_text(value))
    return replace(made, exact=False)


@function("SHA2")
def _sha2(value: Value, bits: Value) -> Value:
    name = {"0": "sha256", "224": "sha224", "256": "sha256", "384": "sha384", "512": "sha512"}
    if bits.constant not in name:
        raise Refusal(f"SHA2 with {bits.sql} bits")
    source = value if value.kind is Kind.BYTES else octets_of(as_text(value))
    return composed(f"encode({name[bits.constant]}({{0}}), 'hex')", Kind.TEXT, source, atom=True)


FUNCTIONS["UUID"] = lambda: Value("gen_random_uuid()::text", Kind.TEXT, stable=True)

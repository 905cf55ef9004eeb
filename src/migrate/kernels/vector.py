"""Thirty-two bytes at a time: the vector comparisons that let the scanner and the transcoder run at memory speed.

Each function looks at `data[at : at + 32]` and returns a bit mask, lowest bit first, of the bytes in the set that its
name gives. The caller guarantees that these 32 bytes lie inside the array; buffers are padded for this.
"""
# numba's intrinsics have no type stubs, and their bodies build LLVM instructions.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc"

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..transcode.room import WIDTH

_BYTE = ir.IntType(8)
_MASK = ir.IntType(WIDTH)
_VECTOR = ir.VectorType(_BYTE, WIDTH)


def _pointer(context: Any, builder: Any, signature: Any, array: Any, at: Any) -> Any:
    base = context.make_array(signature.args[0])(context, builder, array).data
    return builder.gep(base, [at])


def _load(builder: Any, pointer: Any) -> Any:
    vector = builder.load(builder.bitcast(pointer, _VECTOR.as_pointer()))
    vector.align = 1
    return vector


def _splat(byte: int) -> Any:
    return ir.Constant(_VECTOR, [ir.Constant(_BYTE, byte)] * WIDTH)


def _mask_of(
    *equal_to: int, least: int | None = None, below: int | None = None, signed_below: int | None = None
) -> Any:
    """An intrinsic `(data, at) -> uint32` for the bytes equal to one of some, or beyond a bound."""

    @intrinsic
    def mask(typingctx, data, at):
        signature = types.uint32(data, types.intp)

        def codegen(context, builder, signature, args):
            vector = _load(builder, _pointer(context, builder, signature, *args))
            tests = [builder.icmp_unsigned("==", vector, _splat(byte)) for byte in equal_to]
            if least is not None:
                tests.append(builder.icmp_unsigned(">=", vector, _splat(least)))
            if below is not None:
                tests.append(builder.icmp_unsigned("<", vector, _splat(below)))
            if signed_below is not None:
                tests.append(builder.icmp_signed("<", vector, _splat(signed_below)))
            found = tests[0]
            for test in tests[1:]:
                found = builder.or_(found, test)
            return builder.bitcast(found, _MASK)

        return signature, codegen

    return mask


# A quote, a backslash, a control character or a byte beyond ASCII: what a string cannot be copied past unseen.
special_in_text = _mask_of(0x27, 0x5C, signed_below=0x20)
# The same without the bytes beyond ASCII: enough where UTF-8 is checked apart.
special_in_any_text = _mask_of(0x27, 0x5C, below=0x20)
# What ends or escapes inside a single-quoted string.
quote_or_backslash = _mask_of(0x27, 0x5C)
# The same and, for either kind of quote, any byte beyond ASCII.
wide_or_special = _mask_of(0x27, 0x22, 0x5C, signed_below=0)
# What matters between strings in a list of rows: quotes, parentheses, the statement's end, the starts of comments.
structure = _mask_of(0x27, 0x22, 0x60, 0x28, 0x29, 0x3B, 0x23, 0x2F, 0x2D)

# What ends or escapes in a field of a line of tab-separated ones, and the quotes that literals must double.
field_special = _mask_of(0x27, 0x5C, 0x09, 0x0A)

# What ends a number: a comma, a parenthesis, white space, or the operator of an expression.
number_end = _mask_of(0x2C, 0x29, 0x2A, 0x2F, 0x25, below=0x21)

# UTF-8: all that is not ASCII, what follows the first byte of a character, and the first bytes of those that have at
# least two, three and four. After the last ones, not every byte may follow, or none.
beyond_ascii = _mask_of(signed_below=0)
utf8_following = _mask_of(signed_below=0xC0 - 0x100)
utf8_of_two, utf8_of_three, utf8_of_four = _mask_of(least=0xC0), _mask_of(least=0xE0), _mask_of(least=0xF0)
utf8_particular = _mask_of(0xC0, 0xC1, 0xE0, 0xED, 0xF0, least=0xF4)

# What ends a field of COPY text: a tab or a newline.
field_end = _mask_of(0x09, 0x0A)
# The same, and what escapes in one.
field_end_or_backslash = _mask_of(0x09, 0x0A, 0x5C)


@intrinsic
def copy_vector(typingctx, target, target_at, source, source_at):
    """Copy 32 bytes, aligned or not."""
    signature = types.void(target, types.intp, source, types.intp)

    def codegen(context, builder, signature, args):
        target_type, _, source_type, _ = signature.args
        target_array, target_at, source_array, source_at = args
        source_data = context.make_array(source_type)(context, builder, source_array).data
        target_data = context.make_array(target_type)(context, builder, target_array).data
        vector = _load(builder, builder.gep(source_data, [source_at]))
        pointer = builder.bitcast(builder.gep(target_data, [target_at]), _VECTOR.as_pointer())
        store = builder.store(vector, pointer)
        store.align = 1
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def first_bit(typingctx, mask):
    """The position of the lowest bit that is set; the mask must not be 0."""
    signature = types.intp(types.uint32)

    def codegen(context, builder, signature, args):
        position = builder.cttz(args[0], cgutils.true_bit)
        return builder.zext(position, ir.IntType(64))

    return signature, codegen


@intrinsic
def first_bit64(typingctx, mask):
    """The same for 64 bits."""
    signature = types.intp(types.uint64)

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], cgutils.true_bit)

    return signature, codegen


@intrinsic
def load64(typingctx, data, at):
    """The eight bytes at `at` as a little-endian number, aligned or not."""
    signature = types.uint64(data, types.intp)

    def codegen(context, builder, signature, args):
        pointer = _pointer(context, builder, signature, *args)
        number = builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()))
        number.align = 1
        return number

    return signature, codegen


def _putter(bits: int) -> Any:
    """An intrinsic that writes a number at `at`, its highest byte first, and returns the position behind it."""
    kind = ir.IntType(bits)

    @intrinsic
    def put(typingctx, data, at, value):
        signature = types.intp(data, types.intp, types.int64)

        def codegen(context, builder, signature, args):
            array, at, value = args
            pointer = builder.bitcast(_pointer(context, builder, signature, array, at), kind.as_pointer())
            number = builder.trunc(value, kind) if bits < 64 else value
            store = builder.store(builder.bswap(number), pointer)
            store.align = 1
            return builder.add(at, ir.Constant(at.type, bits // 8))

        return signature, codegen

    return put


put16, put32, put64 = _putter(16), _putter(32), _putter(64)

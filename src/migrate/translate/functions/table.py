"""The table of MySQL's functions, which each module of this folder fills with its own."""

from collections.abc import Callable

from ..values import (
    Kind,
    Refusal,
    Value,
    call,
)

Function = Callable[..., Value]


FUNCTIONS: dict[str, Function] = {}


def function(*names: str) -> Callable[[Function], Function]:
    def register(one: Function) -> Function:
        FUNCTIONS.update(dict.fromkeys(names, one))
        return one

    return register


def renamed(postgres: str, kind: Kind, to: Callable[[Value], Value], count: int) -> Function:
    def function(*arguments: Value) -> Value:
        if len(arguments) != count:
            raise Refusal(f"{postgres} is called with {len(arguments)} arguments")
        return call(postgres, kind, *(to(argument) for argument in arguments))

    return function

"""The labels of operations, with the plain numbers among their operands written in."""

from __future__ import annotations

from autograd.interop.text import number

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_INFIX = "+−×÷%/*"
_COMMUTATIVE = "+×"


def operation_label(symbol: str, operands: tuple[object, ...]) -> tuple[str, bool]:
    """The label of an operation, and whether its plain numbers are in it (``×2``) or need boxes of their own.

    >>> x = object()
    >>> operation_label("×", (x, 2.0)), operation_label("−", (1.0, x)), operation_label("**", (x, 2.0))
    (('×2', True), ('1−', True), ('x²', True))
    >>> operation_label("atan2", (x, 2.0)), operation_label("+", (x, x))
    (('atan2(·, 2)', True), ('+', False))
    """
    constants = [operand for operand in operands if isinstance(operand, float)]
    if not constants or len(constants) == len(operands):
        return symbol, False
    if len(operands) == 2 and symbol[0] in _INFIX:
        return _with_number(symbol, number(constants[0]), isinstance(operands[0], float)), True
    if len(operands) > 3:
        return symbol, False
    return f"{symbol}({', '.join(number(o) if isinstance(o, float) else '·' for o in operands)})", True


def _with_number(symbol: str, constant: str, first: bool) -> str:
    if first:
        return symbol + constant if symbol in _COMMUTATIVE else constant + symbol
    if symbol == "**" and _raisable(constant):
        return power("x", constant)
    return f"{symbol}({constant})" if constant.startswith("-") else symbol + constant


def power(base: str, exponent: str) -> str:
    """A power, the exponent raised where it is a small whole number.

    >>> power("x", "-2"), power("x", "0.5")
    ('x⁻²', 'x^0.5')
    """
    return base + exponent.translate(_SUPERSCRIPTS) if _raisable(exponent) else f"{base}^{exponent}"


def _raisable(exponent: str) -> bool:
    return len(exponent) < 4 and exponent.lstrip("-").isdigit()

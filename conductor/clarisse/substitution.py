"""``$NAME`` in plain text, as Clarisse replaces it in every text field.

A name is letters, digits and underscores and does not start with a digit; a ``:`` right behind it
ends it early and is swallowed. A digit between ``$`` and ``F`` pads the frame: ``$4F`` is ``0007``.
``####`` and ``<UDIM>`` are no variables and stay.

Unverified: a name without a value stays as written, its ``:`` included.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, Optional, Union

Value = Union[str, float]
Lookup = Callable[[str], Optional[Value]]

# The digit belongs to the frame alone: in "$4FPS" it makes no variable at all.
VARIABLE = re.compile(r"\$(?:([0-9])(F)(?![A-Za-z0-9_])|([A-Za-z_][A-Za-z0-9_]*)):?")


def substitute(text: str, lookup: Lookup) -> str:
    """The text with every variable replaced that ``lookup`` knows.

    Args:
        lookup: gives the value of a name (without ``$``), None for an unknown one.
    """

    def value_of(match: re.Match[str]) -> str:
        value = variable(match.group(2) or match.group(3), match.group(1), lookup)
        return match.group() if value is None else as_text(value)

    return VARIABLE.sub(value_of, text)


def variable(name: str, padding: str | None, lookup: Lookup) -> Value | None:
    """Value of one variable, None when unknown; with padding (a digit) a frame as text."""
    value = lookup(name)
    if value is None or not padding:
        return value
    try:
        return "%0*d" % (int(padding), int(float(value)))
    except (ValueError, OverflowError):
        return None


def names_in(text: str) -> Iterator[str]:
    """Names of the variables that a text uses, in order, repeats included."""
    return (match.group(2) or match.group(3) for match in VARIABLE.finditer(text))


def as_text(value: Value) -> str:
    """A value inside a text: whole numbers without decimals, others with up to 15 digits."""
    return value if isinstance(value, str) else "%.15g" % value

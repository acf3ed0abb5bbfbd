"""The filter of instance types: ``cpu=gte:8:int,operating_system=ne:windows``.

Terms are joined by commas and must all hold. A dot goes into a member that is an object; what is
not there is unequal to everything, and neither more nor less.
"""

from __future__ import annotations

import operator
import re
from typing import Any, Callable, Mapping, Sequence

from conductor.lib.errors import ArgumentError

_TERM = re.compile(r"([A-Za-z_.]+)=([a-z]+):(.*?)(?::(int|float|str|bool))?", re.DOTALL)
_OPERATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt, "gte": operator.ge,
    "lt": operator.lt, "lte": operator.le,
}
_KINDS: Mapping[str, Callable[[str], Any]] = {
    "int": int, "float": float, "str": str, "bool": lambda text: text.lower() in ("true", "1"),
}


def apply(text: str, entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The entries for which every term holds.

    Raises:
        ArgumentError: quoting the term that is not understood.
    """
    tests = [_test(term.strip()) for term in text.split(",") if term.strip()]
    return [entry for entry in entries if all(test(entry) for test in tests)]


def _test(term: str) -> Callable[[Mapping[str, Any]], bool]:
    match = _TERM.fullmatch(term)
    if not match or match.group(2) not in _OPERATIONS:
        raise ArgumentError(
            'filter "%s": <member>=<%s>:<value>[:<int|float|str|bool>] is the form'
            % (term, "|".join(_OPERATIONS))
        )
    name, operation, text, kind = match.groups()
    try:
        wanted = _KINDS[kind or "str"](text)
    except ValueError as error:
        raise ArgumentError('filter "%s": "%s" is no %s' % (term, text, kind)) from error

    def test(entry: Mapping[str, Any]) -> bool:
        found = _member(entry, name)
        if found is None:
            return operation == "ne"
        return _OPERATIONS[operation](_like(found, wanted), wanted)

    return test


def _member(entry: Mapping[str, Any], name: str) -> Any:
    value: Any = entry
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _like(found: Any, wanted: Any) -> Any:
    """What was found as the kind that was asked for: numbers may be text in either place."""
    if isinstance(wanted, str):
        return str(found)
    return float(found) if not isinstance(wanted, bool) else bool(found)

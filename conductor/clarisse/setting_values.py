"""Values typed as text (``--set chunk_size=2``), turned into what Clarisse stores."""

from __future__ import annotations

import json
from typing import Iterator

from conductor.clarisse.attributes import (
    Attribute,
    Default,
    JobSettings,
    Kind,
    attribute,
    settings,
)
from conductor.lib.checks import Finding, error
from conductor.lib.errors import ArgumentError

_YES = ("1", "yes", "on", "true")
_NO = ("0", "no", "off", "false")


def setting(name: str) -> Attribute:
    """The row of that name; raises ArgumentError that names the nearest known one."""
    names = [row.name for row in settings()]
    if name in names:
        return attribute(name)
    raise ArgumentError('ConductorJob has no setting "%s"; its settings are %s'
                        % (name, ", ".join(names)))


def parse(row: Attribute, text: str) -> Default:
    """The value to store: a number for a fixed menu, a name for a menu of Conductor's.

    Lists are written as JSON (``["a", "b"]``) or with commas. Raises ArgumentError that quotes
    the text and says what is expected.
    """
    if row.kind is Kind.BOOL:
        return _parse_switch(row, text)
    if row.is_list:
        return _parse_list(row, text)
    if row.presets:
        return _parse_preset(row, text)
    if row.kind is Kind.LONG and not row.menu:
        return _parse_number(row, text)
    return text


def label_of(row: Attribute, number: int) -> str:
    """The label of a fixed menu's number; empty when no entry has it."""
    for label, value in row.presets:
        if value == number:
            return label
    return ""


def check_ranges(settings_now: JobSettings) -> Iterator[Finding]:
    """An error for each number outside its range: a script can set what the editor refuses."""
    for row in settings():
        if row.minimum is not None and row.maximum is not None:
            number = getattr(settings_now, row.name)
            if not row.minimum <= number <= row.maximum:
                yield error("setting-range", row.name, "%s goes from %d to %d, not %d." % (
                    row.name.capitalize(), row.minimum, row.maximum, number))


def _refuse(row: Attribute, text: str, expected: str) -> ArgumentError:
    return ArgumentError('%s="%s": expected %s' % (row.name, text, expected))


def _parse_switch(row: Attribute, text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES + _NO:
        raise _refuse(row, text, "true or false, or 1 or 0")
    return word in _YES


def _parse_list(row: Attribute, text: str) -> tuple[str, ...]:
    if not text.lstrip().startswith("["):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        values = json.loads(text)
    except ValueError as problem:
        raise _refuse(row, text, "a JSON list of texts (%s)" % problem) from None
    if not all(isinstance(value, str) for value in values):
        raise _refuse(row, text, "a JSON list of texts")
    return tuple(values)


def _parse_preset(row: Attribute, text: str) -> int:
    for label, value in row.presets:
        if text.strip().lower() in (label.lower(), str(value)):
            return value
    raise _refuse(row, text, "one of " + ", ".join(label for label, _ in row.presets))


def _parse_number(row: Attribute, text: str) -> int:
    low = "" if row.minimum is None else "%d " % row.minimum
    high = " to %d" % row.maximum if row.maximum is not None else "or more" if low else ""
    expected = "a whole number" + (", " + (low + high).replace("  ", " ") if low or high else "")
    try:
        number = int(text)
    except ValueError:
        raise _refuse(row, text, expected) from None
    too_low = row.minimum is not None and number < row.minimum
    too_high = row.maximum is not None and number > row.maximum
    if too_low or too_high:
        raise _refuse(row, text, expected)
    return number

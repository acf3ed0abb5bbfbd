"""Where an error points, in words. A caret below a text needs letters of one width and a line of
its own: windows, message boxes and lines of Clarisse's log have neither."""

from __future__ import annotations

import re

_POINTED = re.compile(r'(.*?: ")(.*)"\n( *)\^ here\Z', re.DOTALL)

COUNTED = 20
"""Farther in a text nobody counts signs: what stands before the place is quoted too."""


def in_words(message: str) -> str:
    """The message with its caret, if it has one, as a number: ``Odd: "1-x", at character 3``."""
    pointed = _POINTED.match(message)
    if pointed is None:
        return message
    start, text, blanks = pointed.groups()
    place = len(blanks) - len(start)
    told = '%s%s", at character %d' % (start, text, place + 1)
    return told + (', behind "%s"' % text[place - COUNTED:place] if place > COUNTED else "")


def one_line(message: str) -> str:
    """As :func:`in_words`, without line breaks."""
    return " ".join(in_words(message).splitlines())

"""The text of a ``clarisse.env``: the lines that bring ConductorJob in, put in and taken out.

The file holds ``KEY=VALUE`` lines and ``#`` comments, and belongs to the artist: other plug-ins
have entries in it too. Ours are one block at its end. A line of theirs that the block replaces is
switched off by a mark in front, so that taking the block out gives back every byte.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, NamedTuple, Sequence

from conductor.lib.errors import InputError

LOCATION = "CONDUCTOR_LOCATION"
STARTUP = "CLARISSE_STARTUP_SCRIPT"
STARTUP_FILE = "conductor/clarisse/startup.py"

_BEGIN = '# >>> Conductor submitter: put here by "conductor clarisse install"'
_NO_END = " (the line before had no end)"
_END = "# <<< Conductor submitter"
_OFF = "# off while Conductor is installed: "
_MARK = "\ufeff"
_VENDORS = re.compile(r"\bcioclarisse\b|\$CIO_DIR\b")


class Block(NamedTuple):
    """What the block says.

    Attributes:
        location: the plug-in's folder, with forward slashes.
        startup: value of the startup script's variable, other plug-ins' scripts included.
    """

    location: str
    startup: str

    def lines(self) -> list[str]:
        """The lines between the marks."""
        return ["%s=%s" % (LOCATION, self.location), "%s=%s" % (STARTUP, self.startup)]


def separators(system: str) -> str:
    """What may stand between two startup scripts: Windows has a colon in its drives."""
    return ";" if system == "windows" else ";:"


def location_text(folder: str, system: str) -> str:
    """The plug-in's folder as it stands in the file.

    Raises:
        InputError: it holds a character that Clarisse would read as something else.
    """
    written = folder.replace("\\", "/") if system == "windows" else folder
    for sign in separators(system) + "$\n\r\"'#":
        if sign in written:
            raise InputError(
                'The plug-in cannot lie in "%s": Clarisse would not take the %r in its '
                "startup scripts for a part of the path. Choose another folder." % (folder, sign))
    return written.rstrip("/") or "/"


def installed(text: str, location: str, system: str) -> str:
    """The text with the plug-in in it; doing it again changes nothing.

    Args:
        location: as :func:`location_text` gives it.
        system: ``linux``, ``macos`` or ``windows``; decides how scripts are separated.
    """
    body = removed(text, system)
    lines = body.splitlines(keepends=True)
    startup = _joined(_values(lines, STARTUP), location, system)
    kept = "".join(_switched_off(line) if _sets(line, (LOCATION, STARTUP)) else line
                   for line in lines)
    end = _line_end(text, system)
    missing_end = bool(kept) and not kept.endswith(("\n", "\r"))
    block = [_BEGIN + (_NO_END if missing_end else ""), *Block(location, startup).lines(), _END]
    return kept + (end if missing_end else "") + "".join(line + end for line in block)


def removed(text: str, system: str) -> str:
    """The text without the plug-in: what it was before, with what others added since."""
    before, inside, after, had_end = _split(text)
    if inside is None:
        return text
    lines = [_switched_on(line) for line in before + after]
    if not had_end and not after and lines:
        lines[-1] = lines[-1].rstrip("\r\n")
    return "".join(_with_strangers(lines, inside, _line_end(text, system), system))


def plugin_location(text: str) -> str:
    """The folder that the file names, as Clarisse reads it; empty without one."""
    return (_values(text.splitlines(), LOCATION) or [""])[-1]


def other_submitters(text: str, system: str) -> list[str]:
    """Startup scripts of the vendor's own submitter, which makes a class of the same name."""
    return [script for value in _values(text.splitlines(), STARTUP)
            for script in _scripts(value, system) if _VENDORS.search(script)]


# ---------------------------------------------------------------- lines


def _split(text: str) -> tuple[list[str], list[str] | None, list[str], bool]:
    """Lines before, inside and after the block; whether the text had a line end before it."""
    lines = text.splitlines(keepends=True)
    starts = [place for place, line in enumerate(lines) if line.startswith(_BEGIN)]
    if not starts:
        return lines, None, [], True
    start = starts[0]
    ends = [place for place in range(start, len(lines)) if lines[place].startswith(_END)]
    # Without its last line the block ends where ours end: what follows is somebody else's.
    end = ends[0] if ends else min(start + 2, len(lines) - 1)
    had_end = _NO_END not in lines[start]
    return lines[:start], lines[start + 1:end + (not ends)], lines[end + 1:], had_end


def _sets(line: str, keys: Iterable[str]) -> bool:
    return any(_value(line, key) is not None for key in keys)


def _value(line: str, key: str) -> str | None:
    found = re.match(r"\ufeff?\s*%s\s*=(.*)" % key, line.rstrip("\r\n"))
    return found.group(1).strip() if found else None


def _values(lines: Iterable[str], key: str) -> list[str]:
    found = (_value(line, key) for line in lines)
    return [value for value in found if value is not None]


def _switched_off(line: str) -> str:
    mark = _MARK if line.startswith(_MARK) else ""
    return mark + _OFF + line[len(mark):]


def _switched_on(line: str) -> str:
    mark = _MARK if line.startswith(_MARK) else ""
    rest = line[len(mark):]
    return mark + rest[len(_OFF):] if rest.startswith(_OFF) else line


def _line_end(text: str, system: str) -> str:
    if "\n" in text:
        return "\r\n" if "\r\n" in text else "\n"
    return "\r\n" if system == "windows" else "\n"


# ---------------------------------------------------------------- lists of scripts


def _scripts(value: str, system: str) -> Iterator[str]:
    for script in re.split("[%s]" % separators(system), value):
        if script.strip():
            yield script.strip()


def _is_ours(script: str) -> bool:
    return script.replace("\\", "/").endswith(STARTUP_FILE)


def _joined(values: Sequence[str], location: str, system: str) -> str:
    """Every script of others once, then ours."""
    scripts = [script for value in values for script in _scripts(value, system)
               if not _is_ours(script)]
    ours = "%s/%s" % (location.rstrip("/"), STARTUP_FILE)
    return _separator(values, system).join([*dict.fromkeys(scripts), ours])


def _separator(values: Iterable[str], system: str) -> str:
    """The one that is in use, else the one that every system takes."""
    text = "".join(values)
    return ":" if system != "windows" and ":" in text and ";" not in text else ";"


def _with_strangers(lines: list[str], inside: list[str], end: str, system: str) -> list[str]:
    """The lines, and what others put into our block since."""
    old = _values(lines, STARTUP)
    known = dict.fromkeys(script for value in old for script in _scripts(value, system))
    new = [script for value in _values(inside, STARTUP) for script in _scripts(value, system)
           if script not in known and not _is_ours(script)]
    others = [line for line in inside if not _sets(line, (LOCATION, STARTUP))]
    if new:
        separator = _separator([*old, *_values(inside, STARTUP)], system)
        others.append("%s=%s%s" % (STARTUP, separator.join([*known, *new]), end))
        lines = [line for line in lines if not _sets(line, (STARTUP,))]
    if others and lines and not lines[-1].endswith(("\n", "\r")):
        lines = [*lines, end]
    return lines + others

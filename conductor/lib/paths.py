r"""Paths as text, the same on every system: a Windows path is understood on Linux.

Three spellings of a file occur:

* the **workstation's**, as the artist has it: ``Z:\show\a.png``, ``\\nas\show\a.png``;
* the **destination** in the upload manifest and ``output_path``: the same with forward slashes,
  drive kept: ``Z:/show/a.png``;
* the **node's**: what a render machine opens, which has no drives: ``/show/a.png``, or
  what a :class:`PathMap` says.

Paths with a drive or on a server (``//server/share``) are Windows paths: compared without regard
to case. A backslash always counts as a separator.
"""

from __future__ import annotations

import re
from typing import Iterable, Sequence

from conductor.lib.errors import ConfigError, InputError

_DRIVE = re.compile("[A-Za-z]:")
_LONG_UNC = re.compile("^//[?.]/UNC/", re.IGNORECASE)
_LONG = re.compile("^//[?.]/(?=[A-Za-z]:)")


def normalize(path: str) -> str:
    r"""Forward slashes, no ``.``, ``..``, doubled or trailing slashes; drive in capitals.

    >>> normalize("z:\\show\\shot\\..\\tex//a.png")
    'Z:/show/tex/a.png'
    >>> normalize("\\\\nas\\share\\a.png")
    '//nas/share/a.png'
    """
    if not path:
        return ""
    root, rest = _split_root(path)
    kept: list[str] = []
    for part in rest.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part == ".." and root:
            continue
        elif part not in ("", "."):
            kept.append(part)
    if len(root) > 3 and kept:
        root += "/"  # of a server's share
    if not root and kept and _DRIVE.match(kept[0]):
        root = "./"  # a relative name that only looks like a drive
    return root + "/".join(kept) or "."


def _split_root(path: str) -> tuple[str, str]:
    """What no ``..`` climbs above (``/``, ``C:/``, ``C:``, ``//server/share``, empty), and the
    rest; forward slashes."""
    path = path.replace("\\", "/")
    path = _LONG.sub("", _LONG_UNC.sub("//", path))
    if _DRIVE.match(path):
        drive = path[:2].upper()
        return (drive + "/", path[3:]) if path[2:3] == "/" else (drive, path[2:])
    if path.startswith("//") and not path.startswith("///"):
        parts = path[2:].split("/")
        if len(parts) > 1 and parts[0] and parts[1]:
            return "//%s/%s" % (parts[0], parts[1]), "/".join(parts[2:])
    return ("/", path[1:]) if path.startswith("/") else ("", path)


def destination(path: str) -> str:
    """The form that ``upload_files`` and ``output_path`` carry: drive kept, forward slashes."""
    return normalize(path)


def is_absolute(path: str) -> bool:
    """True when the path starts at a root; ``C:a`` does not."""
    root = _split_root(path)[0]
    return bool(root) and not _DRIVE.fullmatch(root)


def is_windows(path: str) -> bool:
    """True for a path with a drive or on a server, whose case does not matter."""
    root = _split_root(path)[0]
    return root not in ("", "/")


def drop_drive(path: str) -> str:
    """The node's form where no path map says otherwise: ``C:/a`` and ``//nas/a`` lose their root.

    >>> drop_drive("C:/show/a.png"), drop_drive("//nas/show/a.png")
    ('/show/a.png', '/nas/show/a.png')
    """
    path = normalize(path)
    if _DRIVE.match(path):
        return path[2:]
    return path[1:] if path.startswith("//") else path


def comparable(path: str) -> str:
    """A key that is equal for two spellings of one file."""
    path = normalize(path)
    return path.lower() if is_windows(path) else path


def folder_of(path: str) -> str:
    """The folder a file lies in, normalized; the root's folder is the root."""
    return normalize(path + "/..")


def join(folder: str, path: str) -> str:
    """A path seen from a folder, normalized; an absolute one stays as it is."""
    return normalize(path if is_absolute(path) else folder + "/" + path)


def common_folder(paths: Iterable[str]) -> str:
    """The deepest folder that holds all these folders (it may be one of them).

    Raises:
        InputError: there are none, one is not absolute, or they share nothing but a root.
    """
    folders = [normalize(path) for path in paths]
    if not folders:
        raise InputError("There are no folders to find a common one of")
    for folder in folders:
        if not is_absolute(folder):
            raise InputError('"%s" is not an absolute path' % folder)
    root = _split_root(folders[0])[0]
    split = [_split_root(comparable(folder)) for folder in folders]
    shared = _shared_parts([_parts(rest) for _, rest in split])
    same_root = len({start.lower() for start, _ in split}) == 1
    if not same_root or not (shared or root.startswith("//")):
        raise InputError(
            "These folders share no folder but the root: %s. Write all outputs below one folder."
            % ", ".join('"%s"' % folder for folder in sorted(set(folders))[:5]))
    kept = _parts(_split_root(folders[0])[1])[:shared]
    return normalize("/".join([root.rstrip("/")] + kept))


def _parts(rest: str) -> list[str]:
    return [part for part in rest.split("/") if part]


def _shared_parts(rows: Sequence[list[str]]) -> int:
    """How many parts all rows have in common at their start."""
    first, last = min(rows), max(rows)
    count = 0
    for one, other in zip(first, last):
        if one != other:
            break
        count += 1
    return count


class PathMap:
    """Workstation folders and what render nodes call them.

    The longest matching folder decides; only whole path components match, ``/show`` never
    ``/showreel``. Where no rule matches the drive is dropped, as Conductor does. In reverse, of
    several workstation folders with one name on the node the first rule's is taken.

    Raises:
        ConfigError: a side of a rule is not an absolute path.
    """

    def __init__(self, rules: Iterable[tuple[str, str]] = ()) -> None:
        self.rules: tuple[tuple[str, str], ...] = tuple(
            (_rule_side(workstation), _rule_side(node)) for workstation, node in rules)
        self._to_node = _longest_first(self.rules)
        self._to_workstation = _longest_first([(node, here) for here, node in self.rules])

    @classmethod
    def default(cls) -> PathMap:
        """No rules: the drive letter is dropped."""
        return cls()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathMap) and self.rules == other.rules

    def __hash__(self) -> int:
        return hash(self.rules)

    def __repr__(self) -> str:
        return "PathMap(%r)" % (self.rules,)

    def to_node(self, path: str) -> str:
        """What a render node calls a path of this workstation."""
        path = normalize(path)
        mapped = _mapped(path, self._to_node)
        return drop_drive(path) if mapped is None else mapped

    def to_workstation(self, path: str) -> str:
        """What this workstation calls a path of a render node; unchanged where no rule matches:
        a dropped drive letter cannot be guessed."""
        path = normalize(path)
        mapped = _mapped(path, self._to_workstation)
        return path if mapped is None else mapped

    def collisions(self, paths: Iterable[str]) -> list[tuple[str, str, str]]:
        """Pairs of different files that a node would call by one name, with that name."""
        seen: dict[str, str] = {}
        found = []
        for path in paths:
            target = self.to_node(path)
            other = seen.setdefault(target, path)
            if comparable(other) != comparable(path):
                found.append((other, path, target))
        return found


_Rules = Sequence["tuple[str, str]"]


def _rule_side(path: str) -> str:
    if not is_absolute(path):
        raise ConfigError(
            'path_map: "%s" is not an absolute path; write pairs such as '
            '["Z:/show", "/mnt/show"]' % path)
    return normalize(path)


def _longest_first(rules: _Rules) -> list[tuple[str, str]]:
    """Rules in the order they are tried; the slash of a root cut."""
    ordered = sorted(rules, key=lambda rule: len(rule[0]), reverse=True)
    return [(start.rstrip("/"), target) for start, target in ordered]


def _mapped(path: str, rules: _Rules) -> str | None:
    for start, target in rules:
        head, rest = path[:len(start)], path[len(start):]
        same = head == start or is_windows(start) and head.lower() == start.lower()
        if same and rest[:1] in ("", "/"):
            return normalize(target + "/" + rest)
    return None

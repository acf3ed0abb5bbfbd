"""Turns the text of a project into that of a render package: edits by span, nothing else changes.

What is edited:

* items of our own class are taken out: render nodes do not know it;
* frame ranges of images are widened, where frames outside them are to be rendered;
* paths become what a render node calls them; the block of preferences, which is no part of the
  scene, keeps its own;
* ``$PDIR`` becomes a plain folder, where the package cannot lie beside its scene;
* references to projects that have packages of their own name these.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, Iterable, Iterator, Mapping, Tuple

from conductor.clarisse.classes import default_text, is_kind_of
from conductor.clarisse.project_file import Edit, Entry, Item, ProjectFile, parse, quote
from conductor.clarisse.project_lexer import token_at
from conductor.lib.errors import RenderPackageError
from conductor.lib.paths import PathMap, is_absolute, normalize
from conductor.lib.sequence import Sequence

Range = Tuple[int, int]
"""First and last frame."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
_RANGE = ("first_frame", "last_frame", "frame_step")

# Texts that may look like paths and are none.
_NO_PATHS = ("OSL_shader_script", "comment", "doc", "name")
_KEY = re.compile(r"[ \t]*(\S+)")
# Entries that may hold the path of a project, with or without an index behind.
_LOADING = re.compile(r"(?:\w*filenames?|files?|path|value|(expression))(?:\[[0-9]*\])?\Z")
_PDIR = re.compile(r"\$PDIR(?![A-Za-z0-9_]):?")
_LITERAL = re.compile(r"""(["'])((?:(?!\1).)*)\1""")


def edit(
    text: str, remove_classes: Iterable[str], ranges: Mapping[str, Range], path_map: PathMap,
    pdir: str = "", frames: Mapping[str, Sequence] = NOTHING,
    replaced: Mapping[str, str] = NOTHING,
) -> str:
    """The text of the package.

    Args:
        remove_classes: items of these classes are taken out.
        ranges: first and last frame for images and layers, by path.
        pdir: folder that replaces ``$PDIR``; empty leaves it alone.
        frames: what is rendered of each image: its layers get ranges that hold it too.
        replaced: texts of references, as typed, and what they become.

    Raises:
        ProjectFileError: the text is no project.
        RenderPackageError: an image of ``ranges`` is not in it.
    """
    project = parse(text)
    removed = [_removal(item) for item in project.items() if item.class_name in remove_classes]
    edits = list(removed)
    for path, first_and_last in ranges.items():
        edits += _widened(project, path, first_and_last)
    for path, first_and_last in _layer_ranges(project, frames, ranges):
        edits += _widened(project, path, first_and_last)
    edits += _replaced(project, replaced)
    taken = [(one.start, one.end) for one in edits]
    edits += [
        one for one in _mapped_paths(project, path_map, pdir)
        if not any(start <= one.start < end for start, end in taken)
    ]
    return project.edited(edits)


def _removal(item: Item) -> Edit:
    return Edit(item.entry.start, item.entry.end, "")


def _widened(project: ProjectFile, path: str, frames: Range) -> Iterator[Edit]:
    item = project.item(path)
    if item is None:
        raise RenderPackageError(f'the snapshot of the scene has no image "{path}"')
    first, last = frames
    yield from _set_number(project, item, "first_frame", first)
    yield from _set_number(project, item, "last_frame", last)
    # With another step Clarisse would refuse the frames between.
    if item.attribute("frame_step") is not None:
        yield from _set_number(project, item, "frame_step", 1)


def _layer_ranges(
    project: ProjectFile, frames: Mapping[str, Sequence], named: Mapping[str, Range],
) -> Iterator[tuple[str, Range]]:
    """New ranges of layers that an image shows and the job does not name."""
    for path, wanted in frames.items():
        image = project.item(path)
        for layer in image.children if image is not None and wanted else ():
            is_named = layer.path in named or layer.path in frames
            if is_named or not layer.is_embedded or not is_kind_of(layer.class_name, "Layer"):
                continue
            first, last, step = (_number(layer, name) for name in _RANGE)
            own = Sequence.from_range(max(0, min(first, last)), max(0, first, last), max(1, step))
            if wanted - own:
                yield layer.path, (min(first, wanted.start), max(last, wanted.end))


def _number(item: Item, name: str) -> int:
    values = item.values(name)
    text = values[0].text if values else default_text(item.class_name, name)
    try:
        return int(float(text or 0))
    except (ValueError, OverflowError):
        return 0


def _replaced(project: ProjectFile, replaced: Mapping[str, str]) -> Iterator[Edit]:
    for old, new in replaced.items():
        token, start = quote(old), 0
        while True:
            start = project.text.find(token, start)
            if start < 0:
                break
            key = _KEY.match(project.text, project.text.rfind("\n", 0, start) + 1)
            loading = _LOADING.match(key.group(1)) if key is not None else None
            if loading is not None:
                literal = '"%s"' % new if loading.group(1) else new
                yield Edit(start, start + len(token), quote(literal))
            start += len(token)


def _set_number(project: ProjectFile, item: Item, name: str, number: int) -> Iterator[Edit]:
    values = item.values(name)
    if values:
        yield Edit(values[0].start, values[0].end, str(number))
        return
    entry = item.attribute(name)
    holder, key = (entry, "value") if entry is not None else (item.entry, name)
    line = "%s%s %d\n" % (" " * (holder.indent + 4), key, number)
    place = _place_for_line(holder)
    yield Edit(place, place, line)


def _place_for_line(holder: Entry) -> int:
    """Before the embedded objects, where Clarisse itself writes values; else at the end."""
    embedded = holder.find("embedded_objects")
    return holder.body_end if embedded is None else embedded.start


def _mapped_paths(project: ProjectFile, path_map: PathMap, pdir: str) -> Iterator[Edit]:
    text = project.text
    preferences = project.preferences
    end = len(text) if preferences is None else preferences.start
    position = 0
    for found in _candidates(path_map, bool(pdir)).finditer(text, 0, end):
        if found.start() < position:
            continue
        line = text.rfind("\n", 0, found.start()) + 1
        position = _line_end(text, line)
        key = _KEY.match(text, line)
        if key is not None and key.group(1) not in _NO_PATHS:
            yield from _edits_of_line(text, key.end(), position, path_map, pdir)


def _edits_of_line(
    text: str, start: int, end: int, path_map: PathMap, pdir: str
) -> Iterator[Edit]:
    token = token_at(text, start)
    while token is not None and token.start < end:
        new = map_text(token.text, path_map, pdir) if token.quoted else token.text
        if new != token.text:
            yield Edit(token.start, token.end, quote(new))
        token = token_at(text, token.end)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _candidates(path_map: PathMap, with_pdir: bool) -> re.Pattern[str]:
    """Cheap signs of a text that may have to change: most lines of a scene show none."""
    signs = [r'"[A-Za-z]:[\\/]', r'"//', r'"\\\\', r"\$\w+\\\\"]
    signs += ['"' + re.escape(rule[0]) for rule in path_map.rules]
    if with_pdir:
        signs.append(r"\$PDIR")
    return re.compile("|".join(signs), re.IGNORECASE)


def map_text(source: str, path_map: PathMap, pdir: str = "") -> str:
    r"""One text of the scene as a render node needs it: a path, or an expression with paths in it.

    >>> map_text("Z:\\show\\a.####.png", PathMap([("Z:/show", "/mnt/show")]))
    '/mnt/show/a.####.png'
    >>> map_text('"Z:/show/" + $NAME', PathMap.default())
    '"/show/" + $NAME'
    """
    if source[:1] in ("'", '"') or (_LITERAL.search(source) and "+" in source):
        if pdir:
            source = _PDIR.sub(f'"{pdir}"', source)
        return _LITERAL.sub(lambda found: _map_literal(found, path_map), source)
    if pdir:
        source = _PDIR.sub(pdir, source)
    if source.startswith("$"):
        return source.replace("\\", "/")
    return map_path(source, path_map)


def _map_literal(found: re.Match[str], path_map: PathMap) -> str:
    return found.group(1) + map_path(found.group(2), path_map) + found.group(1)


def map_path(path: str, path_map: PathMap) -> str:
    """One path as a render node calls it; what is no absolute path, and what the map leaves as it
    is, stays to the letter."""
    if "\n" in path or not is_absolute(path):
        return path
    plain = normalize(path)
    mapped = path_map.to_node(path)
    if mapped == plain and "\\" not in path:
        return path
    ends_open = path.endswith(("/", "\\")) and not mapped.endswith("/")
    return mapped + "/" if ends_open else mapped

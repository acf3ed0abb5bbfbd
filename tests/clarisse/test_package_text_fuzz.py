"""Whatever a project's text looks like, editing it ends, and raises nothing but errors of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor.clarisse.command_paths import map_template
from conductor.clarisse.node_config import node_config
from conductor.clarisse.package_text import edit, map_text
from conductor.clarisse.project_file import parse
from conductor.lib.errors import ConductorError
from conductor.lib.paths import PathMap
from conductor.lib.sequence import Sequence

STUDIO = PathMap([("Z:/show", "/mnt/show"), ("//nas/lib", "/mnt/lib"), ("/home/me", "/mnt/me")])
REAL = (Path(__file__).parent / "every_construct.project").read_text(encoding="utf-8")
IMAGES = [item.path for item in parse(REAL).items() if item.class_name == "Image"][:2]

pieces = st.sampled_from([
    '"', "'", "{", "}", "\\", "\n", " ", "$PDIR", '"Z:/show/a"', '"\\\\\\\\nas\\\\lib\\\\x"', "[]",
    "ConductorJob {\n}\n", "#preferences {\n}\n", "\0", "é", "\r\n", "first_frame", "1e999", "+",
    "embedded_objects {", "filename", "name \"image\"", "\udc80",
]) | st.text(max_size=4)
places = st.integers(0, len(REAL))
mutations = st.lists(st.tuples(places, st.integers(0, 60), pieces), max_size=8)


def mutated(changes: list[tuple[int, int, str]]) -> str:
    text = REAL
    for place, cut, piece in changes:
        text = text[:place] + piece + text[place + cut:]
    return text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations, st.booleans())
def test_mutated_projects(changes: list[tuple[int, int, str]], with_images: bool) -> None:
    text = mutated(changes)
    frames = {path: Sequence.from_range(1, 100) for path in IMAGES}
    try:
        made = edit(
            text, ("ConductorJob",), {IMAGES[0]: (0, 200)} if with_images else {}, STUDIO,
            "/scene", frames, {"$PDIR/a.project": "/b.project"})
        # What comes out is read by cnode: it has to be a project again.
        again = parse(made)
    except ConductorError:
        return
    assert not [item for item in again.items() if item.class_name == "ConductorJob"]


@settings(max_examples=60, deadline=None)
@given(mutations)
def test_mutated_configurations(changes: list[tuple[int, int, str]]) -> None:
    try:
        node_config(mutated(changes), STUDIO)
    except ConductorError:
        pass


texts = st.lists(pieces | st.sampled_from(["Z:/show", "\\\\nas\\lib", "$CT_CHUNKS", "/x", "http:"]),
                 max_size=12).map("".join)


@settings(max_examples=100, deadline=None)
@given(texts)
def test_texts_and_templates(text: str) -> None:
    assert isinstance(map_text(text, STUDIO, "/scene"), str)
    assert isinstance(map_template(text, STUDIO), str)


@pytest.mark.parametrize("count", [20000])
def test_no_text_makes_it_slow(count: int) -> None:
    for text in ('"' * count, "\\" * count, "Z:/show/" * count, "'" * count + "+", "//a" * count):
        map_text(text, STUDIO, "/scene")
        map_template(text, STUDIO)

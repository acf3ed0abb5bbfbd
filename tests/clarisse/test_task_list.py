"""The task template, filled in for every chunk."""

from __future__ import annotations

from dataclasses import replace

import pytest
from build_values import SETTINGS, image, scene
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse import expressions
from conductor.clarisse.attributes import DEFAULT_TASK_TEMPLATE
from conductor.clarisse.ct_values import TASK_VALUES
from conductor.clarisse.frames import Chunk, read_frames
from conductor.clarisse.task_list import make_tasks
from conductor.lib.variables import VARIABLES, in_command

CHUNKS = list(read_frames(SETTINGS, scene(image("a", 1, 4), image("b b", 3, 8)))[0].chunks())
FIXED = {variable.name: "<%s>" % variable.name for variable in VARIABLES}
FIXED["PNAME"] = "shot"


def commands(template: str, chunks: list[Chunk] = CHUNKS, tiles: int = 1) -> list[str]:
    tasks, findings = make_tasks(template, chunks, FIXED, tiles)
    assert findings == ()
    return [task.command for task in tasks]


@pytest.mark.parametrize("template, second", [
    pytest.param('"a "+$CT_CHUNKS+" b"', "a 3:4 3:4 b", id="joined"),
    pytest.param('$CT_JOB+$CT_CHUNKS+$CT_JOB', "<CT_JOB>3:4 3:4<CT_JOB>", id="names only"),
    pytest.param('"only text"', "only text", id="a text"),
    pytest.param("cnode -i $CT_SOURCES", "cnode -i project://scene/a 'project://scene/b b'",
                 id="plain text"),
    pytest.param("echo $HOME $CT_CHUNKSTART", "echo $HOME 3", id="what is not ours stays"),
    pytest.param('$CT_CHUNKTYPE == "regular" ? "r "+$CT_CHUNKEND : "i"', "r 4", id="a choice"),
    pytest.param('cmd = "a"; cmd += $CT_CHUNKLENGTH; cmd', "a2", id="statements"),
    pytest.param('"$CT_CHUNKSTART-$CT_CHUNKEND " + $PNAME', "3-4 shot",
                 id="variables inside a text"),
])
def test_templates(template: str, second: str) -> None:
    assert commands(template)[1] == second


def test_frames_of_a_task_are_those_of_its_chunk() -> None:
    tasks, _ = make_tasks('"x"', CHUNKS, FIXED)
    assert [task.frames for task in tasks] == ["1-2", "3-4", "5-6", "7-8"]


@pytest.mark.parametrize("template, quoted", [
    pytest.param('"cnode " + $CT_CHUNK', "CT_CHUNK", id="unknown variable"),
    pytest.param('"cnode " + ', '"cnode " + ', id="half an expression"),
    pytest.param('"cnode " + "x', "x", id="open quote"),
    pytest.param('get_string("x") + "a"', "get_string", id="a function of the host"),
    pytest.param("", "empty command", id="empty"),
    pytest.param('" "', "empty command", id="blank"),
])
def test_templates_that_cannot_be_used(template: str, quoted: str) -> None:
    tasks, (finding,) = make_tasks(template, CHUNKS, FIXED)
    assert tasks == ()
    assert (finding.level.value, finding.code, finding.subject) == (
        "error", "task-template", "task_template")
    assert quoted in finding.message


TILED = list(read_frames(
    replace(SETTINGS, tiles=2, chunk_size=10), scene(image("a", 1, 2)))[0].chunks())


@pytest.mark.parametrize("template, third", [
    pytest.param('"cnode "+$CT_CHUNKS', "cnode 1:2 -tile_rendering 4 3", id="joined"),
    pytest.param("cnode $CT_CHUNKS", "cnode 1:2 -tile_rendering 4 3", id="plain text"),
    pytest.param("cnode $CT_CHUNKS\n", "cnode 1:2 -tile_rendering 4 3", id="a line at the end"),
    pytest.param('a = "b"; a', "b -tile_rendering 4 3", id="statements"),
    pytest.param('"cnode -t "+$CT_TILE', "cnode -t 3", id="the tile is named"),
    pytest.param('"tile $CT_TILE/$CT_TILES of" + $CT_CHUNKS', "tile 3/<CT_TILES> of1:2",
                 id="named in a text"),
    pytest.param('"cnode"+$CT_TILED', None, id="a longer name is another one"),
    pytest.param("cnode -tile_rendering $CT_TILES $CT_TILE", "cnode -tile_rendering <CT_TILES> 3",
                 id="the flag with variables"),
])
def test_commands_of_tiles(template: str, third: str | None) -> None:
    if third is None:
        _, (finding,) = make_tasks(template, TILED, FIXED, 4)
        assert "CT_TILED" in finding.message
    else:
        assert commands(template, TILED, 4)[2] == third


@pytest.mark.parametrize("template", ['"x -tile_rendering 4 1"', '"x "+$CT_TILES'])
def test_a_template_that_gives_every_tile_the_same_command(template: str) -> None:
    tasks, (finding,) = make_tasks(template, TILED, FIXED, 4)
    assert (tasks, finding.level.value, finding.code) == ((), "error", "task-template")
    assert "$CT_TILE" in finding.message


@pytest.mark.parametrize("template", ["", '" "'])
def test_tiles_do_not_hide_an_empty_command(template: str) -> None:
    _, (finding,) = make_tasks(template, TILED, FIXED, 4)
    assert "empty command" in finding.message


PIECES = st.lists(st.sampled_from(
    ['"a "', "'b'", "$CT_CHUNKS", "$CT_SOURCES", "CT_CHUNKSTART", "$CT_JOB", "$PNAME",
     '"$CT_CHUNKEND"', "$CT_CHUNKTYPE"]), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_substitution_and_evaluation_agree(pieces: list[str]) -> None:
    template = '"" + ' + " + ".join(pieces)
    expression = expressions.parse(template)
    truth = []
    for chunk in CHUNKS:
        values = dict(FIXED, **{
            name: in_command(name, make(chunk)) for name, make in TASK_VALUES.items()})
        truth.append(expression.evaluate(values.get))
    assert commands(template) == truth


def test_the_usual_template_is_not_evaluated_for_each_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("evaluated")

    monkeypatch.setattr(expressions.Expression, "evaluate", refuse)
    assert commands(DEFAULT_TASK_TEMPLATE)[3] == (
        "<CT_SCRIPT_DIR>/ct_cnode <CT_RENDER_PACKAGE> -image 'project://scene/b b' "
        "-image_frames_list 7:8 -directories <CT_DIRECTORIES>")
    with pytest.raises(AssertionError, match="evaluated"):
        commands('$CT_JOB == "x" ? "a" : "b"')

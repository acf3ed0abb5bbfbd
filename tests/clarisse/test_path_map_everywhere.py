r"""One table of paths, for workstations of all kinds and a Linux farm, and every place they go to.

A row holds what the artist has, what the node is to be told, and what goes back to the artist.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NamedTuple

import pytest
from build_values import SETTINGS, built, image, scene

from conductor.clarisse.command_paths import map_template
from conductor.clarisse.package_text import edit
from conductor.clarisse.project_file import parse, quote
from conductor.lib.paths import PathMap, destination

RULES = (
    ("Z:/show", "/mnt/show"), ("Z:/show/cache", "/fast/cache"), ("//nas/lib", "/mnt/lib"),
    ("/Volumes/show", "/mnt/show"), ("/home/me/show", "/mnt/show"), ("P:/", "/mnt/p"),
)
STUDIO = PathMap(RULES)


class Row(NamedTuple):
    """A path of a workstation, the node's, and the one that comes back."""

    here: str
    node: str
    back: str


ROWS = [
    pytest.param(Row("Z:\\show\\a\\b.png", "/mnt/show/a/b.png", "Z:/show/a/b.png"),
                 id="windows, backslashes"),
    pytest.param(Row("z:/SHOW/a/B.png", "/mnt/show/a/B.png", "Z:/show/a/B.png"),
                 id="windows, another case"),
    pytest.param(Row("Z:/show/cache/a.vdb", "/fast/cache/a.vdb", "Z:/show/cache/a.vdb"),
                 id="windows, the longest rule"),
    pytest.param(Row("Z:/show/cache2/a.vdb", "/mnt/show/cache2/a.vdb", "Z:/show/cache2/a.vdb"),
                 id="windows, whole names only"),
    pytest.param(Row("Z:/showreel/a.png", "/showreel/a.png", "/showreel/a.png"),
                 id="windows, no rule: the drive goes"),
    pytest.param(Row("P:/a.png", "/mnt/p/a.png", "P:/a.png"), id="windows, a whole drive"),
    pytest.param(Row("\\\\nas\\lib\\a.abc", "/mnt/lib/a.abc", "//nas/lib/a.abc"), id="server"),
    pytest.param(Row("//NAS/Lib/a.abc", "/mnt/lib/a.abc", "//nas/lib/a.abc"),
                 id="server, another case"),
    pytest.param(Row("//nas/other/a.abc", "/nas/other/a.abc", "/nas/other/a.abc"),
                 id="server, no rule"),
    pytest.param(Row("/Volumes/show/a.png", "/mnt/show/a.png", "Z:/show/a.png"), id="macos"),
    pytest.param(Row("/Volumes/Show/a.png", "/Volumes/Show/a.png", "/Volumes/Show/a.png"),
                 id="macos, another case is another folder"),
    pytest.param(Row("/home/me/show/a.png", "/mnt/show/a.png", "Z:/show/a.png"), id="linux"),
    pytest.param(Row("/home/me/showreel/a.png", "/home/me/showreel/a.png",
                     "/home/me/showreel/a.png"), id="linux, no rule"),
    pytest.param(Row("/mnt/show/a.png", "/mnt/show/a.png", "Z:/show/a.png"),
                 id="linux, as the farm calls it"),
    pytest.param(Row("Z:/show/ü é/a.png", "/mnt/show/ü é/a.png", "Z:/show/ü é/a.png"),
                 id="blanks and accents"),
]
everywhere = pytest.mark.parametrize("row", ROWS)


@everywhere
def test_there_and_back(row: Row) -> None:
    assert STUDIO.to_node(row.here) == row.node
    assert STUDIO.to_workstation(row.node) == row.back


@everywhere
def test_package_text(row: Row) -> None:
    text = "TextureMapFile {\n    name \"t\"\n    filename %s\n}\n" % quote(row.here)
    item = parse(edit(text, (), {}, STUDIO)).item("project://t")
    assert item is not None
    assert [token.text for token in item.values("filename") or ()] == [row.node]


@everywhere
def test_expressions_in_package_text(row: Row) -> None:
    source = '"%s" + $NAME' % row.here
    text = "TextureMapFile {\n    name \"t\"\n    filename %s\n}\n" % quote(source)
    item = parse(edit(text, (), {}, STUDIO)).item("project://t")
    assert item is not None
    assert [token.text for token in item.values("filename") or ()] == ['"%s" + $NAME' % row.node]


@everywhere
@pytest.mark.parametrize("template, command", [
    pytest.param('"run \'%s\' "+$CT_CHUNKS', "run '%s' 1:2", id="quoted in an expression"),
    pytest.param('"run --a=\\"%s\\" "+$CT_CHUNKS', 'run --a="%s" 1:2', id="escaped quotes"),
    pytest.param("run '%s' $CT_CHUNKS", "run '%s' 1:2", id="plain text"),
])
def test_literals_of_commands(row: Row, template: str, command: str) -> None:
    here = row.here if template.startswith("run") else row.here.replace("\\", "\\\\")
    settings = replace(SETTINGS, task_template=template % here)
    made = built(settings, path_map=[list(rule) for rule in RULES])
    assert made.submission.tasks[0].command == command % row.node


@everywhere
def test_environment(row: Row) -> None:
    extra = [{"name": "A", "value": row.here, "merge_policy": "exclusive"}]
    windows = [{"name": "L", "value": "Z:/show/x;" + row.here, "merge_policy": "exclusive"}]
    made = built(replace(SETTINGS, extra_environment=json.dumps(extra + windows)),
                 path_map=[list(rule) for rule in RULES])
    assert made.submission.environment["A"] == row.node
    assert made.submission.environment["L"] == "/mnt/show/x:" + row.node


@everywhere
def test_variables_and_the_output_folder(row: Row) -> None:
    folder = row.here.replace("\\", "/").rpartition("/")[0]
    node = row.node.rpartition("/")[0]
    scene_ = scene(image(save_as=folder + "/out/x."), path=folder + "/shot.project")
    made = built(scene_=scene_, path_map=[list(rule) for rule in RULES])
    assert made.variables["CT_PDIR"] == node
    assert made.variables["CT_RENDER_PACKAGE"].startswith(node + "/shot.")
    assert made.variables["CT_DIRECTORIES"] == node + "/out"
    # The manifest and the output path keep the workstation's form, with forward slashes.
    assert made.submission.output_path == destination(folder + "/out")


def test_rules_of_the_service_follow_those_of_the_workstation() -> None:
    first = PathMap([("Z:/a", "/mine"), ("Z:/a", "/theirs")])
    assert first.to_node("Z:/a/x") == "/mine/x"


@pytest.mark.parametrize("template", [
    pytest.param('"curl http://host/a//b "+$CT_CHUNKS', id="address"),
    pytest.param('"render project://scene/a "+$CT_CHUNKS', id="item"),
    pytest.param('"a:b c:d x/Z:/y "+$CT_CHUNKS', id="inside words"),
    pytest.param("echo $PDIR/Z:/x a\\tb", id="variables and escapes"),
    pytest.param('"/showreel/a /home/me/showreel "+$CT_X', id="names that only begin alike"),
    pytest.param("", id="nothing"),
])
def test_what_is_no_path_stays(template: str) -> None:
    assert map_template(template, STUDIO) == template


@pytest.mark.parametrize("template, mapped", [
    pytest.param('"Z:/show/"+$CT_JOB', '"/mnt/show/"+$CT_JOB', id="goes on in a variable"),
    pytest.param('"a Z:/show/x;b=P:/y,//nas/lib/z"', '"a /mnt/show/x;b=/mnt/p/y,/mnt/lib/z"',
                 id="several"),
    pytest.param("D:/tools/run.sh $CT_CHUNKS", "/tools/run.sh $CT_CHUNKS", id="no rule"),
    pytest.param('"\\\\\\\\nas\\\\lib\\\\run"', '"/mnt/lib/run"', id="doubled backslashes"),
])
def test_what_is_one_is_mapped(template: str, mapped: str) -> None:
    assert map_template(template, STUDIO) == mapped

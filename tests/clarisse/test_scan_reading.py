"""What the scan asks of Clarisse: preferences, references, branches of images."""

from __future__ import annotations

from typing import Any

import pytest

from conductor.clarisse.scan import OCIO_CONFIG, PREFERENCES
from conductor.clarisse.scene import makes_references_local, read_branches, read_scene

JOB = "project://job"


def colours(*rows: str) -> tuple[str, str]:
    """An edit of the scene that gives it preferences of colour."""
    block = "".join("            %s\n" % row for row in rows)
    start = "    categories {\n"
    return start, start + "        color_management {\n%s        }\n" % block


def preference_files(ix: Any) -> dict[str, str]:
    return {one.attribute: one.source for one in read_scene(ix, ix.get_item(JOB)).references
            if one.item == PREFERENCES}


@pytest.mark.parametrize("rows, found", [
    pytest.param((), {}, id="nothing set"),
    pytest.param(("use_ocio_config_file yes", 'ocio_config_file "/ocio/a.ocio"'),
                 {OCIO_CONFIG: "/ocio/a.ocio"}, id="ocio in use"),
    pytest.param(('ocio_config_file "/ocio/a.ocio"',), {}, id="ocio not in use"),
    pytest.param(('cdl_library_file "$PDIR/a.cdl"', 'color_space_mapping_config_file "/m.cfg"'),
                 {"cdl_library_file": "$PDIR/a.cdl",
                  "color_space_mapping_config_file": "/m.cfg"}, id="cdl and mapping"),
])
def test_files_of_the_preferences(
    open_scene: Any, rows: tuple[str, ...], found: dict[str, str],
) -> None:
    assert preference_files(open_scene(colours(*rows))) == found


def test_the_stand_in_cannot_make_references_local(ix: Any) -> None:
    assert makes_references_local(ix) is False
    assert read_scene(ix, ix.get_item(JOB)).localizes_references is False


def test_a_host_with_the_exporter_makes_references_local() -> None:
    class Helper:
        export_context_as_project_with_dependencies = print

    assert makes_references_local(Helper) is True


BRANCHES = ('    TextureMapFile {\n        name "fixed"', """    TextureMapFile {
        name "plate"
    }
    LayerFile {
        name "unused"
        filename "/unused.png"
    }
    GeometryPolyfile {
        name "cube"
        materials "mat"
    }
    MaterialPhysical {
        name "mat"
        color {
            value 1 1 1
            texture "fixed"
        }
    }
    Group {
        name "all"
        inclusion_rule "./*"
    }
    Image {
        name "third"
        layer_texture "plate"
    }
    TextureMapFile {
        name "fixed\"""")


def test_branches_are_read_only_when_asked_for(open_scene: Any) -> None:
    ix = open_scene(BRANCHES)
    assert read_scene(ix, ix.get_item(JOB)).branches is None
    assert read_scene(ix, ix.get_item(JOB), with_branches=True).branches == read_branches(
        ix, ix.get_item(JOB))


def test_a_3d_layer_shows_what_its_context_holds(open_scene: Any) -> None:
    ix = open_scene(BRANCHES)
    branches = read_branches(ix, ix.get_item(JOB))
    scene = "project://scene/"
    assert set(branches) == {scene + "one", scene + "two"}
    assert set(branches[scene + "one"]) == {
        scene + name for name in ("one", "one.back", "cube", "mat", "fixed", "all")}
    assert set(branches[scene + "two"]) == {scene + "two"}, "it has no layer"


@pytest.mark.parametrize("rule, cube", [("./*", True), ("", False)])
def test_a_group_shows_what_its_rule_may_take_in(open_scene: Any, rule: str, cube: bool) -> None:
    group = 'save_as "$PDIR + \\"/out'
    ix = open_scene((BRANCHES[0], BRANCHES[1].replace('rule "./*"', 'rule "%s"' % rule)),
                    (group, 'masks "all"\n        ' + group))
    two = read_branches(ix, ix.get_item(JOB))["project://scene/two"]
    assert "project://scene/all" in two
    assert ("project://scene/fixed" in two) is cube
    assert "project://scene/unused" not in two

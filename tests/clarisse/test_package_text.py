"""From a project's text to a render package's: what changes, and that nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.package_text import edit, map_text
from conductor.clarisse.project_file import parse, quote
from conductor.lib.errors import ProjectFileError, RenderPackageError
from conductor.lib.paths import PathMap

STUDIO = PathMap([("Z:/show", "/mnt/show"), ("/local/tex", "/farm/tex")])

SCENE = r"""#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
Context "scene" {
    #created 1
    Image {
        name "beauty"
        render_to_disk yes
        save_as "$PDIR/renders/beauty."
        first_frame 1
        last_frame 8
        embedded_objects {
            Layer3d {
                name "back"
                first_frame {
                    value 1
                    hidden yes
                }
            }
        }
    }
    Image {
        name "plain"
        frame_step 2
    }
    ConductorJob {
        name "inner"
        images "beauty"
    }
    TextureMapFile {
        name "tex"
        filename "Z:\\show\\tex\\a.####.png"
        filename_sys "Z:/show/tex/a.####.png"
        other "/showreel/a.png" "/local/tex/b.png" "C:/x/"
        expression_path "\"Z:/show/\"+$NAME+\"/a.png\""
        back "$PDIR\\tex\\a.png"
        comment "Z:/show is where it was"
    }
    TextureOslScript {
        name "osl"
        OSL_shader_script "//nas/share\nshader x() { }"
    }
}
ConductorJob {
    name "job"
    extra_uploads "Z:/show/secret.txt"
}
#preferences {
    categories {
        playblast {
            filename "Z:/show/Dawn_#####"
        }
    }
}"""


def packed(**changes: object) -> str:
    arguments = {"remove_classes": ("ConductorJob",), "ranges": {}, "path_map": PathMap.default()}
    arguments.update(changes)
    return edit(SCENE, **arguments)  # type: ignore[arg-type]


def lines_changed(new: str) -> tuple[list[str], list[str]]:
    old, now = SCENE.splitlines(), new.splitlines()
    return [line for line in old if line not in now], [line for line in now if line not in old]


def test_nothing_to_do_leaves_every_byte() -> None:
    text = SCENE.replace("Z:", "/Z").replace("C:", "/C").replace("\\\\", "/")
    assert edit(text, (), {}, PathMap.default()) == text


def test_conductor_jobs_are_taken_out_wherever_they_are() -> None:
    text = packed()
    assert "ConductorJob" not in text
    assert "secret" not in text
    assert [item.name for item in parse(text).items()] == [
        "scene", "beauty", "back", "plain", "tex", "osl",
    ]


def frames(text: str, path: str) -> list[str]:
    item = parse(text).item(path)
    assert item is not None
    found = [item.values(name) for name in ("first_frame", "last_frame", "frame_step")]
    return [values[0].text if values else "" for values in found]


@pytest.mark.parametrize("path, before, after", [
    ("project://scene/beauty", ["1", "8", ""], ["1", "40", ""]),
    ("project://scene/plain", ["", "", "2"], ["1", "40", "1"]),
    ("project://scene/beauty.back", ["1", "", ""], ["1", "40", ""]),
], ids=["values in place", "values the file omits, and a step", "a layer with a value block"])
def test_a_range_is_widened(path: str, before: list[str], after: list[str]) -> None:
    assert frames(SCENE, path) == before
    text = packed(remove_classes=(), ranges={path: (1, 40)})
    assert frames(text, path) == after
    for other in ("project://scene/beauty", "project://scene/plain", "project://scene/beauty.back"):
        if other != path:
            assert frames(text, other) == frames(SCENE, other)


def test_an_image_that_is_not_there_is_an_error() -> None:
    with pytest.raises(RenderPackageError, match='no image "project://scene/gone"'):
        packed(ranges={"project://scene/gone": (1, 2)})


def test_text_that_is_no_project_is_an_error() -> None:
    with pytest.raises(ProjectFileError):
        edit("Image {\n", (), {}, PathMap.default())


def test_paths_of_the_scene_are_mapped_and_nothing_else() -> None:
    gone, new = lines_changed(packed(remove_classes=(), path_map=STUDIO))
    assert new == [
        '        filename "/mnt/show/tex/a.####.png"',
        '        filename_sys "/mnt/show/tex/a.####.png"',
        '        other "/showreel/a.png" "/farm/tex/b.png" "/x/"',
        '        expression_path "\\"/mnt/show/\\"+$NAME+\\"/a.png\\""',
        '        back "$PDIR/tex/a.png"',
        '    extra_uploads "/mnt/show/secret.txt"',
    ]
    assert len(gone) == len(new)


def test_pdir_becomes_a_folder_where_the_package_lies_elsewhere() -> None:
    text = packed(pdir="/mnt/show/shot")
    assert 'save_as "/mnt/show/shot/renders/beauty."' in text
    assert 'back "/mnt/show/shot/tex/a.png"' in text
    assert "$PDIR" not in text


@pytest.mark.parametrize("source, mapped", [
    ("", ""),
    ("textures/a.png", "textures/a.png"),
    ("/home/a.png", "/home/a.png"),
    ("/home//odd/./a.png", "/home//odd/./a.png"),
    ("z:/SHOW/a.png", "/mnt/show/a.png"),
    ("Z:\\other\\a.<UDIM>.png", "/other/a.<UDIM>.png"),
    ("\\\\nas\\share\\a.png", "/nas/share/a.png"),
    ("Z:/show/", "/mnt/show/"),
    ("Z:", "Z:"),
    ("project://scene/a", "project://scene/a"),
    ("$ROOT\\a_$4F.png", "$ROOT/a_$4F.png"),
    ('$PDIR+"/a.png"', '$PDIR+"/a.png"'),
    ("'Z:/show/a'+$F", "'/mnt/show/a'+$F"),
    ("it's Z:/show", "it's Z:/show"),
], ids=[
    "empty", "relative", "a path of the node already", "odd but unchanged", "case of a drive",
    "no rule drops the drive", "server", "trailing slash", "a drive alone", "item path",
    "backslashes behind a variable", "expression without a path", "expression in single quotes",
    "prose",
])
def test_map_text(source: str, mapped: str) -> None:
    assert map_text(source, STUDIO) == mapped


@pytest.mark.parametrize("source, mapped", [
    ("$PDIR/a", "/p/a"),
    ("$PDIR:_a", "/p_a"),
    ("$PDIRECTORY/a", "$PDIRECTORY/a"),
    ('$PDIR + "/a"', '"/p" + "/a"'),
], ids=["plain", "ended by a colon", "another variable", "in an expression"])
def test_map_text_with_pdir(source: str, mapped: str) -> None:
    assert map_text(source, PathMap.default(), "/p") == mapped


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=30))
def test_a_mapped_text_is_mapped_once_and_for_all(source: str) -> None:
    once = map_text(source, STUDIO)
    assert map_text(once, STUDIO) == once


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), max_size=30))
def test_any_value_survives_in_its_file(value: str) -> None:
    text = 'Texture {\n    name "t"\n    filename %s\n}' % quote(value)
    item = parse(edit(text, (), {}, STUDIO)).item("project://t")
    assert item is not None
    values = item.values("filename")
    assert values is not None
    assert values[0].text == map_text(value, STUDIO)

"""Every form that a reference to another project may have in a file: the form was never seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse.build import build
from conductor.clarisse.frames import read_frames
from conductor.clarisse.headless import session
from conductor.clarisse.item import find_or_create_job, read_settings
from conductor.clarisse.package_text import edit
from conductor.clarisse.project_file import parse
from conductor.clarisse.references import Assumptions, path_references, read_project
from conductor.clarisse.scan import Scan, scan
from conductor.clarisse.scene import read_scene
from conductor.lib.catalog import Catalog
from conductor.lib.config import Config
from conductor.lib.dependencies import Policy
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import ProjectFileError
from conductor.lib.paths import PathMap

HEADER = """#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
"""
IMAGE = """Image {
    name "image"
    render_to_disk yes
    save_as "$PDIR/out/image."
    first_frame 1
    last_frame 2
}
"""
TEXTURE = """Context "in" {
    TextureMapFile {
        name "tex"
        filename "$PDIR/inside.png"
    }
}
"""
FORMS = {
    "a line of the context": 'Context "set" {\n    filename %s\n}\n',
    "with its engine": 'Context "set" {\n    engine "Reference"\n    filename %s\n}\n',
    "a block with a value": 'Context "set" {\n    filename {\n        value %s\n    }\n}\n',
    "with an index": 'Context "set" {\n    filename[] %s\n}\n',
    "a list": 'Context "set" {\n    filenames %s\n}\n',
    "files": 'Context "set" {\n    files %s\n}\n',
    "a block of options": 'Context "set" {\n    options {\n        filename %s\n    }\n}\n',
    "options in the engine":
        'Context "set" {\n    engine "Reference" {\n        options {\n            filename %s\n'
        "        }\n    }\n}\n",
    "its hidden object":
        'Context "set" {\n    Generic {\n        name "__context_options__"\n'
        "        filename %s\n    }\n}\n",
    "its hidden object, private and embedded":
        'Context "set" {\n    embedded_objects {\n        Generic {\n'
        '            name "__context_options__"\n            private yes\n'
        "            filename %s\n        }\n    }\n}\n",
    "an object of a class of its own":
        'FileReferenceContext {\n    name "set"\n    filename %s\n}\n',
}


def write_shot(folder: Path, form: str) -> str:
    """A scene that loads sets/one.project by this form, with a texture beside that."""
    (folder / "sets").mkdir()
    (folder / "sets" / "one.project").write_text(HEADER + TEXTURE)
    (folder / "sets" / "inside.png").write_bytes(b"x")
    path = folder / "shot.project"
    path.write_text(HEADER + IMAGE + form % '"$PDIR/sets/one.project"')
    return str(path)


def opened(path: str) -> tuple[Any, Any]:
    """Settings and scene as a press reads them."""
    with session(path, gui=False) as ix:
        from conductor.clarisse import startup

        startup.register(ix)
        job = find_or_create_job(ix, None, ("project://image",))
        return read_settings(job), read_scene(ix, job)


def scanned(path: str) -> Scan:
    settings, read = opened(path)
    return scan(read, read_frames(settings, read)[0], Policy.SMART, DirectoryListing())


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_project_travels_with_all_it_needs(tmp_path: Path, form: str) -> None:
    folder = tmp_path.resolve()
    made = scanned(write_shot(folder, form))
    assert sorted(Path(path).name for path in made.files) == ["inside.png", "one.project"]
    assert (made.missing, made.findings) == ((), ())


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_project_with_a_package_of_its_own_is_named_by_it(tmp_path: Path, form: str) -> None:
    folder = tmp_path.resolve()
    path = write_shot(folder, form)
    settings, read = opened(path)
    rules = [[folder.as_posix(), "/farm"]]
    (folder / "sets" / "one.project").write_text(
        HEADER + TEXTURE.replace("$PDIR", folder.as_posix() + "/sets"))
    config = Config.load(environ={"HOME": str(folder)}, overrides={"path_map": rules})
    plan = build(settings, read, Catalog(), config).plan
    (nested,) = plan.nested
    text = plan.edited(Path(path).read_text())
    assert '"/farm/sets/%s"' % Path(nested.path).name in text
    assert "one.project" not in text.replace(Path(nested.path).name, "")


def test_a_circle_in_another_form_is_told(tmp_path: Path) -> None:
    form = FORMS["options in the engine"]
    path = write_shot(tmp_path.resolve(), form)
    back = form % '"$PDIR/../shot.project"'
    (tmp_path / "sets" / "one.project").write_text(HEADER + back)
    assert [one.code for one in scanned(path).findings] == ["reference-cycle"]


def test_blocks_within_blocks_without_end() -> None:
    depth = 3000
    text = 'Context "set" {\n%sfilename "/a.project"\n%s}\n' % ("a {\n" * depth, "}\n" * depth)
    assert [one.source for one in path_references(parse(text))] == ["/a.project"]


@pytest.mark.parametrize("form, assumed", [
    pytest.param("a block of options", Assumptions(nested_options=False), id="no options"),
    pytest.param("files", Assumptions(names=("filename",)), id="one name"),
])
def test_each_form_has_its_switch(form: str, assumed: Assumptions) -> None:
    text = FORMS[form] % '"/a.project"'
    assert [one.source for one in path_references(parse(text))] == ["/a.project"]
    assert list(path_references(parse(text), assumed=assumed)) == []


@pytest.mark.parametrize("lines, sources", [
    pytest.param(['value "/a" "/b"', 'expression[1] "$PDIR + 1"'], ["/a", "$PDIR + 1"],
                 id="an expression for one value"),
    pytest.param(['value "/a"', 'expression[] "$X"'], ["$X"], id="for the only one"),
    pytest.param(['expression[2] "/c"', 'expression[0] "/b"'], ["/b", "/c"], id="no values"),
    pytest.param(['value[1] "/b"', 'value "/a"'], ["/a", "/b"], id="values apart"),
    pytest.param(['value "" "/b"'], ["/b"], id="an empty one"),
    pytest.param(["hidden yes"], [], id="nothing"),
])
def test_the_values_of_a_list(lines: list[str], sources: list[str]) -> None:
    text = 'GeometryBundleUsd {\n    name "usd"\n    filename {\n%s    }\n}\n' % "".join(
        "        %s\n" % line for line in lines)
    assert [one.source for one in path_references(parse(text))] == sources


def test_an_expression_is_replaced_by_an_expression() -> None:
    text = ('Context "a" {\n    filename {\n        expression[] "$X + \\"/a.project\\""\n'
            '    }\n    note "$X + \\"/a.project\\""\n}\n')
    done = edit(text, (), {}, PathMap(), replaced={'$X + "/a.project"': "/b.project"})
    assert done == text.replace('expression[] "$X + \\"/a.project\\""',
                                'expression[] "\\"/b.project\\""')


@pytest.mark.parametrize("data", [b"\xff\xfeC\0o\0", b"C\0o\0n\0", b"\x89PNG", b"abc\0"],
                         ids=["utf-16", "utf-16 without mark", "picture", "zero byte"])
def test_a_binary_file_is_no_project(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.project").write_bytes(data)
    with pytest.raises(ProjectFileError, match="binary"):
        read_project(str(tmp_path / "a.project"))


def test_a_text_in_another_encoding_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.project").write_bytes(
        b'comment "caf\xe9"\nContext "set" {\n    filename "/caf\xe9.project"\n}\n')
    found = list(path_references(read_project(str(tmp_path / "a.project"))))
    assert [one.source.encode("utf-8", "surrogateescape") for one in found] == [
        b"/caf\xe9.project"]

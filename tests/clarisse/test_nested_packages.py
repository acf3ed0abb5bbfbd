"""Projects that a scene references: which of them get packages, and what refers to these."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build_values import IDENTITY, SETTINGS, built, image, reference, scene

from conductor.clarisse import package_folders
from conductor.clarisse.build import Built
from conductor.clarisse.headless import session
from conductor.clarisse.prepared import Prepared, put_aside
from conductor.clarisse.project_file import parse
from conductor.clarisse.render_package import write_package
from conductor.clarisse.snapshot import Scene
from conductor.lib.catalog import Catalog

HEAD = """#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
"""
MARK = "conductor_job_item_name." + IDENTITY[:8]


def context(name: str, filename: str) -> str:
    return 'Context "%s" {\n    filename "%s"\n}\n' % (name, filename)


def texture(filename: str) -> str:
    return 'TextureMapFile {\n    name "t"\n    filename "%s"\n}\n' % filename


JOB = 'ConductorJob {\n    name "job"\n}\n'


class Studio:
    """A folder of projects that refer to each other; built with a Windows drive in the map."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, *parts: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((HEAD + "".join(parts)).encode("utf-8"))
        return str(path)

    def scene(self, *sources: str) -> Scene:
        path = self.write("shot.project", *(
            context("c%d" % place, source) for place, source in enumerate(sources)))
        references = tuple(
            reference(source, item="project://c%d" % place, class_name="Context")
            for place, source in enumerate(sources))
        return scene(image(), references=references, path=path)

    def build(self, *sources: str, **overrides: Any) -> Built:
        return built(scene_=self.scene(*sources), path_map=[["Z:/show", "/mnt/show"]], **overrides)

    def names(self, made: Built) -> list[str]:
        below = str(self.folder) + "/"
        return [file.destination[len(below):] for file in made.submission.upload_files
                if file.destination.startswith(below)]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def test_a_project_that_a_node_can_use_travels_as_it_is(studio: Studio) -> None:
    studio.write("env.project", texture("$PDIR/a.png"))
    made = studio.build("$PDIR/env.project")
    assert made.plan.nested == () and made.plan.replaced == {}
    assert "env.project" in studio.names(made)


@pytest.mark.parametrize("content", [
    pytest.param(texture("Z:/show/a.png"), id="path to map"),
    pytest.param(JOB, id="item of ours"),
])
def test_a_project_that_it_cannot_use_gets_a_package(studio: Studio, content: str) -> None:
    source = studio.write("sets/env 1.project", content)
    made = studio.build("$PDIR/sets/env 1.project")
    package = "%s/sets/env_1.%s.render.project" % (studio.folder, MARK)
    assert [(one.source, one.path) for one in made.plan.nested] == [(source, package)]
    assert made.plan.replaced == {"$PDIR/sets/env 1.project": package}
    assert "sets/env 1.project" not in studio.names(made)
    assert package[len(str(studio.folder)) + 1:] in studio.names(made)


def test_what_refers_to_a_package_gets_one_too(studio: Studio) -> None:
    studio.write("a.project", context("b", "$PDIR/sub/b.project"))
    studio.write("sub/b.project", context("c", "$PDIR/../c.project"), context("d", "d.project"))
    studio.write("c.project", texture("Z:/show/a.png"))
    studio.write("other.project", texture("/a.png"))
    made = studio.build("$PDIR/a.project", "$PDIR/other.project")
    assert sorted(one.source.rsplit("/", 1)[-1] for one in made.plan.nested) == [
        "a.project", "b.project", "c.project"]
    assert list(made.plan.replaced) == ["$PDIR/a.project"]
    assert "other.project" in studio.names(made)
    (b,) = [one for one in made.plan.nested if one.source.endswith("b.project")]
    text = b.edited(Path(b.source).read_text(encoding="utf-8"), made.plan.path_map)
    assert '"%s/c.%s.render.project"' % (studio.folder, MARK) in text
    assert '"d.project"' in text


def test_projects_that_refer_to_each_other_in_a_circle_end(studio: Studio) -> None:
    studio.write("a.project", context("b", "$PDIR/b.project"), JOB)
    studio.write("b.project", context("a", "$PDIR/a.project"))
    assert len(studio.build("$PDIR/a.project").plan.nested) == 2


def test_a_broken_project_travels_as_it_is(studio: Studio) -> None:
    (studio.folder / "env.project").write_text("no project {", encoding="utf-8")
    assert studio.build("$PDIR/env.project").plan.nested == ()


def test_where_clarisse_makes_references_local_there_are_none(studio: Studio) -> None:
    studio.write("env.project", JOB)
    local = replace(studio.scene(str(studio.folder / "env.project")), localizes_references=True)
    plan = built(scene_=local).plan
    assert plan.nested == () and plan.localizes
    assert not built(scene_=replace(scene(), localizes_references=True)).plan.localizes


def test_a_read_only_folder(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.write("locked/env.project", texture("$PDIR/a.png"), JOB)
    monkeypatch.setattr(
        package_folders.os, "access", lambda path, mode: not str(path).endswith("locked"))
    made = studio.build("$PDIR/locked/env.project", package_folder=str(studio.folder / "packages"))
    (nested,) = made.plan.nested
    assert nested.path == "%s/packages/env.%s.render.project" % (studio.folder, MARK)
    text = nested.edited(Path(nested.source).read_text(encoding="utf-8"), made.plan.path_map)
    assert '"%s/locked/a.png"' % studio.folder in text


def test_packages_are_written_refer_to_each_other_and_go(studio: Studio) -> None:
    source = studio.write("env.project", texture("Z:/show/ä.png"), JOB)
    before = Path(source).read_bytes()
    scene_ = studio.scene("$PDIR/env.project")
    Path(scene_.path).write_text(
        Path(scene_.path).read_text() + 'Image {\n    name "image1"\n}\n')
    made = built(scene_=scene_, path_map=[["Z:/show", "/mnt/show"]])
    plan = replace(made.plan, ranges={}, frames={})
    ready = Prepared(SETTINGS, scene_, Catalog.unknown(), made.submission, (), plan, {})
    with session(scene_.path) as ix:
        write_package(ix, ready)
        written = {path: Path(path).read_bytes() for path in plan.files}
        write_package(ix, ready)
    nested = plan.files[0]
    assert parse(written[plan.path].decode()).item("project://c0") is not None
    assert ('"%s"' % nested).encode() in written[plan.path]
    assert '"/mnt/show/ä.png"'.encode() in written[nested]
    assert b"ConductorJob" not in written[nested]
    assert {path: Path(path).read_bytes() for path in plan.files} == written
    assert Path(source).read_bytes() == before
    with put_aside(ready):
        assert not any(Path(path).exists() for path in plan.files)
    assert not any(Path(path).exists() for path in plan.files)


def test_in_clarisse_the_exporter_makes_references_local(studio: Studio) -> None:
    scene_ = replace(studio.scene("$PDIR/env.project"), localizes_references=True)
    made = built(scene_=scene_)
    ready = Prepared(SETTINGS, scene_, Catalog.unknown(), made.submission, (), replace(
        made.plan, ranges={}), {})
    with session(scene_.path) as ix:
        seen = []

        def export(context: Any, path: str) -> None:
            seen.append(context.get_full_name())
            Path(path).write_text(HEAD, encoding="utf-8")

        ix.export_context_as_project_with_dependencies = export
        write_package(ix, ready)
    assert seen == ["project:/"]
    assert Path(made.plan.path).read_text(encoding="utf-8") == HEAD


LAYERS = HEAD + """Image {
    name "image1"
    layers ".a" ".b"
    first_frame 1
    last_frame 10
    embedded_objects {
        Layer3d {
            name "a"
            first_frame 3
            last_frame 4
        }
        Layer3d {
            name "b"
            first_frame 0
            last_frame 20
        }
        Layer3d {
            name "c"
            first_frame 5
            last_frame 6
        }
        Filter {
            name "d"
            first_frame 5
        }
    }
}
"""


def test_layers_that_an_image_shows_get_its_frames() -> None:
    path = "project://image1"
    named = image("image1", path=path), image("image1", path=path + ".c", last=2)
    plan = built(scene_=scene(*named)).plan
    project = parse(plan.edited(LAYERS))

    def span(name: str) -> list[str]:
        item = project.item(path + name)
        assert item is not None
        return [token.text for key in ("first_frame", "last_frame")
                for token in item.values(key) or ()]

    assert span("") == ["1", "10"]
    assert span(".a") == ["1", "10"], "its own range lacks frames of the image"
    assert span(".b") == ["0", "20"], "its own range holds them"
    assert span(".c") == ["5", "6"], "the job names it"
    assert span(".d") == ["5"], "no layer"

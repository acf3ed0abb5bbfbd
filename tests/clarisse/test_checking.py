"""The checks of a whole submission: what each finds, and that good jobs are left alone."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build_values import (
    CATALOG,
    PACKAGES,
    SETTINGS,
    built,
    image,
    reference,
    scene,
    touch,
)

from conductor.clarisse import file_checks, guesses
from conductor.clarisse.attributes import DEFAULT_TASK_TEMPLATE
from conductor.clarisse.build import Built
from conductor.clarisse.choices import check_version
from conductor.clarisse.file_checks import check_files
from conductor.clarisse.frames import read_frames
from conductor.clarisse.name_spelling import Spelling, spelled_otherwise
from conductor.clarisse.output_names import find_output_names, written_twice
from conductor.clarisse.project_file import parse
from conductor.clarisse.snapshot import Image, PathHint, Scene
from conductor.lib.checks import Finding, Level, error, info
from conductor.lib.errors import ConfigError

A, B = "project://scene/a", "project://scene/b"


def of(made: Built, code: str) -> list[Finding]:
    return [finding for finding in made.findings if finding.code == code]


def with_template(template: str) -> Any:
    return replace(SETTINGS, task_template=template)


def test_a_good_job_has_no_findings() -> None:
    assert built().findings == ()


# ---------------------------------------------------------------- outputs


def pair(first: dict[str, Any], second: dict[str, Any]) -> Scene:
    return scene(image("a", **first), image("b", **second))


@pytest.mark.parametrize("first, second, told", [
    pytest.param({"save_as": "/out/x."}, {"save_as": "/out/x."}, '"/out/x.00001.exr" and 9 more',
                 id="the same"),
    pytest.param({"save_as": "/out/x."}, {"save_as": "/OUT/X."}, '"/OUT/X.00001.exr"', id="case"),
    pytest.param({"save_as": "/out/x."}, {"save_as": "/out/t/../x.", "file_format": 1},
                 '"/out/x.00001.exr"', id="another format with the same extension"),
    pytest.param({"save_as": "/out/x.", "last": 3}, {"save_as": "/out/x.", "first": 3},
                 '"/out/x.00003.exr".', id="one frame in common"),
    pytest.param({"save_as": "/out/a", "first": 100002, "last": 100002},
                 {"save_as": "/out/a1", "first": 2, "last": 2}, '"/out/a100002.exr"',
                 id="a long number behind a name that ends in digits"),
    pytest.param({"save_as": "/out/$F:/x"}, {"save_as": "/out/1/x", "last": 1},
                 '"/out/1/x00001.exr"', id="the frame in a folder"),
    pytest.param({"save_as": "/out/$4F.x"}, {"save_as": '"/out/" + $4F + ".x"'},
                 '"/out/0001.x00001.exr"', id="padded frames and expressions"),
])
def test_two_images_that_write_the_same_file(
    first: dict[str, Any], second: dict[str, Any], told: str,
) -> None:
    (found,) = of(built(scene_=pair(first, second)), "output-collision")
    assert (found.level, found.item, found.attribute) == (Level.ERROR, B, "save_as")
    assert A in found.message and told in found.message


@pytest.mark.parametrize("first, second", [
    pytest.param({"save_as": "/out/x."}, {"save_as": "/out/y."}, id="names"),
    pytest.param({"save_as": "/out/x."}, {"save_as": "/out/b/x."}, id="folders"),
    pytest.param({"save_as": "/out/x."}, {"save_as": "/out/x.", "file_format": 5}, id="formats"),
    pytest.param({"save_as": "/out/x.", "last": 3}, {"save_as": "/out/x.", "first": 4},
                 id="frames"),
    pytest.param({"save_as": "/out/x."}, {"save_as": "/out/x.", "enabled": False}, id="disabled"),
    pytest.param({"save_as": "/out/x."}, {"save_as": "x"}, id="no usable path"),
    pytest.param({"save_as": "/out/x."}, {"save_as": '"/out/" + ($F * 2)'}, id="calculated"),
    pytest.param({"save_as": "/out/x1"}, {"save_as": "/out/x2"}, id="digits at the end"),
    pytest.param({"save_as": "/out/x####"}, {"save_as": "/out/x#"}, id="hashes, other widths"),
])
def test_two_images_that_do_not(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert of(built(scene_=pair(first, second)), "output-collision") == []


@pytest.mark.parametrize("first, second, told", [
    pytest.param({"save_as": "/out/x"}, {"save_as": "/out/x"}, '"/out/x.tilex4-1.00001.exr"',
                 id="the same name"),
    pytest.param({"save_as": "/out/x####"}, {"save_as": "/out/x####"},
                 '"/out/x0001.tilex4-1.exr"', id="with hashes"),
])
def test_two_images_that_write_the_same_tiles(
    first: dict[str, Any], second: dict[str, Any], told: str,
) -> None:
    (found,) = of(built(replace(SETTINGS, tiles=2), pair(first, second)), "output-collision")
    assert told in found.message


def test_hashes_of_one_width_collide() -> None:
    same = {"save_as": "/out/x####", "first": 1000, "last": 1001}
    (found,) = of(built(scene_=pair(same, dict(same, save_as="/out/x###"))), "output-collision")
    assert '"/out/x1000.exr"' in found.message


def test_a_layer_that_writes_over_its_image() -> None:
    layer = image("a.back", class_name="Layer3d", save_as="/out/x.")
    (found,) = of(built(scene_=scene(image("a", save_as="/out/x."), layer)), "output-collision")
    assert found.item == "project://scene/a.back"


def test_a_thousand_images_are_compared_without_their_names() -> None:
    many = [image("i%d" % place, last=100000, save_as="/out/i%d/x." % place)
            for place in range(1000)]
    frames, _ = read_frames(SETTINGS, scene(*many))
    outputs = find_output_names(scene(*many), frames)
    assert list(written_twice(outputs)) == []
    assert len(outputs) == 1000 and outputs[7].name(5) == "/out/i7/x.00005.exr"


@pytest.mark.parametrize("tile, side, name", [
    (1, 1, "/path/to/project/renders/image1/beauty.00007.exr"),
    (3, 2, "/path/to/project/renders/image1/beauty..tilex4-3.00007.exr"),
])
def test_names_of_tiles(tile: int, side: int, name: str) -> None:
    (output,) = find_output_names(scene(), built(replace(SETTINGS, tiles=side)).frames)
    assert output.name(7, tile) == name
    assert list(output.names(7))[tile - 1] == name and len(list(output.names(7))) == side ** 2


def test_a_render_must_not_write_over_its_inputs(tmp_path: Path) -> None:
    touch(tmp_path, "tex/plate.00003.exr", "tex/plate.00030.exr")
    made = built(scene_=scene(
        image("a", save_as="%s/tex/Plate." % tmp_path),
        image("b", save_as="%s/tex/other." % tmp_path),
        references=(reference("%s/tex/plate.#####.exr" % tmp_path),)))
    (found,) = of(made, "output-overwrites-input")
    assert (found.item, found.attribute) == (A, "save_as")
    assert "Plate.00003.exr" in found.message


def test_no_tile_may_write_over_an_input(tmp_path: Path) -> None:
    touch(tmp_path, "tex/plate.tilex4-3.00002.exr")
    asked = scene(
        image("a", save_as="%s/tex/plate" % tmp_path),
        references=(reference("%s/tex/plate.tilex4-3.00002.exr" % tmp_path),))
    (found,) = of(built(replace(SETTINGS, tiles=2), asked), "output-overwrites-input")
    assert "tilex4-3.00002.exr" in found.message
    assert of(built(SETTINGS, asked), "output-overwrites-input") == []


@pytest.mark.parametrize("asked, out, count", [
    pytest.param("assets", "assets/renders/x", 1, id="inside"),
    pytest.param("assets", "assets/x", 1, id="the folder itself"),
    pytest.param("assets", "assets2/x", 0, id="beside, with a longer name"),
    pytest.param("assets/tex", "assets/x", 0, id="around it"),
    pytest.param("nowhere", "nowhere/x", 0, id="no such folder"),
])
@pytest.mark.parametrize("kind", ["extra upload", "folder of the scene", "configuration"])
def test_outputs_inside_an_uploaded_folder(
    tmp_path: Path, asked: str, out: str, count: int, kind: str,
) -> None:
    touch(tmp_path, "assets/tex/a.png", "assets2/b.png")
    folder = str(tmp_path / asked)
    references = (reference(folder, hint=PathHint.FOLDER),) if kind.startswith("folder") else ()
    made = built(
        replace(SETTINGS, extra_uploads=(folder,) if kind == "extra upload" else ()),
        scene(image("a", save_as=str(tmp_path / out)), references=references),
        **({"upload_paths": [folder]} if kind == "configuration" else {}))
    found = of(made, "output-in-upload")
    assert len(found) == count
    assert all(one.level is Level.WARNING and folder in one.message for one in found)


# ---------------------------------------------------------------- files


def test_empty_and_unreadable_files(tmp_path: Path) -> None:
    touch(tmp_path, "good.png", "locked.png")
    (tmp_path / "empty.png").write_bytes(b"")
    paths = [str(tmp_path / name) for name in ("good.png", "empty.png", "locked.png", "gone.png")]
    found = check_files(
        [*paths, str(tmp_path), str(tmp_path / "good.png" / "x")],
        lambda path, _: not path.endswith("locked.png"))
    assert [(one.level.value, one.code, one.subject) for one in found] == [
        ("warning", "file-empty", paths[1]), ("error", "file-unreadable", paths[2]),
        ("error", "file-unreadable", str(tmp_path / "good.png" / "x")),
    ]


def test_files_of_the_scene_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    one = reference(str(tmp_path / "empty.png"))
    found, = of(built(scene_=scene(references=(one,))), "file-empty")
    assert found.subject == str(tmp_path / "empty.png")
    assert (found.item, found.attribute) == (one.item, one.attribute)
    assert found.message.endswith(" %s asks for it." % one.asked_by)


@pytest.mark.parametrize("extra", ["empty.png", ""], ids=["the file", "its folder"])
def test_extra_files_are_looked_at(tmp_path: Path, extra: str) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    found, = of(built(replace(SETTINGS, extra_uploads=(str(tmp_path / extra),))), "file-empty")
    assert (found.item, found.attribute) == (scene().job, "extra_uploads")


def test_long_lists_are_cut_and_counted(tmp_path: Path) -> None:
    for number in range(25):
        (tmp_path / str(number)).write_bytes(b"")
    found = check_files([str(tmp_path / str(number)) for number in range(25)])
    assert len(found) == file_checks.LISTED + 1
    assert "5 more" in found[-1].message


def test_absurd_totals_are_to_be_confirmed(tmp_path: Path) -> None:
    touch(tmp_path, "a", "b", "c")
    paths = [str(tmp_path / name) for name in "abc"]
    assert check_files(paths, limit=3) == ()
    (found,) = check_files(paths, limit=2)
    assert (found.code, found.level) == ("upload-absurd", Level.WARNING)
    assert "3 files" in found.message


@pytest.mark.parametrize("frames, count", [(10000, 0), (10001, 1)])
def test_absurdly_many_tasks(frames: int, count: int) -> None:
    made = built(replace(SETTINGS, chunk_size=1), scene(image(last=frames)))
    assert len(of(made, "tasks-absurd")) == count


NFC, NFD = unicodedata.normalize("NFC", "bäume"), unicodedata.normalize("NFD", "bäume")


@pytest.mark.parametrize("on_disk, asked, shown", [
    pytest.param("tex/Wall.png", "tex/wall.png", "tex/Wall.png", id="file"),
    pytest.param("Tex/wall.png", "tex/wall.png", "Tex/wall.png", id="folder"),
    pytest.param("Tex/Wall.0001.png", "tex/Wall.####.png", "Tex", id="folder of a sequence"),
    pytest.param("tex/Wall.0001.png", "tex/wall.####.png", "tex/Wall.", id="sequence"),
    pytest.param("tex/Wall.1001.png", "tex/wall.<UDIM>.png", "tex/Wall.", id="tiles"),
    pytest.param("tex/%s.png" % NFD, "tex/%s.png" % NFC, "tex/%s.png" % NFD, id="accents"),
    pytest.param("tex/STRASSE.png", "tex/straße.png", "tex/STRASSE.png", id="sharp s"),
])
def test_names_that_only_a_forgiving_disk_finds(
    tmp_path: Path, on_disk: str, asked: str, shown: str,
) -> None:
    touch(tmp_path, on_disk)
    source = "%s/%s" % (tmp_path, asked)
    made = built(scene_=scene(references=(reference(source),)))
    (found,) = of(made, "name-spelling")
    assert (found.level, found.attribute, found.text) == (Level.WARNING, "filename", source)
    assert '"%s/%s" on disk' % (tmp_path, shown) in found.message
    assert ("look alike" in found.message) is (asked.endswith("%s.png" % NFC))


@pytest.mark.parametrize("on_disk, asked", [
    pytest.param(["tex/wall.png"], "tex/wall.png", id="exact"),
    pytest.param(["tex/Wall.png", "tex/wall.png"], "tex/Wall.png", id="both there"),
    pytest.param(["tex/Wall.png", "tex/wall.png"], "tex/wall.png", id="both there, the other"),
    pytest.param(["tex/a.png"], "tex/b.png", id="missing"),
    pytest.param(["tex/a.png"], "tux/b.png", id="folder missing"),
    pytest.param(["tex/w.0001.png"], "tex/w.####.png", id="sequence"),
    pytest.param(["tex/1.png"], "tex/#.png", id="a sequence without a name"),
    pytest.param(["tex/w.0001.png"], "tex/v.####.png", id="sequence that is missing"),
    pytest.param(["tex/a"], "tux/v.####.png", id="folder of a sequence missing"),
    pytest.param([], "$NOPE/a.png", id="unknown variable"),
])
def test_names_that_are_as_asked(tmp_path: Path, on_disk: list[str], asked: str) -> None:
    touch(tmp_path, *on_disk)
    source = asked if asked.startswith("$") else "%s/%s" % (tmp_path, asked)
    assert list(spelled_otherwise(scene(), [reference(source)])) == []


def test_extra_uploads_are_compared_too(tmp_path: Path) -> None:
    touch(tmp_path, "A.png")
    extra = ["%s/a.png" % tmp_path, '"/x/" + ($F * 2)']
    found = list(spelled_otherwise(scene(), (), extra))
    assert [one.subject for one in found] == ["extra_uploads"]


def test_a_folder_that_cannot_be_listed_may_be_passed_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    touch(tmp_path, "closed/a.png")
    listed = os.listdir

    def listdir(folder: str) -> list[str]:
        if folder.endswith("closed"):
            raise PermissionError(13, "no", folder)
        return listed(folder)

    monkeypatch.setattr(os, "listdir", listdir)
    path = "%s/closed/a.png" % tmp_path
    assert Spelling().of(path) == path
    assert Spelling().of("%s/closed/b.png" % tmp_path) == ""


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize("template, codes", [
    pytest.param(DEFAULT_TASK_TEMPLATE, [], id="the usual one"),
    pytest.param('"cnode "+$CT_RENDER_PACKAGE+" -image "+$CT_SOURCES+" -image_frames_list "+'
                 "$CT_CHUNKS", ["$CT_DIRECTORIES"], id="cnode itself"),
    pytest.param('"my_render "+$CT_RENDER_PACKAGE+" "+$CT_SOURCES+" "+$CT_CHUNKSTART', [],
                 id="another program"),
    pytest.param("echo hello", ["$CT_RENDER_PACKAGE", "$CT_SOURCES", "$CT_CHUNKS"], id="nothing"),
])
def test_variables_that_a_template_needs(template: str, codes: list[str]) -> None:
    found = of(built(with_template(template)), "task-template-variable")
    assert [one.message.split(" use ")[1].split(": ")[0] for one in found] == codes
    assert all(one.level is Level.WARNING and one.text == template for one in found)


@pytest.mark.parametrize("attribute, text, told", [
    pytest.param("task_template", "x $CT_CHUNK_START y", "$CT_CHUNKSTART", id="plain text"),
    pytest.param("task_template", '"x "+$CT_SOURCE', "$CT_SOURCES", id="expression"),
    pytest.param("title", "$CT_SEQUNCE", "$CT_SEQUENCE", id="title"),
    pytest.param("metadata", '{"shot": "$CT_JBO"}', "$CT_JOB", id="metadata"),
    pytest.param("extra_environment", '[{"name": "A", "value": "x$CT_PROJCT", '
                 '"merge_policy": "exclusive"}]', "$CT_PROJECT", id="environment"),
])
def test_unknown_variables_with_the_nearest_known(attribute: str, text: str, told: str) -> None:
    (found,) = of(built(replace(SETTINGS, **{attribute: text})), "ct-variable-unknown")
    assert (found.level, found.attribute, found.item) == (
        Level.ERROR, attribute, "project://conductor_job_item_name")
    assert "Did you mean %s?" % told in found.message


def test_an_unknown_variable_with_nothing_near() -> None:
    (found,) = of(built(with_template("x $CT_ZZZZZZZZZZZZ")), "ct-variable-unknown")
    assert "mean" not in found.message


@pytest.mark.parametrize("folder, template, count", [
    pytest.param("/my shots", "cnode $CT_RENDER_PACKAGE", 1, id="blank"),
    pytest.param("/müller", "/opt/cnode $CT_RENDER_PACKAGE", 1, id="umlaut"),
    pytest.param("/my shots", DEFAULT_TASK_TEMPLATE, 0, id="through ct_cnode"),
    pytest.param("/shots", "cnode $CT_RENDER_PACKAGE", 0, id="plain"),
    pytest.param("/my shots", "render $CT_RENDER_PACKAGE", 0, id="another program"),
])
def test_paths_that_cnode_fails_on(folder: str, template: str, count: int) -> None:
    made = built(with_template(template), scene(path=folder + "/shot.project"))
    assert len(of(made, "cnode-path")) == count


SECRETS = [
    pytest.param({"extra_environment": '[{"name": "DB_PASSWORD", "value": "hunter2"}]'},
                 "extra_environment", "DB_PASSWORD", id="variable"),
    pytest.param({"extra_environment": '[{"name": "X", "value": "ghp_hunter2hunter2hunter2"}]'},
                 "extra_environment", "variable X", id="value that looks like one"),
    pytest.param({"metadata": '{"apiKey": "hunter2"}'}, "metadata", "apiKey", id="metadata"),
    pytest.param({"task_template": DEFAULT_TASK_TEMPLATE + '+" --token hunter2"'},
                 "task_template", "token", id="option"),
    pytest.param({"task_template": "curl https://me:hunter2@host/ $CT_CHUNKS"}, "task_template",
                 "key or token", id="address"),
    pytest.param({"extra_environment": '[{"password": "hunter2"'}, "extra_environment", "",
                 id="broken JSON"),
    pytest.param({"metadata": '["password hunter2"]'}, "metadata", "", id="JSON of another kind"),
    pytest.param({"extra_environment": '[{"value": "my secret hunter2"}]'}, "extra_environment",
                 "", id="entry without a name"),
    pytest.param({"extra_environment": '[{"name": "LICENCE_TOKEN", "value": "hunter2", '
                  '"merge_policy": "exclusive"}, {"name": "LICENCE_TOKEN", "value": "hunter22", '
                  '"merge_policy": "exclusive"}]'}, "extra_environment", "", id="a conflict"),
]


@pytest.mark.parametrize("changes, attribute, named", SECRETS)
def test_secrets_are_named_and_never_told(
    changes: dict[str, Any], attribute: str, named: str,
) -> None:
    made = built(replace(SETTINGS, **changes))
    assert not any("hunter2" in str(one.to_json()) for one in made.findings)
    found = of(made, "secret-exposed")
    assert [one.attribute for one in found] == ([attribute] if named else [])
    assert not found or named in found[0].message
    assert all(one.level is Level.WARNING for one in found)
    assert named or any(one.attribute == attribute for one in made.findings)


def test_secrets_of_the_configuration_count_and_those_of_packages_do_not() -> None:
    packages = [dict(PACKAGES[0], environment=[
        {"name": "LICENCE_TOKEN", "value": "abc", "merge_policy": "append"}])]
    catalog = replace(CATALOG, packages=type(CATALOG.packages)(packages))
    made = built(catalog=catalog, environment={"FARM_SECRET": "abc"})
    assert ["FARM_SECRET" in one.message for one in of(made, "secret-exposed")] == [True]


# ---------------------------------------------------------------- scene, frames, versions


def test_unsaved_changes_are_told() -> None:
    (found,) = of(built(scene_=replace(scene(), modified=True)), "scene-modified")
    assert found.level is Level.INFO


@pytest.mark.parametrize("custom, told", [
    ("1-10", None), ("3,5", None), ("5-12", "1 to 12"), ("0", "0 to 10"),
])
def test_custom_frames_outside_the_range_are_told(custom: str, told: str | None) -> None:
    made = built(replace(SETTINGS, use_custom_frames=True, custom_frames=custom))
    found = of(made, "frames-outside")
    assert [one.level for one in found] == ([Level.INFO] if told else [])
    assert not told or told in found[0].message


@pytest.mark.parametrize("version, agrees", [
    ("5.0.5.8.0", True), ("5.0 SP5", True), ("5", True), ("5.0.4.1", False), ("4.0.5", False),
])
def test_the_package_is_of_the_running_version(version: str, agrees: bool) -> None:
    found = of(built(scene_=replace(scene(), version=version)), "package-version")
    assert (found == []) is agrees
    assert agrees or version in found[0].message
    assert list(check_version([{"product": "conductor-slate", "major_version": "1"}], "5")) == []


# ---------------------------------------------------------------- levels and guesses


def test_the_configuration_turns_checks_off_and_changes_levels() -> None:
    broken = scene(image("a", render_to_disk=False))
    assert [one.level for one in built(scene_=broken).findings] == [Level.ERROR]
    assert built(scene_=broken, checks={"render-to-disk-off": False}).findings == ()
    milder = built(scene_=broken, checks={"render-to-disk-off": "warning"})
    assert [one.level for one in milder.findings] == [Level.WARNING]
    with pytest.raises(ConfigError, match="render-to-disk-off"):
        built(checks={"render-to-disk-of": "off"})


PROJECT = """#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 4
#Isotropix_Clarisse_Project_Version 0.98
Context "scene" {
    Image {
        name "a"
    }
    Image {
        name "b"
        render_to_disk no
        format 0
    }
    Image {
        name "c"
        source "b"
    }
}
"""


def judged(*findings: Finding, **options: Any) -> list[tuple[str, str]]:
    found = guesses.without_clarisse(findings, lambda: parse(PROJECT), **options)
    return [(one.level.value, one.code) for one in found]


def off(name: str) -> Finding:
    path = "project://scene/" + name
    return error("render-to-disk-off", path, "Off.", (path + ".render_to_disk",))


@pytest.mark.parametrize("name, level", [
    pytest.param("a", "warning", id="left out of the file"),
    pytest.param("b", "error", id="in the file"),
    pytest.param("gone", "error", id="no such item"),
])
def test_an_error_that_rests_on_a_guess_is_a_warning(name: str, level: str) -> None:
    assert judged(off(name)) == [(level, "render-to-disk-off")]


def test_the_warning_says_that_it_is_a_guess() -> None:
    (found,) = guesses.without_clarisse([off("a")], lambda: parse(PROJECT))
    assert found.message.startswith("Off. (Unsure") and A + ".render_to_disk" in found.message


def test_a_level_of_the_configuration_stays() -> None:
    assert judged(off("a"), levels={"render-to-disk-off": "error"})[0][0] == "error"


@pytest.mark.parametrize("names, level", [
    pytest.param("ab", "warning", id="one is guessed"),
    pytest.param("aa", "error", id="both left out: equal at least"),
    pytest.param("bb", "error", id="none is guessed"),
])
def test_formats_that_collide(names: str, level: str) -> None:
    formats = tuple("project://scene/%s.format" % name for name in names)
    assert judged(error("output-collision", B, "Both.", formats))[0][0] == level


def test_what_only_a_running_clarisse_can_say_is_left_out_without_one() -> None:
    assert judged(info("scene-modified", "scene", "x")) == []
    chosen = [{"product": "clarisse", "major_version": "5"}]
    assert judged(packages=chosen) == [("warning", "package-version")]
    chosen = [{"product": "clarisse", "major_version": "4"}]
    assert judged(packages=chosen) == []


def test_findings_that_need_no_project_do_not_read_it() -> None:
    def read() -> Any:
        raise AssertionError("the project was read")

    assert len(guesses.without_clarisse([error("title", "title", "x")], read)) == 1


def test_layers_and_images_are_told_apart() -> None:
    made: Image = image("a.back")
    assert made.is_layer and not image("a").is_layer

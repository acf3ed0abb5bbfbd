"""Where images are written, and what is wrong with it."""

from __future__ import annotations

import pytest
from build_values import image, scene

from conductor.clarisse.output_paths import Outputs, find_outputs
from conductor.clarisse.snapshot import Image

A, B = "project://scene/a", "project://scene/b"


def saved(name: str, save_as: str, **changes: object) -> Image:
    return image(name, save_as=save_as, **changes)


@pytest.mark.parametrize("sources, folders, common", [
    pytest.param(["/out/a/beauty."], ("/out/a",), "/out/a", id="one"),
    pytest.param(["/out/a/x", "/out/b/x"], ("/out/a", "/out/b"), "/out", id="two"),
    pytest.param(["/out/a/x", "/out/a/y"], ("/out/a",), "/out/a", id="one folder for two"),
    pytest.param(["$PDIR/renders/$PNAME"], ("/path/to/project/renders",),
                 "/path/to/project/renders", id="variables"),
    pytest.param(['$PDIR + "/r/" + "x."'], ("/path/to/project/r",), "/path/to/project/r",
                 id="expression"),
    pytest.param(["Z:\\out\\A\\x", "z:/OUT/b/x"], ("Z:/out/A", "Z:/OUT/b"), "Z:/out", id="windows"),
    pytest.param(["Z:/out/x", "z:/OUT/y"], ("Z:/out",), "Z:/out", id="one folder of windows"),
    pytest.param(["/out/$4F/x", "/out/b_$F/x"], ("/out",), "/out", id="a folder for each frame"),
    pytest.param(["/out/$F:_x/y/z"], ("/out",), "/out", id="frame in the middle"),
])
def test_folders(sources: list[str], folders: tuple[str, ...], common: str) -> None:
    images = [saved("i%d" % place, source) for place, source in enumerate(sources)]
    assert find_outputs(scene(*images)) == (Outputs(folders, common), ())


@pytest.mark.parametrize("images, code, subject, quoted", [
    pytest.param([saved("a", "/out/x", render_to_disk=False)], "render-to-disk-off", A,
                 "Render To Disk", id="render to disk"),
    pytest.param([saved("a", " ")], "output-path-missing", A, "empty", id="empty"),
    pytest.param([saved("a", "/out/")], "output-path-folder", A, '"/out/"', id="a folder"),
    pytest.param([saved("a", "D:\\out\\")], "output-path-folder", A, '"D:\\out\\"',
                 id="a folder of windows"),
    pytest.param([saved("a", "out/x")], "output-path-relative", A, '"out/x"', id="relative"),
    pytest.param([saved("a", "$NOPE/x")], "output-path-relative", A, '"$NOPE/x"',
                 id="unknown variable"),
    pytest.param([saved("a", '"/out/" + $NOPE')], "output-path-expression", A, "NOPE",
                 id="unknown name in an expression"),
    pytest.param([saved("a", "/out/$NOPE/x")], "output-path-expression", A, "variable $NOPE",
                 id="unknown variable in the middle"),
    pytest.param([saved("a", "/out/100%/x.$CT_JOB")], "output-path-expression", A,
                 '"/out/100%/x.$CT_JOB"', id="one of ours, which no node knows"),
    pytest.param([saved("a", '"/out/" + ($F * 2)')], "output-path-expression", A, "$F * 2",
                 id="calculated frame"),
    pytest.param([saved("a", "/x")], "output-path-common", "images", "root", id="at the root"),
    pytest.param([saved("a", "/a/x"), saved("b", "/b/x")], "output-path-common", "images",
                 '"/a"', id="nothing in common"),
])
def test_findings(images: list[Image], code: str, subject: str, quoted: str) -> None:
    outputs, (finding,) = find_outputs(scene(*images))
    assert (finding.level.value, finding.code, finding.subject) == ("error", code, subject)
    assert quoted in finding.message
    assert outputs.common in ("", "/out")


def test_a_disabled_image_needs_no_output() -> None:
    assert find_outputs(scene(saved("a", "", enabled=False))) == (Outputs(), ())


def test_good_images_keep_their_folders_beside_bad_ones() -> None:
    outputs, findings = find_outputs(scene(saved("a", ""), saved("b", "/out/b/x")))
    assert outputs == Outputs(("/out/b",), "/out/b")
    assert [finding.subject for finding in findings] == [A]

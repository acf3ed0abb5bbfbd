"""Paths of Windows, macOS and Linux, all tested on the system at hand."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.lib import paths
from conductor.lib.errors import ConfigError, InputError
from conductor.lib.paths import PathMap

# text, normal form, node's form without a map
FORMS = [
    pytest.param("/show/a.png", "/show/a.png", "/show/a.png", id="plain"),
    pytest.param("/show//tex///a.png", "/show/tex/a.png", "/show/tex/a.png", id="doubled slashes"),
    pytest.param("/show/./shot/../tex/a.png", "/show/tex/a.png", "/show/tex/a.png", id="dots"),
    pytest.param("/../a", "/a", "/a", id="above the root"),
    pytest.param("/show/", "/show", "/show", id="trailing slash"),
    pytest.param("/", "/", "/", id="the root"),
    pytest.param("///show", "/show", "/show", id="three slashes are no server"),
    pytest.param("//show", "/show", "/show", id="a server without a share is none"),
    pytest.param("/my show/a b.png", "/my show/a b.png", "/my show/a b.png", id="blanks"),
    pytest.param("/Volumes/Show/é.png", "/Volumes/Show/é.png", "/Volumes/Show/é.png", id="mac"),
    pytest.param("C:\\show\\a.png", "C:/show/a.png", "/show/a.png", id="windows"),
    pytest.param("z:/show/../tex", "Z:/tex", "/tex", id="small drive letter"),
    pytest.param("C:\\", "C:/", "/", id="root of a drive"),
    pytest.param("C:/../a", "C:/a", "/a", id="above the root of a drive"),
    pytest.param("c:tex\\a", "C:tex/a", "tex/a", id="relative on a drive"),
    pytest.param("\\\\nas\\share\\a", "//nas/share/a", "/nas/share/a", id="unc"),
    pytest.param("\\\\nas\\share", "//nas/share", "/nas/share", id="a share alone"),
    pytest.param("/a//?/C:/b", "/a/?/C:/b", "/a/?/C:/b", id="a long path's sign elsewhere"),
    pytest.param("/a//?/UNC/b/c", "/a/?/UNC/b/c", "/a/?/UNC/b/c", id="unc's sign elsewhere"),
    pytest.param("//nas/share/../..", "//nas/share", "/nas/share", id="above a share"),
    pytest.param("\\\\?\\C:\\long\\a", "C:/long/a", "/long/a", id="long windows path"),
    pytest.param("\\\\?\\UNC\\nas\\share\\a", "//nas/share/a", "/nas/share/a", id="long unc"),
    pytest.param("tex/./a.png", "tex/a.png", "tex/a.png", id="relative"),
    pytest.param("../tex/../../a", "../../a", "../../a", id="relative upwards"),
    pytest.param("tex/..", ".", ".", id="relative to nothing"),
    pytest.param("./a:b", "./a:b", "./a:b", id="relative name like a drive"),
    pytest.param("", "", "", id="empty"),
]


@pytest.mark.parametrize("text, normal, node", FORMS)
def test_normal_form(text: str, normal: str, node: str) -> None:
    assert paths.normalize(text) == normal
    assert paths.normalize(normal) == normal
    assert paths.destination(text) == normal
    assert paths.drop_drive(text) == node
    assert PathMap.default().to_node(text) == node


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab./ ", max_size=14))
def test_absolute_posix_paths_agree_with_the_standard_library(text: str) -> None:
    truth = posixpath.normpath("///" + text)
    assert paths.normalize("///" + text) == truth


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="aB:./\\?", max_size=14))
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = paths.normalize(text)
    assert paths.normalize(once) == once
    assert "\\" not in once
    assert paths.is_absolute(once) == paths.is_absolute(text)


@pytest.mark.parametrize("text, absolute, windows", [
    pytest.param("/a", True, False, id="posix"),
    pytest.param("C:/a", True, True, id="drive"),
    pytest.param("c:\\", True, True, id="drive root"),
    pytest.param("\\\\nas\\share", True, True, id="server"),
    pytest.param("C:a", False, True, id="relative to a drive's folder"),
    pytest.param("a/b", False, False, id="relative"),
    pytest.param("", False, False, id="empty"),
])
def test_kinds_of_paths(text: str, absolute: bool, windows: bool) -> None:
    assert (paths.is_absolute(text), paths.is_windows(text)) == (absolute, windows)


@pytest.mark.parametrize("folder, path, joined", [
    pytest.param("/show/shot", "tex/a.png", "/show/shot/tex/a.png", id="below"),
    pytest.param("/show/shot", "../a.png", "/show/a.png", id="beside"),
    pytest.param("Z:/show", "C:/a.png", "C:/a.png", id="absolute stays"),
])
def test_join(folder: str, path: str, joined: str) -> None:
    assert paths.join(folder, path) == joined


def test_folder_of() -> None:
    assert [paths.folder_of(path) for path in ("/a/b.png", "C:\\a\\b.png", "/a")] == [
        "/a", "C:/a", "/"]


# -- common folder -------------------------------------------------------------------------------


@pytest.mark.parametrize("folders, common", [
    pytest.param(["/show/out"], "/show/out", id="one"),
    pytest.param(["/show/out/a", "/show/out/b"], "/show/out", id="two"),
    pytest.param(["/show/out", "/show/out/b"], "/show/out", id="one inside the other"),
    pytest.param(["/show/ab", "/show/abc"], "/show", id="whole components only"),
    pytest.param(["/show/a/x", "/show/b/x", "/show/a/y"], "/show", id="three"),
    pytest.param(["Z:\\Show\\out\\a", "z:/show/OUT/b"], "Z:/Show/out", id="case of windows"),
    pytest.param(["//nas/share/a", "//NAS/Share/b"], "//nas/share", id="share"),
    pytest.param(["/show/out/.", "/show//out/a"], "/show/out", id="normalized first"),
])
def test_common_folder(folders: list[str], common: str) -> None:
    assert paths.common_folder(folders) == common
    assert paths.comparable(paths.common_folder(reversed(folders))) == paths.comparable(common)


@pytest.mark.parametrize("folders, message", [
    pytest.param([], "no folders", id="none"),
    pytest.param(["/a/x", "/b/x"], "share no folder but the root", id="only the root"),
    pytest.param(["/"], "but the root", id="the root itself"),
    pytest.param(["C:/", "C:/a"], "but the root", id="root of a drive"),
    pytest.param(["C:/a", "D:/a"], "but the root", id="two drives"),
    pytest.param(["/a", "C:/a"], "but the root", id="drive and none"),
    pytest.param(["//nas/one/a", "//nas/two/a"], "but the root", id="two shares"),
    pytest.param(["/Show/a", "/show/b"], "but the root", id="case matters on posix"),
    pytest.param(["out/a"], '"out/a" is not an absolute path', id="relative"),
])
def test_no_common_folder(folders: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        paths.common_folder(folders)


# -- path map ------------------------------------------------------------------------------------

MAP = PathMap([
    ("Z:/show", "/mnt/show"),
    ("Z:\\", "/mnt/z"),
    ("//nas/show", "/mnt/show"),
    ("/Volumes/show", "/mnt/show"),
    ("/Volumes/show/cache", "/fast/cache"),
])


@pytest.mark.parametrize("workstation, node", [
    pytest.param("Z:\\show\\tex\\a.png", "/mnt/show/tex/a.png", id="windows drive"),
    pytest.param("z:/SHOW/tex/A.png", "/mnt/show/tex/A.png", id="any case of the prefix"),
    pytest.param("Z:/show", "/mnt/show", id="the folder itself"),
    pytest.param("Z:/showreel/a", "/mnt/z/showreel/a", id="whole components only"),
    pytest.param("Z:/other/a", "/mnt/z/other/a", id="whole drive"),
    pytest.param("\\\\NAS\\show\\a", "/mnt/show/a", id="server"),
    pytest.param("//nas/shows/a", "/nas/shows/a", id="another share"),
    pytest.param("/Volumes/show/a", "/mnt/show/a", id="mac"),
    pytest.param("/Volumes/show/cache/a", "/fast/cache/a", id="longest prefix first"),
    pytest.param("/volumes/show/a", "/volumes/show/a", id="case matters on posix"),
    pytest.param("/home/me/a", "/home/me/a", id="no rule"),
    pytest.param("D:/a", "/a", id="no rule for the drive"),
    pytest.param("Z:/show/../show/a", "/mnt/show/a", id="dots"),
])
def test_to_node(workstation: str, node: str) -> None:
    assert MAP.to_node(workstation) == node


@pytest.mark.parametrize("node, workstation", [
    pytest.param("/mnt/show/out/a.exr", "Z:/show/out/a.exr", id="the first rule's folder"),
    pytest.param("/mnt/z/out", "Z:/out", id="drive"),
    pytest.param("/fast/cache/a", "/Volumes/show/cache/a", id="nested"),
    pytest.param("/mnt/showreel/a", "/mnt/showreel/a", id="no rule"),
])
def test_to_workstation(node: str, workstation: str) -> None:
    assert MAP.to_workstation(node) == workstation


def test_a_rule_for_the_root() -> None:
    mapped = PathMap([("/", "/mnt/studio"), ("C:/", "/")])
    assert mapped.to_node("/a/b") == "/mnt/studio/a/b"
    assert mapped.to_node("C:/a") == "/a"
    assert mapped.to_workstation("/mnt/studio/a") == "/a"


@pytest.mark.parametrize("rule", [("show", "/mnt/show"), ("Z:/show", "mnt"), ("C:", "/c")])
def test_rules_are_absolute(rule: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match="path_map"):
        PathMap([rule])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([start for start, _ in MAP.rules]),
       st.lists(st.sampled_from(["a", "b b", "C", "x.exr"]), min_size=1, max_size=4))
def test_there_and_back_names_the_same_file_on_the_node(start: str, parts: list[str]) -> None:
    path = "/".join([start.rstrip("/")] + parts)
    back = MAP.to_workstation(MAP.to_node(path))
    assert MAP.to_node(back) == MAP.to_node(path)


def test_two_files_that_become_one_are_told() -> None:
    files = ["C:/a/x.png", "D:/a/x.png", "c:/A/x.png", "/b/y.png"]
    assert PathMap.default().collisions(files) == [("C:/a/x.png", "D:/a/x.png", "/a/x.png")]
    assert MAP.collisions(["Z:/show/x", "//nas/show/x"]) == [
        ("Z:/show/x", "//nas/show/x", "/mnt/show/x")]
    assert PathMap.default().collisions(["/a", "/b"]) == []


def test_a_path_map_is_a_value() -> None:
    same = PathMap(MAP.rules)
    assert (same, hash(same)) == (MAP, hash(MAP))
    assert same != PathMap.default() == PathMap()
    assert "/mnt/show" in repr(MAP)

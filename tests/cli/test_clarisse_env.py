"""The lines of ``clarisse.env``: put in, put in again, taken out to the byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conductor.cli.clarisse_env import (
    LOCATION,
    STARTUP,
    installed,
    location_text,
    plugin_location,
    removed,
)
from conductor.lib.errors import InputError

TOOLS = "/tools/conductor"
OURS = TOOLS + "/conductor/clarisse/startup.py"


def value_of(text: str, key: str) -> list[str]:
    """The values of all lines that set a key, as a reader of KEY=VALUE lines finds them."""
    return [line.partition("=")[2] for line in text.replace("\ufeff", "").splitlines()
            if line.partition("=")[0].strip() == key]


def test_an_empty_file_gets_both_lines() -> None:
    text = installed("", TOOLS, "linux")
    assert value_of(text, LOCATION) == [TOOLS]
    assert value_of(text, STARTUP) == [OURS]
    assert all(line.startswith("#") or "=" in line for line in text.splitlines())


@pytest.mark.parametrize("before, system, expected", [
    pytest.param("", "linux", OURS, id="shipped empty"),
    pytest.param("/a/x.py", "linux", "/a/x.py;" + OURS, id="another plug-in"),
    pytest.param("/a/x.py:/b/y.py", "linux", "/a/x.py:/b/y.py:" + OURS, id="colons stay"),
    pytest.param("/a/x.py:/b/y.py", "macos", "/a/x.py:/b/y.py:" + OURS, id="colons on a Mac"),
    pytest.param("/a/x.py;/b/y.py;", "linux", "/a/x.py;/b/y.py;" + OURS, id="a semicolon too many"),
    pytest.param("C:/a/x.py", "windows", "C:/a/x.py;" + OURS, id="a drive is no separator"),
    pytest.param("C:/a b/x.py;D:/y.py", "windows", "C:/a b/x.py;D:/y.py;" + OURS, id="two drives"),
    pytest.param("$STUDIO/x.py", "linux", "$STUDIO/x.py;" + OURS, id="variables stay"),
    pytest.param("$CONDUCTOR_LOCATION/conductor/clarisse/startup.py", "linux", OURS,
                 id="ours, written by hand"),
    pytest.param("C:\\old\\conductor\\clarisse\\startup.py;C:/x.py", "windows", "C:/x.py;" + OURS,
                 id="an old one of ours"),
])
def test_scripts_of_others_stay_and_ours_comes_last(
    before: str, system: str, expected: str
) -> None:
    text = "%s=%s\n" % (STARTUP, before)
    done = installed(text, TOOLS, system)
    assert value_of(done, STARTUP) == [expected]
    assert removed(done, system) == text


def test_two_lines_for_the_scripts_become_one() -> None:
    text = "%s=/a.py\nX=1\n%s=/b.py;/a.py\n" % (STARTUP, STARTUP)
    done = installed(text, TOOLS, "linux")
    assert value_of(done, STARTUP) == ["/a.py;/b.py;" + OURS]
    assert removed(done, "linux") == text


def test_another_location_is_replaced_and_comes_back() -> None:
    text = "# mine\n %s = /by/hand \nILISE_SERVER=license:40500\n" % LOCATION
    done = installed(text, TOOLS, "linux")
    assert value_of(done, LOCATION) == [TOOLS]
    assert plugin_location(done) == TOOLS and plugin_location(text) == "/by/hand"
    assert "# mine\n" in done and "ILISE_SERVER=license:40500\n" in done
    assert removed(done, "linux") == text


def test_moving_the_plugin_keeps_one_block() -> None:
    moved = installed(installed("A=1\n", "/old", "linux"), TOOLS, "linux")
    assert moved == installed("A=1\n", TOOLS, "linux")
    assert "/old" not in moved


def test_a_comment_is_no_entry() -> None:
    text = "#%s=/a.py\n# %s=/b\n" % (STARTUP, LOCATION)
    assert installed(text, TOOLS, "linux").startswith(text)


@pytest.mark.parametrize("text, system, end", [
    pytest.param("A=1\r\nB=2\r\n", "linux", "\r\n", id="as the file has them"),
    pytest.param("A=1\nB=2\n", "windows", "\n", id="as the file has them, on Windows"),
    pytest.param("", "windows", "\r\n", id="as the system has them"),
    pytest.param("A=1", "windows", "\r\n", id="one line without an end"),
])
def test_line_ends_are_of_one_kind(text: str, system: str, end: str) -> None:
    done = installed(text, TOOLS, system)
    assert set(re.findall(r"\r?\n", done)) == {end}
    assert removed(done, system) == text


def test_a_byte_order_mark_stays_first() -> None:
    text = "\ufeff%s=/a.py\n" % STARTUP
    done = installed(text, TOOLS, "windows")
    assert done.startswith("\ufeff") and done.count("\ufeff") == 1
    assert value_of(done, STARTUP) == ["/a.py;" + OURS]
    assert removed(done, "windows") == text


def test_without_the_plugin_nothing_is_removed() -> None:
    assert removed("A=1\n# nothing of ours\n", "linux") == "A=1\n# nothing of ours\n"


@pytest.mark.parametrize("before, expected", [
    pytest.param("", "%s=/new.py\n" % STARTUP, id="its own line then"),
    pytest.param("A=1\n%s=/old.py\n" % STARTUP, "A=1\n%s=/old.py;/new.py\n" % STARTUP,
                 id="behind what was there"),
    pytest.param("A=1", "A=1\n%s=/new.py\n" % STARTUP, id="after a line without an end"),
])
def test_a_plugin_that_came_later_survives_ours(before: str, expected: str) -> None:
    done = installed(before, TOOLS, "linux").replace(OURS, OURS + ";/new.py")
    assert removed(done, "linux") == expected


def test_lines_that_others_put_into_or_behind_our_block_survive() -> None:
    done = installed("A=1", TOOLS, "linux")
    done = done.replace("%s=%s\n" % (LOCATION, TOOLS), "%s=%s\nB=2\n" % (LOCATION, TOOLS)) + "C=3\n"
    assert removed(done, "linux").splitlines() == ["A=1", "C=3", "B=2"]


def test_a_block_that_lost_its_last_line_takes_nothing_else_along() -> None:
    done = installed("A=1\n", TOOLS, "linux").splitlines(keepends=True)
    cut = "".join(done[:-1]) + "B=2\n"
    assert removed(cut, "linux") == "A=1\nB=2\n"


KEYS = st.sampled_from([LOCATION, STARTUP, "IX_PYTHON3HOME", "A"])
VALUES = st.text(st.characters(blacklist_categories=("Cs", "Zl", "Zp", "Cc")), max_size=12)
LINES = st.one_of(
    st.builds("{}={}".format, KEYS, VALUES), st.builds("#{}".format, VALUES), st.just(""))
ENDS = st.sampled_from(["\n", "\r\n"])
SYSTEMS = st.sampled_from(["linux", "macos", "windows"])


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(LINES, max_size=6), end=ENDS, is_ended=st.booleans(), system=SYSTEMS)
@example(lines=["A=1"], end="\n", is_ended=False, system="linux")
@example([STARTUP + "=/a.py", "", STARTUP + "="], "\r\n", False, "windows")
def test_taking_it_out_gives_back_every_byte(
    lines: list[str], end: str, is_ended: bool, system: str
) -> None:
    text = end.join(lines) + (end if is_ended else "")
    done = installed(text, TOOLS, system)
    assert removed(done, system) == text
    assert installed(done, TOOLS, system) == done
    assert value_of(done, LOCATION) == [TOOLS]
    assert len(value_of(done, STARTUP)) == 1


@pytest.mark.parametrize("folder, system, written", [
    pytest.param("/tools/my conductor/", "linux", "/tools/my conductor", id="a blank"),
    pytest.param("C:\\Program Files\\Conductor", "windows", "C:/Program Files/Conductor",
                 id="backslashes"),
    pytest.param("\\\\server\\tools", "windows", "//server/tools", id="a share"),
])
def test_how_a_folder_is_written(folder: str, system: str, written: str) -> None:
    assert location_text(folder, system) == written


@pytest.mark.parametrize("folder, system", [
    pytest.param("/a;b", "linux", id="semicolon"), pytest.param("/a:b", "macos", id="colon"),
    pytest.param("C:/a;b", "windows", id="semicolon on Windows"),
    pytest.param("/cost$s", "linux", id="variable"), pytest.param("/a\nb", "linux", id="line end"),
])
def test_a_folder_that_clarisse_would_misread_is_refused(folder: str, system: str) -> None:
    with pytest.raises(InputError, match="Choose another folder"):
        location_text(folder, system)

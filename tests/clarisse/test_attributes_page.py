"""The page about the attributes: up to date, and saying of each row what the editor shows."""

from __future__ import annotations

import pytest
from attributes_page import PAGE, page

from conductor.clarisse.attributes import ATTRIBUTES
from conductor.lib.variables import VARIABLES

ROWS = {line.split("`")[1]: line for line in page().splitlines() if line.startswith("| `")}


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def test_every_row_and_variable_is_there_in_order() -> None:
    shown = [row.name for row in ATTRIBUTES if not row.hidden]
    hidden = [row.name for row in ATTRIBUTES if row.hidden]
    assert list(ROWS) == shown + hidden + ["$" + row.name for row in VARIABLES]
    groups = list(dict.fromkeys(row.group for row in ATTRIBUTES))
    titles = [line[3:] for line in page().splitlines() if line.startswith("## ")]
    assert titles == [*groups, "Rows that are not shown", "Variables"]


@pytest.mark.parametrize("name, cells", [
    pytest.param("submit", "button |  |", id="a button"),
    pytest.param("project", "menu, filled by Refresh | - not set - |", id="a menu of Conductor's"),
    pytest.param("images", "list of items (Image, Layer) | empty |", id="references"),
    pytest.param("custom_frames", "text; shown while `use_custom_frames` is on | empty |",
                 id="shown by a switch"),
    pytest.param("chunk_size", "whole number, 1 or more | `5` |", id="open range"),
    pytest.param("retries", "whole number, 0 to 10 | `3` |", id="range"),
    pytest.param("frames_info", "text, read only |  |", id="read only"),
    pytest.param("preemptible", "switch | on |", id="a switch that is on"),
    pytest.param("dependency_scan_policy", "menu: No Scan, Smart Sequence, Glob | Smart Sequence |",
                 id="a menu of numbers"),
    pytest.param("log_level", "menu: Debug, Info, Warning, Error | Info |", id="a menu of words"),
    pytest.param("packages", "list of texts | empty |", id="texts"),
    pytest.param("title", 'expression | `"Clarisse: "+$CT_JOB+" "+$CT_SEQUENCE` |',
                 id="an expression"),
    pytest.param("last_project", "text | empty |", id="a hidden row"),
    pytest.param("$CT_TILE", "task | `2` | The tile that the task renders, counted from 1. Not in",
                 id="a variable of ours"),
    pytest.param("$CT_SEQUENCE", "job | `1-10` | The frames the job renders. |", id="a variable"),
])
def test_what_a_row_says(name: str, cells: str) -> None:
    assert ROWS[name].startswith("| `%s` | %s" % (name, cells))


def test_each_row_holds_its_tool_tip() -> None:
    for row in ATTRIBUTES:
        assert ROWS[row.name].endswith("| %s |" % row.doc), row.name

"""The place of an error in words, wherever a caret would point at the wrong letter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from build_values import SETTINGS, built
from hypothesis import given
from hypothesis import strategies as st
from onlooker import Artist

from conductor.clarisse.attributes import DEFAULT_TASK_TEMPLATE
from conductor.clarisse.headless import driver
from conductor.clarisse.panels import findings_model
from conductor.clarisse.pointing import in_words, one_line
from conductor.lib.errors import ExpressionError, FrameSpecError

JOB = "project://job"
STRAY = '"$CT_PDIR +" "+ $CT_JOB +" "+ $CT_SEQUENCE'
LONG = DEFAULT_TASK_TEMPLATE + '+" -x'


@pytest.mark.parametrize("place", [0, 3, 7])
def test_the_place_of_an_error_becomes_a_number(place: int) -> None:
    told = str(FrameSpecError("Odd", "1-2,x,3-4", place))
    assert in_words(told) == 'Odd: "1-2,x,3-4", at character %d' % (place + 1)


def test_far_in_a_text_what_stands_before_is_quoted() -> None:
    told = in_words(str(ExpressionError("odd", LONG, len(LONG) - 4)))
    assert told == 'odd: "%s", at character %d, behind "%s"' % (
        LONG, len(LONG) - 3, 's "+$CT_DIRECTORIES+')


@pytest.mark.parametrize("text", [
    "No image.", 'Odd: "x"', 'Odd: "x"\nand more', '^ here', "", 'first: "a"\nsecond\n ^ here.',
])
def test_what_points_nowhere_stays(text: str) -> None:
    assert in_words(text) == text
    assert one_line(text) == text.replace("\n", " ")


@given(st.text("abc \n:", max_size=30), st.integers(0, 29))
def test_any_place_is_counted_from_one(text: str, place: int) -> None:
    place = min(place, len(text))
    told = in_words(str(ExpressionError("odd", text, place)))
    assert told.startswith('odd: "%s", at character %d' % (text, place + 1))
    assert "\n" not in one_line(told)


# ---------------------------------------------------------------- where the artist reads it


@pytest.mark.parametrize("settings, place", [
    (replace(SETTINGS, title=STRAY), "at character 1"),
    (replace(SETTINGS, task_template=LONG), 'behind "s "+$CT_DIRECTORIES+"'),
    (replace(SETTINGS, use_custom_frames=True, custom_frames="1-x"), "at character 2"),
], ids=["title", "template", "frames"])
def test_findings_and_preview_say_the_place(settings: Any, place: str) -> None:
    found = built(settings).findings
    shown = " ".join(findings_model.findings_text(found).split())
    assert place in shown and "^" not in shown


def test_message_box_log_and_preview_say_the_same(ix: Any) -> None:
    driver.set_attribute(JOB, "custom_frames", "1-x")
    told = 'Expected a comma or the end of the frame spec: "1-x", at character 2'
    driver.press(JOB, "best_chunk_size")
    assert driver.messages()[-1].text == "best_chunk_size: " + told
    assert driver.log("error")[0].startswith("ConductorJob, best_chunk_size: %s (log" % told)

    onlooker = Artist()
    driver.press(JOB, "preview")
    onlooker.leave()
    shown = " ".join(onlooker.text_of("Conductor preview").split())
    assert "custom_frames: " + told in shown and "^" not in shown

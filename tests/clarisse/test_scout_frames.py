"""Scout frames: named one by one, or picked by a rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.scout_frames import scout_frames
from conductor.lib.errors import FrameSpecError
from conductor.lib.sequence import Sequence


@pytest.mark.parametrize("spec, frames, picked", [
    pytest.param("3,8", "1-10", "3-8x5", id="a spec"),
    pytest.param("3,80", "1-10", "3-80x77", id="a spec may leave the job"),
    pytest.param("auto:1", "1-10", "6", id="the middle one"),
    pytest.param("auto:2", "1-10", "3-8x5", id="from the middle of each half"),
    pytest.param("auto:3", "1-9", "2-8x3", id="from the middle of each third"),
    pytest.param("auto:4", "1-100", "13-88x25", id="four of many"),
    pytest.param("auto:10", "1-10", "1-10", id="all"),
    pytest.param("auto:99", "1-10", "1-10", id="more than there are"),
    pytest.param("auto:2", "1-4,100-103", "3-102x99", id="by place, not by number"),
    pytest.param("fml", "1-9", "1-9x4", id="first, middle, last"),
    pytest.param("fml:3", "1-10", "1-5x4,10", id="an even number has no middle"),
    pytest.param("fml:1", "1-10", "1", id="the first"),
    pytest.param("fml:2", "1-10", "1-10x9", id="both ends"),
    pytest.param("fml:5", "1-9", "1-9x2", id="five"),
    pytest.param("fml", "7", "7", id="one frame is all three"),
    pytest.param(" FML : 2 ", "1-10", "1-10x9", id="blanks and capitals"),
    pytest.param("auto:3", "", "", id="no frames"),
])
def test_picked_frames(spec: str, frames: str, picked: str) -> None:
    among = Sequence.parse(frames) if frames else Sequence()
    assert str(scout_frames(spec, among)) == picked


@pytest.mark.parametrize("spec, said", [
    pytest.param("auto", "auto:3", id="auto needs a number"),
    pytest.param("fml:", "fml:3", id="a colon needs a number"),
    pytest.param("auto:0", "At least 1", id="none"),
    pytest.param("auto:x", "frame number", id="no number"),
    pytest.param("auto:3,5", "frame number", id="a rule and more"),
    pytest.param("", "empty", id="nothing"),
])
def test_rules_that_cannot_be_read(spec: str, said: str) -> None:
    with pytest.raises(FrameSpecError, match=said) as caught:
        scout_frames(spec, Sequence.parse("1-10"))
    assert '"%s"' % spec in str(caught.value)


@settings(max_examples=80, deadline=None)
@given(st.sets(st.integers(0, 300), min_size=1, max_size=60), st.integers(1, 70),
       st.sampled_from(["auto", "fml"]))
def test_a_rule_picks_as_many_as_it_says_from_the_job(
    numbers: set[int], count: int, rule: str,
) -> None:
    frames = Sequence.from_frames(numbers)
    picked = scout_frames("%s:%d" % (rule, count), frames)
    assert len(picked) == min(count, len(frames))
    assert not picked - frames
    if rule == "fml" and count > 1:
        assert (picked.start, picked.end) == (frames.start, frames.end)

"""Frame sequences: the grammar, the set algebra, the chunks; judged by plain Python sets."""

from __future__ import annotations

import doctest
import pickle
import sys
import time
from collections import abc
from typing import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.lib import progressions, sequence
from conductor.lib.errors import FrameSpecError, InputError
from conductor.lib.sequence import MAX_FRAME, Sequence

# -- a stupid judge: sets of numbers, one frame at a time --------------------------------------


def judge_parse(spec: str) -> set[int]:
    frames: set[int] = set()
    for part in spec.split(","):
        body, _, step = part.partition("x")
        ends = [int(number) for number in body.split("-")]
        frames.update(range(min(ends), max(ends) + 1, int(step or 1)))
    return frames


def judge_spec(frames: set[int]) -> str:
    """The greedy canonical form, made by looking at one frame after another."""
    parts: list[list[int]] = []
    for frame in sorted(frames):
        part = parts[-1] if parts else []
        if len(part) == 1 or len(part) > 1 and frame - part[-1] == part[1] - part[0]:
            part.append(frame)
        else:
            parts.append([frame])
    words = []
    for part in parts:
        word = str(part[0]) if len(part) == 1 else "%d-%d" % (part[0], part[-1])
        if len(part) > 1 and part[1] - part[0] > 1:
            word += "x%d" % (part[1] - part[0])
        words.append(word)
    return ",".join(words)


NUMBERS = st.integers(0, 120)
STEPS = st.integers(1, 12)
PART = st.one_of(
    NUMBERS.map(str),
    st.builds("{}-{}".format, NUMBERS, NUMBERS),
    st.builds("{}-{}x{}".format, NUMBERS, NUMBERS, STEPS),
)
SPECS = st.lists(PART, min_size=1, max_size=6).map(",".join)
FRAMES = st.sets(st.integers(0, 60))
QUICK = settings(max_examples=100, deadline=None)


# -- text --------------------------------------------------------------------------------------

CANONICAL = [
    pytest.param("7", "7", id="one frame"),
    pytest.param("007", "7", id="leading zeros"),
    pytest.param("1-10", "1-10", id="range"),
    pytest.param("1-1", "1", id="range of one frame"),
    pytest.param("1-10x20", "1", id="step beyond the range"),
    pytest.param("3,8", "3-8x5", id="two frames make a progression"),
    pytest.param("9,10", "9-10", id="two neighbours make a range"),
    pytest.param("1,7,10-20,30-60x3,1001", "1-7x6,10-20,30-60x3,1001", id="the documented spec"),
    pytest.param("1-10x4", "1-9x4", id="end not on the step"),
    pytest.param("10-1", "1-10", id="reversed range"),
    pytest.param("10-1x4", "1-9x4", id="reversed range starts at its low end"),
    pytest.param("5,5,5", "5", id="repeats"),
    pytest.param("1-5,3-9", "1-9", id="overlap"),
    pytest.param("1-5,6-9", "1-9", id="neighbouring ranges"),
    pytest.param("1-9x2,2-10x2", "1-10", id="odd and even"),
    pytest.param("1-20,5-15x5", "1-20", id="swallowed"),
    pytest.param("5-15x5,1-20", "1-20", id="swallowed, the finer one second"),
    pytest.param("5-50x5,10-90x10", "5-50x5,60-90x10", id="coarse tail stays"),
    pytest.param("5-95x10,21-43", "5-15x10,21-43,45-95x10", id="fine cut into coarse"),
    pytest.param("1-7x2,1-7x3", "1-3x2,4-5,7", id="interleaved"),
    pytest.param("1,3,4,5", "1-3x2,4-5", id="greedy from the left"),
    pytest.param(" 1 - 10 x 3 , 20 ", "1-10x3,20", id="blanks"),
    pytest.param("0", "0", id="frame 0"),
    pytest.param(str(MAX_FRAME), str(MAX_FRAME), id="the highest frame"),
]


@pytest.mark.parametrize("text, canonical", CANONICAL)
def test_text_becomes_canonical(text: str, canonical: str) -> None:
    assert str(Sequence.parse(text)) == canonical
    assert Sequence.parse(canonical) == Sequence.parse(text)
    assert hash(Sequence.parse(canonical)) == hash(Sequence.parse(text))


MALFORMED = [
    pytest.param("", 0, "must not be empty", id="empty"),
    pytest.param("  ", 2, "must not be empty", id="blank"),
    pytest.param("1,,3", 2, "Expected a frame number", id="nothing between commas"),
    pytest.param("1,", 2, "Expected a frame number", id="trailing comma"),
    pytest.param(",1", 0, "Expected a frame number", id="leading comma"),
    pytest.param("-5", 0, "must not be negative", id="negative"),
    pytest.param("1,-5-10", 2, "must not be negative", id="negative start"),
    pytest.param("1--5", 1, "Expected a comma", id="negative end"),
    pytest.param("1-10x0", 5, "step must be at least 1", id="step zero"),
    pytest.param("1-10x-2", 4, "Expected a comma", id="negative step"),
    pytest.param("1-10x", 4, "Expected a comma", id="step left out"),
    pytest.param("5x2", 1, "Expected a comma", id="step without range"),
    pytest.param("1-10x2x3", 6, "Expected a comma", id="two steps"),
    pytest.param("1-2-3", 3, "Expected a comma", id="three ends"),
    pytest.param("1-", 1, "Expected a comma", id="no end"),
    pytest.param("1 2", 2, "Expected a comma", id="blank instead of comma"),
    pytest.param("1;2", 1, "Expected a comma", id="semicolon"),
    pytest.param("abc", 0, "Expected a frame number", id="letters"),
    pytest.param("1-10X2", 4, "Expected a comma", id="capital x"),
    pytest.param("1.5", 1, "Expected a comma", id="fraction"),
    pytest.param("1e5", 1, "Expected a comma", id="exponent"),
    pytest.param("\u0663", 0, "Expected a frame number", id="digits of another script"),
    pytest.param("1,2147483648", 2, "must not be above 2147483647", id="one too high"),
    pytest.param("1-10x" + "9" * 9000, 5, "must not be above", id="number of 9,000 digits"),
]


@pytest.mark.parametrize("text, position, message", MALFORMED)
def test_malformed_text_is_quoted_and_pointed_at(text: str, position: int, message: str) -> None:
    with pytest.raises(FrameSpecError, match=message) as caught:
        Sequence.parse(text)
    assert caught.value.text == text
    assert caught.value.position == position
    quoted, caret = str(caught.value).split("\n")
    assert text in quoted
    assert caret.index("^") == quoted.index('"') + 1 + position


@QUICK
@given(SPECS)
def test_parse_agrees_with_the_judge(spec: str) -> None:
    frames = Sequence.parse(spec)
    truth = judge_parse(spec)
    assert list(frames) == sorted(truth)
    assert str(frames) == judge_spec(truth)
    assert Sequence.parse(str(frames)) == frames


@QUICK
@given(st.text(alphabet="0123456789-x, ;\t", max_size=12))
def test_any_text_parses_or_is_a_frame_spec_error(text: str) -> None:
    try:
        frames = Sequence.parse(text)
    except FrameSpecError as error:
        assert 0 <= (error.position or 0) <= len(text)
    else:
        assert list(frames) == sorted(judge_parse("".join(text.split())))


def test_the_grammar_in_the_documentation_is_true() -> None:
    results = doctest.testmod(sequence)
    assert results.attempted >= 8
    assert results.failed == 0


# -- other ways in ------------------------------------------------------------------------------


@pytest.mark.parametrize("ends, step, spec", [
    pytest.param((1, 10), 1, "1-10", id="plain"),
    pytest.param((10, 1), 3, "1-10x3", id="reversed"),
    pytest.param((4, 4), 9, "4", id="one frame"),
])
def test_from_range(ends: tuple[int, int], step: int, spec: str) -> None:
    assert str(Sequence.from_range(ends[0], ends[1], step)) == spec


@pytest.mark.parametrize("make", [
    pytest.param(lambda: Sequence.from_range(-1, 5), id="negative start"),
    pytest.param(lambda: Sequence.from_range(1, 5, 0), id="step zero"),
    pytest.param(lambda: Sequence.from_range(1, MAX_FRAME + 1), id="too high"),
    pytest.param(lambda: Sequence.from_frames([3, -2]), id="negative frame"),
    pytest.param(lambda: Sequence.from_frames([MAX_FRAME + 1]), id="frame too high"),
    pytest.param(lambda: Sequence.parse("3").offset(-4), id="moved below zero"),
    pytest.param(lambda: Sequence.parse("3").offset(MAX_FRAME), id="moved too high"),
])
def test_frames_out_of_bounds(make: Callable[[], Sequence]) -> None:
    with pytest.raises(FrameSpecError):
        make()


def test_frames_must_be_whole_numbers() -> None:
    with pytest.raises(TypeError):
        Sequence.from_frames([1.5])  # type: ignore[list-item]


@QUICK
@given(FRAMES)
def test_from_frames_is_a_sorted_set(frames: set[int]) -> None:
    made = Sequence.from_frames(list(frames) * 2)
    assert list(made) == sorted(frames)
    assert str(made) == judge_spec(frames)
    assert len(made) == len(frames)
    assert bool(made) == bool(frames)
    assert [frame in made for frame in range(-1, 62)] == [
        frame in frames for frame in range(-1, 62)]


# -- as a sequence ------------------------------------------------------------------------------


@QUICK
@given(FRAMES, st.integers(-70, 70), st.integers(-70, 70), st.integers(1, 4))
def test_indexing_and_slices_are_those_of_a_list(
        frames: set[int], first: int, last: int, step: int) -> None:
    made, truth = Sequence.from_frames(frames), sorted(frames)
    assert [made[place] for place in range(-len(made), len(made))] == truth + truth
    assert list(made[first:last]) == truth[first:last]
    assert list(made[first:last:step]) == truth[first:last:step]
    assert str(made[first:last]) == judge_spec(set(truth[first:last]))
    for place in (len(truth), -len(truth) - 1):
        with pytest.raises(IndexError):
            made[place]


def test_it_is_a_sequence_and_a_value() -> None:
    frames = Sequence.parse("1-5,10-20x5")
    assert isinstance(frames, abc.Sequence)
    assert list(reversed(frames)) == [20, 15, 10, 5, 4, 3, 2, 1]
    assert frames.index(10) == 5
    assert repr(frames) == "Sequence('1-5,10-20x5')"
    assert pickle.loads(pickle.dumps(frames)) == frames
    assert {frames: "found"}[Sequence.parse("10,15,20,1-5")] == "found"
    assert frames.progressions == (range(1, 6), range(10, 21, 5))
    assert frames != [1, 2, 3, 4, 5, 10, 15, 20]
    assert "5" not in frames


@pytest.mark.parametrize("name", ["start", "end", "step", "progressions", "colour"])
def test_nothing_can_be_set(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Sequence.parse("1-5"), name, 3)


@pytest.mark.parametrize("spec, start, end, step", [
    pytest.param("1-10", 1, 10, 1, id="range"),
    pytest.param("3-8x5", 3, 8, 5, id="two frames"),
    pytest.param("1-10x4", 1, 9, 4, id="end off the step"),
    pytest.param("7", 7, 7, 1, id="one frame"),
    pytest.param("1-5x9", 1, 1, 1, id="one frame of a wide step"),
    pytest.param("1-5,7", 1, 7, None, id="not one progression"),
])
def test_start_end_step(spec: str, start: int, end: int, step: int | None) -> None:
    frames = Sequence.parse(spec)
    assert (frames.start, frames.end, frames.step) == (start, end, step)


def test_the_empty_sequence() -> None:
    empty = Sequence()
    assert empty == Sequence.parse("1-5") & Sequence.parse("6-9") == Sequence.from_frames([])
    assert (list(empty), str(empty), len(empty), bool(empty)) == ([], "", 0, False)
    assert empty.step is None
    assert 1 not in empty
    assert list(empty.chunks(5)) == []
    assert (empty.chunk_count(5), empty.best_chunk_size(5)) == (0, 5)
    assert empty.offset(-5) == empty
    assert empty.expand("a.#.exr") == []
    assert (empty | Sequence.parse("3"), empty - Sequence.parse("3")) == (
        Sequence.parse("3"), empty)
    for name in ("start", "end"):
        with pytest.raises(InputError, match="empty"):
            getattr(empty, name)


# -- set algebra --------------------------------------------------------------------------------


@QUICK
@given(SPECS, SPECS)
def test_set_operations_agree_with_the_judge(one: str, other: str) -> None:
    mine, theirs = Sequence.parse(one), Sequence.parse(other)
    a, b = judge_parse(one), judge_parse(other)
    for made, truth in ((mine | theirs, a | b), (mine & theirs, a & b), (mine - theirs, a - b)):
        assert list(made) == sorted(truth)
        assert str(made) == judge_spec(truth)
        assert made == Sequence.from_frames(truth)


@QUICK
@given(SPECS, st.integers(-20, 20))
def test_offset_moves_every_frame(spec: str, frames: int) -> None:
    truth = {frame + frames for frame in judge_parse(spec)}
    if min(truth) < 0:
        with pytest.raises(FrameSpecError):
            Sequence.parse(spec).offset(frames)
    else:
        assert Sequence.parse(spec).offset(frames) == Sequence.from_frames(truth)


def test_operations_with_something_else_are_type_errors() -> None:
    frames = Sequence.parse("1-5")
    for operation in (lambda: frames | {1}, lambda: frames & {1}, lambda: frames - {1}):
        with pytest.raises(TypeError):
            operation()


@pytest.mark.parametrize("make, spec", [
    pytest.param(lambda: Sequence.parse("1-2000000000x2") & Sequence.parse("1-2000000000x3"),
                 "1-1999999999x6", id="intersection by arithmetic"),
    pytest.param(lambda: Sequence.parse("1-2000000000") - Sequence.parse("1-2000000000x2"),
                 "2-2000000000x2", id="every second taken away"),
    pytest.param(lambda: Sequence.parse("1-2000000000") - Sequence.parse("50-60"),
                 "1-49,61-2000000000", id="a hole"),
    pytest.param(lambda: Sequence.parse("1-1000000000,500000000-2000000000"),
                 "1-2000000000", id="union of overlapping ranges"),
    pytest.param(lambda: Sequence.parse("5-2000000000x5,1-1000000000"),
                 "1-1000000000,1000000005-2000000000x5", id="fine and coarse"),
    pytest.param(lambda: Sequence.parse("1-2000000000")[1999999990:],
                 "1999999991-2000000000", id="slice"),
    pytest.param(lambda: Sequence.parse("1-2000000000").chunks(7)[-1],
                 "1999999996-2000000000", id="last chunk"),
])
def test_two_billion_frames_cost_nothing(make: Callable[[], Sequence], spec: str) -> None:
    started = time.process_time()
    assert str(make()) == spec
    assert time.process_time() - started < 0.2


def test_a_union_that_would_fill_the_memory_is_refused() -> None:
    assert progressions.MAX_INTERLEAVED == 10000000
    with pytest.raises(FrameSpecError, match="interleaved"):
        Sequence.parse("1-2000000000x2,1-2000000000x3")
    with pytest.raises(FrameSpecError, match="interleaved"):
        Sequence.parse("1-2000000000x2") | Sequence.parse("1-2000000000x3")


# -- chunks -------------------------------------------------------------------------------------


@QUICK
@given(SPECS, st.integers(1, 25))
def test_chunks_agree_with_the_judge(spec: str, size: int) -> None:
    frames = Sequence.parse(spec)
    ordered = sorted(judge_parse(spec))
    truth = [ordered[place:place + size] for place in range(0, len(ordered), size)]
    chunks = frames.chunks(size)
    assert [list(chunk) for chunk in chunks] == truth
    assert [str(chunk) for chunk in chunks] == [judge_spec(set(chunk)) for chunk in truth]
    assert [chunks[place] for place in range(len(chunks))] == list(chunks)
    assert len(chunks) == frames.chunk_count(size) == len(truth)
    assert chunks[-1] == list(chunks)[-1]
    assert chunks[1:3] == tuple(list(chunks)[1:3])


@pytest.mark.parametrize("spec, size, expected", [
    pytest.param("1-10", 2, ["1-2", "3-4", "5-6", "7-8", "9-10"], id="the quick start's"),
    pytest.param("1-7x2,9-12", 3, ["1-5x2", "7-9x2,10", "11-12"], id="across progressions"),
    pytest.param("1,3,4,5", 3, ["1-3x2,4", "5"], id="cut inside a progression"),
    pytest.param("1-3x2,4-5", 4, ["1-3x2,4-5"], id="one chunk"),
    pytest.param("1,10,100,1000", 1, ["1", "10", "100", "1000"], id="single frames"),
])
def test_chunks_of_known_specs(spec: str, size: int, expected: list[str]) -> None:
    assert [str(chunk) for chunk in Sequence.parse(spec).chunks(size)] == expected


def test_chunks_are_an_immutable_lazy_sequence() -> None:
    chunks = Sequence.parse("1-2000000000").chunks(5)
    assert isinstance(chunks, abc.Sequence)
    assert len(chunks) == 400000000
    assert str(next(iter(chunks))) == "1-5"
    assert chunks.size == 5
    assert repr(chunks) == "Chunks(Sequence('1-2000000000'), 5)"
    assert chunks == Sequence.parse("1-2000000000").chunks(5) != Sequence.parse("1-9").chunks(5)
    assert chunks != "chunks"
    assert hash(chunks) == hash(Sequence.parse("1-2000000000").chunks(5))
    with pytest.raises(TypeError):
        chunks[0] = Sequence()  # type: ignore[index]
    with pytest.raises(AttributeError):
        chunks.size = 3  # type: ignore[misc]
    with pytest.raises(IndexError):
        chunks[400000000]


@pytest.mark.parametrize("method", ["chunks", "chunk_count", "best_chunk_size"])
@pytest.mark.parametrize("size", [0, -3])
def test_a_chunk_holds_at_least_one_frame(method: str, size: int) -> None:
    with pytest.raises(InputError, match="at least 1 frame"):
        getattr(Sequence.parse("1-10"), method)(size)


@QUICK
@given(st.integers(1, 500), st.integers(1, 600))
def test_best_chunk_size_keeps_the_count_and_is_the_smallest(count: int, size: int) -> None:
    frames = Sequence.from_range(1, count)
    best = frames.best_chunk_size(size)
    assert frames.chunk_count(best) == frames.chunk_count(size)
    assert best == 1 or frames.chunk_count(best - 1) > frames.chunk_count(size)


def test_the_specified_best_chunk_size() -> None:
    assert Sequence.parse("1-100").best_chunk_size(33) == 25
    assert [len(chunk) for chunk in Sequence.parse("1-100").chunks(33)] == [33, 33, 33, 1]


def slack() -> int:
    """How much slower than the promise a run may be: processor time of a shared machine varies,
    and measuring coverage costs about ten times."""
    return 30 if sys.gettrace() else 3


def test_a_million_frames_are_chunked_and_iterated_quickly() -> None:
    """Well under half a second, as benchmarks/sequence.py shows."""
    started = time.process_time()
    frames = sum(sum(1 for _ in chunk) for chunk in Sequence.parse("1-1000000").chunks(5))
    assert frames == 1000000
    assert time.process_time() - started < 0.5 * slack()


# -- text out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("spec, cnode", [
    pytest.param("1-10x2,20", "1:9%2;20", id="step and single frame"),
    pytest.param("9-10", "9:10", id="a chunk of two frames"),
    pytest.param("3-8x5", "3:8%5", id="two distant frames"),
    pytest.param("7", "7", id="one frame"),
    pytest.param("1-5,10-20x5", "1:5;10:20%5", id="two progressions"),
])
def test_to_cnode(spec: str, cnode: str) -> None:
    assert Sequence.parse(spec).to(":", "%", ";") == cnode


@pytest.mark.parametrize("template, expected", [
    pytest.param("img.####.exr", ["img.0009.exr", "img.0010.exr"], id="four digits"),
    pytest.param("img.#.exr", ["img.9.exr", "img.10.exr"], id="one digit, longer number"),
    pytest.param("##/img.###.exr", ["09/img.009.exr", "10/img.010.exr"], id="two places"),
    pytest.param("100%/%d.#", ["100%/%d.9", "100%/%d.10"], id="percent signs"),
])
def test_expand(template: str, expected: list[str]) -> None:
    assert Sequence.parse("9-10").expand(template) == expected


def test_expand_needs_a_hash() -> None:
    with pytest.raises(InputError, match="img.exr"):
        Sequence.parse("1-2").expand("img.exr")


def test_a_range_takes_every_frame_unless_told() -> None:
    assert str(Sequence.from_range(1, 3)) == "1-3"


def test_chunks_are_equal_to_chunks_only() -> None:
    chunks = Sequence.parse("1-4").chunks(2)
    assert chunks == Sequence.parse("1-4").chunks(2) != Sequence.parse("1-4").chunks(3)
    assert chunks != [Sequence.parse("1-2"), Sequence.parse("3-4")]
    assert chunks.__eq__("1-4") is NotImplemented

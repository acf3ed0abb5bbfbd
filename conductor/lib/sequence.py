"""Frame numbers as immutable sets of arithmetic progressions.

The grammar of a frame spec, which is what artists type and what travels in ``frames``,
``scout_frames`` and job titles:

>>> str(Sequence.parse("7"))                        # one frame
'7'
>>> str(Sequence.parse("1-10"))                     # from, to
'1-10'
>>> list(Sequence.parse("30-60x10"))                # from, to, step
[30, 40, 50, 60]
>>> list(Sequence.parse("1, 7, 10-12, 1001"))       # any of these, commas between, blanks allowed
[1, 7, 10, 11, 12, 1001]
>>> str(Sequence.parse("14-10,5,7,11"))             # back comes the canonical form
'5-7x2,10-14'
>>> str(Sequence.from_frames([8, 3]))               # two frames make a progression
'3-8x5'
>>> [str(chunk) for chunk in Sequence.parse("1-10,20").chunks(4)]
['1-4', '5-8', '9-10,20']
>>> Sequence.parse("1-10x3,20").to(":", "%", ";")   # the same in cnode's spelling
'1:10%3;20'

What to know:

1. A sequence is a sorted set: order and repeats of the text are lost.
2. The canonical form is greedy from the left, so ``1,3,4,5`` is ``1-3x2,4-5``, not ``1,3-5``.
3. A reversed range swaps its ends *before* it is stepped: ``10-1x4`` is ``1-9x4``, not ``10-2``.
4. Negative frames, a step below 1 and frames above :data:`MAX_FRAME` are errors, in text and as
   the result of :meth:`Sequence.offset`.
5. The empty sequence exists as the result of an operation; an empty *text* is an error.
6. Only progressions are kept, never frames: a billion frames cost what one costs. The one
   exception is a union of interleaved progressions such as ``1-99x2,1-99x3``: it is worked out
   frame by frame, and refused above 10 million frames (``progressions.MAX_INTERLEAVED``).
"""

from __future__ import annotations

import operator
import re
import typing
from bisect import bisect_right
from itertools import accumulate, chain
from typing import Iterable, Iterator, overload

from conductor.lib.errors import FrameSpecError, InputError
from conductor.lib.progressions import (
    Runs,
    difference,
    intersection,
    joined,
    joined_frames,
    united,
)

MAX_FRAME = 2 ** 31 - 1
"""Highest frame number: Clarisse keeps frames in 32-bit integers."""

_PART = re.compile(r"\s*([0-9]+)(?:\s*-\s*([0-9]+)(?:\s*x\s*([0-9]+))?)?\s*")
_HASHES = re.compile("#+")


class Sequence(typing.Sequence[int]):
    """A sorted, immutable, hashable set of frame numbers.

    Made by :meth:`parse`, :meth:`from_range` and :meth:`from_frames`; ``Sequence()`` is empty.
    Slices are sequences too; ``|``, ``&`` and ``-`` work as on sets.
    """

    # Runs are in canonical form: ascending, apart from each other, joined greedily. Two ranges
    # are equal when their elements are, so equality and hash of the tuple are those of the set.
    # The index is made when first asked for: most chunks are only spelled or iterated.
    __slots__ = ("_runs", "_index")

    _runs: Runs
    _index: tuple[list[int], list[int]]

    def __new__(cls) -> Sequence:
        return _of(())

    @classmethod
    def parse(cls, spec: str) -> Sequence:
        """Read a frame spec such as ``1,7,10-20,30-60x3``.

        Raises:
            FrameSpecError: quotes the text and points at the offending place.
        """
        return _of(united(_parse_parts(spec), spec))

    @classmethod
    def from_range(cls, start: int, end: int, step: int = 1) -> Sequence:
        """Frames from ``start`` to ``end`` inclusive; reversed ends swap.

        Raises:
            FrameSpecError: a negative frame, one above MAX_FRAME, or a step below 1.
        """
        text = "%s-%sx%s" % (start, end, step)
        start, end = sorted((_checked(start), _checked(end)))
        if step < 1:
            raise FrameSpecError("The step must be at least 1", text)
        return _of((range(start, end + 1, step),))

    @classmethod
    def from_frames(cls, frames: Iterable[int]) -> Sequence:
        """The frames given, in any order.

        Raises:
            FrameSpecError: a negative frame or one above MAX_FRAME.
            TypeError: something that is not a whole number.
        """
        ordered = sorted(set(map(operator.index, frames)))
        for frame in ordered[:1] + ordered[-1:]:
            _checked(frame)
        return _of(tuple(joined_frames(ordered)))

    @property
    def progressions(self) -> tuple[range, ...]:
        """The progressions of the canonical form, ascending."""
        return self._runs

    @property
    def start(self) -> int:
        """First frame. Raises InputError when empty."""
        if not self._runs:
            raise InputError("An empty sequence has no first frame")
        return self._runs[0][0]

    @property
    def end(self) -> int:
        """Last frame. Raises InputError when empty."""
        if not self._runs:
            raise InputError("An empty sequence has no last frame")
        return self._runs[-1][-1]

    @property
    def step(self) -> int | None:
        """Distance of neighbours, 1 for a single frame; None when it is not one progression."""
        if len(self._runs) != 1:
            return None
        run = self._runs[0]
        return run.step if len(run) > 1 else 1

    def __len__(self) -> int:
        runs = self._runs
        return len(runs[0]) if len(runs) == 1 else self._indexed()[1][-1]

    def __bool__(self) -> bool:
        return bool(self._runs)

    def __iter__(self) -> Iterator[int]:
        runs = self._runs
        return iter(runs[0]) if len(runs) == 1 else chain.from_iterable(runs)

    def __contains__(self, frame: object) -> bool:
        if not isinstance(frame, int):
            return False
        place = bisect_right(self._indexed()[0], frame) - 1
        return place >= 0 and frame in self._runs[place]

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence: ...

    def __getitem__(self, index: int | slice) -> int | Sequence:
        if isinstance(index, slice):
            places = range(len(self))[index]
            if places.step == 1:
                return self._between(places.start, places.stop)
            return Sequence.from_frames(self[place] for place in places)
        place = operator.index(index)
        if place < 0:
            place += len(self)
        if not 0 <= place < len(self):
            raise IndexError("frame index out of range")
        ends = self._indexed()[1]
        run = bisect_right(ends, place) - 1
        return self._runs[run][place - ends[run]]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return self._runs == other._runs

    def __hash__(self) -> int:
        return hash(self._runs)

    def __str__(self) -> str:
        return self.to("-", "x", ",")

    def __repr__(self) -> str:
        return "Sequence(%r)" % str(self)

    def __reduce__(self) -> tuple[object, ...]:
        return _of, (self._runs,)

    def __or__(self, other: Sequence) -> Sequence:
        if not isinstance(other, Sequence):
            return NotImplemented
        text = "%s,%s" % (_short(self), _short(other))
        return _of(united(self._runs + other._runs, text))

    def __and__(self, other: Sequence) -> Sequence:
        if not isinstance(other, Sequence):
            return NotImplemented
        if self._runs == other._runs:
            return self
        return _of(intersection(self._runs, other._runs))

    def __sub__(self, other: Sequence) -> Sequence:
        if not isinstance(other, Sequence):
            return NotImplemented
        return _of(difference(self._runs, other._runs))

    def offset(self, frames: int) -> Sequence:
        """Every frame moved by ``frames``.

        Raises:
            FrameSpecError: a frame would become negative or pass MAX_FRAME.
        """
        if self._runs and not 0 <= self.start + frames <= self.end + frames <= MAX_FRAME:
            raise FrameSpecError("Frames moved by %d leave 0 to %d" % (frames, MAX_FRAME),
                                 _short(self))
        return _of(tuple(
            range(run.start + frames, run.stop + frames, run.step) for run in self._runs))

    def chunks(self, size: int) -> Chunks:
        """Consecutive parts of ``size`` frames, the last one perhaps shorter.

        Raises:
            InputError: a size below 1.
        """
        return Chunks(self, size)

    def chunk_count(self, size: int) -> int:
        """How many chunks of ``size`` frames there are. Raises InputError for a size below 1."""
        return len(Chunks(self, size))

    def best_chunk_size(self, size: int) -> int:
        """The smallest size that gives as many chunks as ``size`` does.

        >>> Sequence.parse("1-100").best_chunk_size(33)
        25
        """
        count = self.chunk_count(size)
        return -(-len(self) // count) if count else size

    def expand(self, template: str) -> list[str]:
        """File names of all frames: every run of hashes becomes the frame, padded to its length.

        >>> Sequence.parse("9-10").expand("img.####.exr")
        ['img.0009.exr', 'img.0010.exr']

        Raises:
            InputError: the template has no hash.
        """
        if "#" not in template:
            raise InputError('There is no "#" for the frame number in "%s"' % template)
        pattern = _HASHES.sub(
            lambda match: "%%(frame)0%dd" % len(match.group()), template.replace("%", "%%"))
        return [pattern % {"frame": frame} for frame in self]

    def to(self, range_sep: str, step_sep: str, block_sep: str) -> str:
        """The canonical form with other separators; a step of 1 is left out."""
        return block_sep.join(_spelled(run, range_sep, step_sep) for run in self._runs)

    def _indexed(self) -> tuple[list[int], list[int]]:
        """First frame of each run, and how many frames lie before it (with the total behind)."""
        try:
            return self._index
        except AttributeError:
            self._index = (
                [run[0] for run in self._runs], [0] + list(accumulate(map(len, self._runs))))
            return self._index

    def _between(self, first: int, last: int) -> Sequence:
        """The frames of index ``first`` to ``last``, exclusive."""
        if first >= last:
            return _of(())
        if len(self._runs) == 1:
            return _of((self._runs[0][first:last],))
        ends = self._indexed()[1]
        place = bisect_right(ends, first) - 1
        pieces = []
        while place < len(self._runs) and ends[place] < last:
            run = self._runs[place]
            pieces.append(run[max(0, first - ends[place]):last - ends[place]])
            place += 1
        return _of(tuple(joined(pieces)))


class Chunks(typing.Sequence[Sequence]):
    """The chunks of a sequence: computed when asked for, never stored."""

    __slots__ = ("_frames", "_size")

    def __init__(self, frames: Sequence, size: int) -> None:
        if operator.index(size) < 1:
            raise InputError("A chunk holds at least 1 frame, not %d" % size)
        self._frames = frames
        self._size = size

    @property
    def size(self) -> int:
        """Most frames a chunk holds."""
        return self._size

    def __len__(self) -> int:
        return -(-len(self._frames) // self._size)

    @overload
    def __getitem__(self, index: int) -> Sequence: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Sequence, ...]: ...

    def __getitem__(self, index: int | slice) -> Sequence | tuple[Sequence, ...]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(len(self))[index])
        first = range(len(self))[index] * self._size
        return self._frames[first:first + self._size]

    def __iter__(self) -> Iterator[Sequence]:
        size = self._size
        held: list[range] = []
        missing = size
        for run in self._frames.progressions:
            first = 0
            if held:
                first = missing
                held.append(run[:first])
                missing -= len(held[-1])
                if missing:
                    continue
                yield _of(tuple(joined(held)))
                held = []
            whole = len(run) - (len(run) - first) % size
            width = size * run.step
            for start in run[first:whole:size]:
                yield _of((range(start, start + width, run.step),))
            held = [run[whole:]] if whole < len(run) else []
            missing = size - (len(run) - whole)
        if held:
            yield _of(tuple(joined(held)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Chunks):
            return NotImplemented
        return (self._frames, self._size) == (other._frames, other._size)

    def __hash__(self) -> int:
        return hash((self._frames, self._size))

    def __repr__(self) -> str:
        return "Chunks(%r, %d)" % (self._frames, self._size)


def _of(runs: Runs, new: typing.Callable[[type], typing.Any] = object.__new__) -> Sequence:
    """A sequence of runs that are in canonical form already."""
    made: Sequence = new(Sequence)
    made._runs = runs
    return made


def _checked(frame: int) -> int:
    if frame < 0:
        raise FrameSpecError("A frame number must not be negative", str(frame))
    if frame > MAX_FRAME:
        raise FrameSpecError("A frame number must not be above %d" % MAX_FRAME, str(frame))
    return frame


def _short(frames: Sequence) -> str:
    """The spec for a message, cut where it would fill the screen."""
    head = _of(frames.progressions[:8])
    return str(head) + ("..." if len(frames.progressions) > 8 else "")


def _spelled(run: range, range_sep: str, step_sep: str) -> str:
    if len(run) == 1:
        return str(run[0])
    step = step_sep + str(run.step) if run.step > 1 else ""
    return "%d%s%d%s" % (run[0], range_sep, run[-1], step)


def _parse_parts(spec: str) -> list[range]:
    runs = []
    place = 0
    while True:
        match = _PART.match(spec, place)
        if not match:
            raise FrameSpecError(_complaint(spec, place), spec, _first_ink(spec, place))
        runs.append(_parse_part(match, spec))
        place = match.end()
        if place == len(spec):
            return runs
        if spec[place] != ",":
            raise FrameSpecError("Expected a comma or the end of the frame spec", spec, place)
        place += 1


def _parse_part(match: typing.Match[str], spec: str) -> range:
    numbers = []
    for group in (1, 2, 3):
        text = match.group(group) or "1"
        # The length first: Python refuses to convert a number of thousands of digits.
        if len(text.lstrip("0")) > 10 or int(text) > MAX_FRAME:
            raise FrameSpecError("A frame number must not be above %d" % MAX_FRAME, spec,
                                 match.start(group))
        numbers.append(int(text))
    first, last, step = numbers
    if match.group(2) is None:
        return range(first, first + 1)
    if step == 0:
        raise FrameSpecError("The step must be at least 1", spec, match.start(3))
    return range(min(first, last), max(first, last) + 1, step)


def _complaint(spec: str, place: int) -> str:
    rest = spec[place:].lstrip()
    if not spec.strip():
        return "A frame spec must not be empty; write for instance 1-10"
    if re.match("-[0-9]", rest):
        return "A frame number must not be negative"
    return "Expected a frame number"


def _first_ink(spec: str, place: int) -> int:
    """Where the first character that is not blank stands, from ``place`` on."""
    return place + len(spec[place:]) - len(spec[place:].lstrip())

"""Arithmetic progressions of frames as ``range`` objects: joined, united, met, subtracted.

What :mod:`conductor.lib.sequence` is built from. A *run* is a ``range`` that ascends; runs are
*apart* when no extent overlaps another. Nothing here looks at single frames, but for the union
of progressions that interleave.
"""

from __future__ import annotations

import typing
from itertools import chain
from math import gcd
from typing import Iterable, Iterator

from conductor.lib.errors import FrameSpecError

MAX_INTERLEAVED = 10000000
"""Most frames that a union of interleaved progressions may hold."""

Runs = typing.Tuple[range, ...]


def joined_frames(frames: Iterable[int]) -> Iterator[range]:
    """The canonical form of frames that ascend: joined greedily from the left."""
    first = last = step = -1
    for frame in frames:
        if frame - last == step:
            last = frame
        elif first < 0:
            first = last = frame
            step = 0
        elif step == 0:
            step = frame - last
            last = frame
        else:
            yield range(first, last + 1, step)
            first = last = frame
            step = 0
    if first >= 0:
        yield range(first, last + 1, step or 1)


def joined(runs: Iterable[range]) -> Iterator[range]:
    """The canonical form of runs that ascend and lie apart: joined greedily from the left."""
    last = range(0)
    for run in runs:
        if not last:
            last = run
            continue
        gap = run[0] - last[-1]
        if len(last) > 1 and gap != last.step:
            yield last
            last = run
        elif len(run) == 1 or gap == run.step:
            last = range(last[0], run[-1] + 1, gap)
        else:
            yield range(last[0], run[0] + 1, gap)
            last = run[1:]
    if last:
        yield last


def united(runs: Iterable[range], text: str) -> tuple[range, ...]:
    """The canonical form of any runs.

    Raises:
        FrameSpecError: too many interleaved frames; quotes ``text``.
    """
    apart: list[range] = []
    for group in _overlapping(_absorbed(sorted(runs, key=_by_start))):
        if len(group) == 1:
            apart.append(group[0])
            continue
        if sum(map(len, group)) > MAX_INTERLEAVED:
            raise FrameSpecError(
                "More than %d frames of interleaved progressions" % MAX_INTERLEAVED, text)
        apart.extend(joined_frames(sorted(set(chain.from_iterable(group)))))
    return tuple(joined(apart))


def _by_start(run: range) -> int:
    return run.start


def _absorbed(runs: Iterable[range]) -> list[range]:
    """The same frames with fewer overlaps: a run whose neighbour holds a part of it loses it."""
    kept: list[range] = []
    for run in runs:
        last = kept[-1] if kept else range(0)
        if not last or run[0] > last[-1] or run[0] < last[0]:
            kept.append(run)
        elif run.step % last.step == 0 and (run[0] - last[0]) % last.step == 0:
            if run.step == last.step:
                kept[-1] = range(last[0], max(last[-1], run[-1]) + 1, last.step)
            else:
                kept.extend(filter(None, [_after(run, last[-1])]))
        elif last.step % run.step == 0 and (run[0] - last[0]) % run.step == 0:
            kept[-1:] = filter(None, [_before(last, run[0]), run, _after(last, run[-1])])
        else:
            kept.append(run)
    return sorted(kept, key=_by_start)


def _before(run: range, frame: int) -> range:
    """The part of a run below ``frame``."""
    return run[:max(0, -(-(frame - run[0]) // run.step))]


def _after(run: range, frame: int) -> range:
    """The part of a run above ``frame``."""
    return run[max(0, (frame - run[0]) // run.step + 1):]


def _overlapping(runs: Iterable[range]) -> Iterator[list[range]]:
    """Groups of runs, sorted by start, whose extents overlap."""
    group: list[range] = []
    end = -1
    for run in runs:
        if group and run[0] > end:
            yield group
            group = []
        group.append(run)
        end = max(end, run[-1])
    if group:
        yield group


def intersection(mine: Runs, theirs: Runs) -> Runs:
    """The canonical form of the frames that both hold; each is in canonical form."""
    common = (_meeting(one, other) for one, other in _meetings(mine, theirs))
    return tuple(joined(run for run in common if run))


def _meetings(mine: Runs, theirs: Runs) -> Iterator[tuple[range, range]]:
    """Pairs of runs whose extents overlap, ascending."""
    i = j = 0
    while i < len(mine) and j < len(theirs):
        if mine[i][-1] >= theirs[j][0] and theirs[j][-1] >= mine[i][0]:
            yield mine[i], theirs[j]
        if mine[i][-1] < theirs[j][-1]:
            i += 1
        else:
            j += 1


def _meeting(one: range, other: range) -> range:
    """The frames of two runs that overlap: again one run (Chinese remainder theorem)."""
    low, high = max(one[0], other[0]), min(one[-1], other[-1])
    common = gcd(one.step, other.step)
    apart = other[0] - one[0]
    if apart % common:
        return range(0)
    period = other.step // common
    inverse = _inverse(one.step // common, period)
    frame = one[0] + one.step * (apart // common * inverse % period)
    step = one.step * period
    return range(frame + -(-(low - frame) // step) * step, high + 1, step)


def _inverse(number: int, modulus: int) -> int:
    """``number * result % modulus == 1`` for two without common divisor (pow: from 3.8 on)."""
    result, following = 0, 1
    rest, divisor = modulus, number % modulus
    while divisor:
        quotient = rest // divisor
        result, following = following, result - quotient * following
        rest, divisor = divisor, rest - quotient * divisor
    return result % modulus


def difference(mine: Runs, theirs: Runs) -> Runs:
    """The canonical form of the frames that only the first holds; each is in canonical form."""
    return tuple(joined(_remains(mine, theirs)))


def _remains(mine: Runs, theirs: Runs) -> Iterator[range]:
    first = 0
    for run in mine:
        while first < len(theirs) and theirs[first][-1] < run[0]:
            first += 1
        place = first
        while run and place < len(theirs) and theirs[place][0] <= run[-1]:
            yield from _without(run, theirs[place])
            run = _after(run, theirs[place][-1])
            place += 1
        if run:
            yield run


def _without(run: range, removed: range) -> Iterator[range]:
    """What remains of a run up to the end of ``removed``."""
    head = _before(run, removed[0])
    if head:
        yield head
    body = _before(_after(run, removed[0] - 1), removed[-1] + 1)
    holes = _meeting(body, removed) if body else range(0)
    if not holes:
        if body:
            yield body
        return
    ratio = holes.step // body.step
    if _before(body, holes[0]):
        yield _before(body, holes[0])
    if ratio == 2:
        # Every second frame goes: what stays is one progression again.
        rest = range(holes[0] + body.step, holes[-1], holes.step)
        if rest:
            yield rest
    elif ratio > 2:
        for hole in holes[:-1]:
            yield range(hole + body.step, hole + holes.step, body.step)
    if _after(body, holes[-1]):
        yield _after(body, holes[-1])

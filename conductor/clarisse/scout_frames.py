"""Which frames are rendered first: a frame spec, or a rule that picks them from the job's.

Two rules, as in Conductor's other submitters: ``auto:N`` picks N frames, one from the middle of
each of N equal parts; ``fml:N`` picks N from the first to the last at equal distances, and ``fml``
alone the first, the middle and the last.
"""

from __future__ import annotations

import re

from conductor.lib.errors import FrameSpecError
from conductor.lib.sequence import Sequence

_RULE = re.compile(r"\s*(auto|fml)\s*(?::\s*([0-9]{1,9})?\s*)?$", re.IGNORECASE)
_OF_FML = 3


def scout_frames(spec: str, frames: Sequence) -> Sequence:
    """The frames that the text of ``scout_frames`` asks for.

    Args:
        spec: a frame spec, whose frames may lie outside those of the job, or a rule.
        frames: those of the job.

    Raises:
        FrameSpecError: quotes the text and points at the offending place.
    """
    rule = _RULE.match(spec)
    if rule is None:
        return Sequence.parse(spec)
    is_fml, number = rule.group(1).lower() == "fml", rule.group(2)
    if number is None and (":" in spec or not is_fml):
        raise FrameSpecError("Write how many frames, such as %s:3" % rule.group(1), spec, len(spec))
    count = int(number or _OF_FML)
    if count < 1:
        raise FrameSpecError("At least 1 frame has to be picked", spec, rule.start(2))
    if count >= len(frames):
        return frames
    return _from_first_to_last(frames, count) if is_fml else _spread(frames, count)


def _spread(frames: Sequence, count: int) -> Sequence:
    return Sequence.from_frames(
        frames[(2 * place + 1) * len(frames) // (2 * count)] for place in range(count))


def _from_first_to_last(frames: Sequence, count: int) -> Sequence:
    last = len(frames) - 1
    if count == 1:
        return frames[:1]
    return Sequence.from_frames(frames[place * last // (count - 1)] for place in range(count))

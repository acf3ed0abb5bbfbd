"""Progress as a value, and sizes as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor.lib.progress import Progress, size_text


@pytest.mark.parametrize("size, text", [
    pytest.param(0, "0 B", id="none"),
    pytest.param(999, "999 B", id="bytes"),
    pytest.param(1000, "1.0 kB", id="kilo"),
    pytest.param(1024, "1.0 kB", id="decimal, not binary"),
    pytest.param(27000, "27.0 kB", id="one decimal"),
    pytest.param(999949, "999.9 kB", id="the largest kilo"),
    pytest.param(999950, "1.0 MB", id="never 1000.0 of a unit"),
    pytest.param(1234567, "1.2 MB", id="mega"),
    pytest.param(5e9, "5.0 GB", id="giga"),
    pytest.param(7.25e12, "7.2 TB", id="tera"),
    pytest.param(4e15, "4000.0 TB", id="beyond"),
    pytest.param(999.7, "1.0 kB", id="a rate just below a kilobyte"),
])
def test_sizes(size: float, text: str) -> None:
    assert size_text(size) == text


@given(st.integers(min_value=0, max_value=10 ** 15))
def test_a_size_is_short_and_right(size: int) -> None:
    number, unit = size_text(size).split()
    assert float(number) < 1000 or unit == "TB"
    factor = {"B": 1, "kB": 10 ** 3, "MB": 10 ** 6, "GB": 10 ** 9, "TB": 10 ** 12}[unit]
    assert abs(float(number) * factor - size) <= 0.0501 * factor


@pytest.mark.parametrize("progress, rate, left", [
    pytest.param(Progress("x"), 0, None, id="nothing yet"),
    pytest.param(Progress("x", bytes_done=10, bytes_total=30, elapsed_s=2.0), 5.0, 4.0, id="part"),
    pytest.param(Progress("x", bytes_done=40, bytes_total=30, elapsed_s=2.0), 20.0, 0, id="grown"),
])
def test_rate_and_time_left(progress: Progress, rate: float, left: float) -> None:
    assert progress.rate == rate
    assert progress.left_s == left

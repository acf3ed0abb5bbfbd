"""The decorator that ties a test to a promise of the specification."""

from __future__ import annotations

from typing import Callable, TypeVar

Test = TypeVar("Test", bound=Callable[..., object])


def keeps(*promises: str) -> Callable[[Test], Test]:
    """Say which promises of ``promises.py`` a test keeps; ``page.py`` reads it from the source."""

    def mark(test: Test) -> Test:
        assert promises, "name at least one promise"
        return test

    return mark

"""The map from promises to tests has no holes."""

from __future__ import annotations

from collections import Counter

from tests.spec.page import PAGE, kept, page
from tests.spec.promises import PROMISES


def test_every_promise_is_kept() -> None:
    tests = kept()
    assert [promise.id for promise in PROMISES if promise.id not in tests] == []


def test_tests_name_promises_that_exist() -> None:
    ids = Counter(promise.id for promise in PROMISES)
    assert [name for name, count in ids.items() if count > 1] == []
    assert set(kept()) <= set(ids)


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"

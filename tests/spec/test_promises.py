"""The map from promises to tests has no holes."""

from __future__ import annotations

from collections import Counter

from tests.spec.page import PAGE, kept, page
from tests.spec.promises import PROMISES


def test_every_promise_is_kept_or_planned_and_not_both() -> None:
    tests = kept()
    holes = [promise.id for promise in PROMISES if not promise.later and promise.id not in tests]
    done = [promise.id for promise in PROMISES if promise.later and promise.id in tests]
    assert not holes, "no test keeps: %s" % holes
    assert not done, "kept already, so no longer planned: %s" % done


def test_tests_name_promises_that_exist() -> None:
    ids = Counter(promise.id for promise in PROMISES)
    assert [name for name, count in ids.items() if count > 1] == []
    assert set(kept()) <= set(ids)


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"

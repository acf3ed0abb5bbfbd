"""The metadata of a job, without any window."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.environment import make_metadata
from conductor.clarisse.panels.rows_model import Row, Rows, secret_note
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError


class Metadata(Rows):
    """Names and values of one item; no name twice."""

    title = "Metadata"
    counted = "%d entries"

    def __init__(self, stored: str, base: Mapping[str, Any] | None = None) -> None:
        """Read the stored text.

        Args:
            base: metadata of the configuration.
        """
        self._base = dict(base or {})
        super().__init__(stored)

    def _read(self, text: str) -> list[Row]:
        # As pairs: a name that is there twice would silently lose its first value.
        pairs = json.loads(text, object_pairs_hook=_Pairs)
        if not isinstance(pairs, _Pairs):
            raise ValueError("it is no JSON object")
        return [_row(name, _plain(value)) for name, value in pairs]

    def _written(self) -> Any:
        written: dict[str, Any] = {}
        for row in self.rows:
            if row.name in written:
                raise ArgumentError('"%s" is there twice. Remove one of the two.' % row.name)
            is_stored = row.complaint or row.raw is not None
            written[row.name] = row.raw if is_stored else row.value
        return written

    def _refuse(self, row: Row, others: Sequence[Row]) -> None:
        if any(one.name == row.name for one in others):
            raise ArgumentError(
                '"%s" is there already. Choose its row to change the value.' % row.name)
        complaint = _complaint(row.name, row.value)
        if complaint:
            raise ArgumentError(complaint)

    def notes(self) -> list[str]:
        """Unusable and doubled entries, secrets, what the configuration sets too."""
        notes = [row.complaint for row in self.rows if row.complaint]
        names = [row.name for row in self.rows]
        notes += ['"%s" is there twice. Only the last one is sent; remove the other.' % name
                  for name in dict.fromkeys(names) if names.count(name) > 1]
        for row in self.rows:
            notes += secret_note(row)
        notes += ['"%s" is set by the configuration too; the value here is sent.' % name
                  for name in dict.fromkeys(names) if name in self._base]
        return notes


def metadata_of(settings: JobSettings, config: Config) -> Metadata:
    """The metadata of an item, beside the configuration's."""
    return Metadata(settings.metadata, config.get("metadata", {}))


class _Pairs(list):  # type: ignore[type-arg]
    """A JSON object with every one of its pairs."""


def _plain(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return {name: _plain(inner) for name, inner in value}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _row(name: str, value: Any) -> Row:
    complaint = _complaint(name, value)
    if complaint:
        return Row(name, raw=value, complaint=complaint)
    sent, _ = make_metadata(json.dumps({name: value}), {})
    return Row(name, sent[name], raw=value)


def _complaint(name: str, value: Any) -> str:
    """Why a submission would not take the pair, empty when it would."""
    _, findings = make_metadata(json.dumps({name: value}), {})
    return findings[0].message if findings else ""

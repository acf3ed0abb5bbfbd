"""A large file in parts: which are missing, and what the completing request must tell.

A service that knows the upload from an earlier try leaves the parts it has out of ``parts`` and
names them in ``completedParts``; any other has all of them sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from conductor.lib.errors import ServiceError


@dataclass(frozen=True)
class Part:
    """One stretch of a file: ``number`` counts from 1, ``start`` and ``length`` are bytes."""

    number: int
    url: str
    start: int
    length: int


class PartsPlan:
    """How one file goes out, and how far it is. One thread notes, the coordinating one.

    Args:
        wanted: an entry of ``multiPartURLs``.
        size: bytes of the file.

    Attributes:
        bytes_there: how many have arrived, in whole parts.

    Raises:
        ServiceError: the parts do not make up the file.
    """

    def __init__(self, wanted: Mapping[str, Any], size: int) -> None:
        try:
            self.upload_id = str(wanted["uploadID"])
            part_size = int(wanted["partSize"])
            self._etags = {
                int(done["partNumber"]): str(done["etag"]).strip('"')
                for done in wanted.get("completedParts") or ()
            }
            urls = {int(part["partNumber"]): str(part["url"]) for part in wanted["parts"]}
        except (KeyError, TypeError, ValueError) as error:
            raise ServiceError("the service describes the parts wrongly: %r" % error) from None
        self.count = -(-size // part_size) if part_size > 0 else 0
        self.already = len(self._etags)
        self.missing = [
            Part(number, urls[number], (number - 1) * part_size,
                 min(part_size, size - (number - 1) * part_size))
            for number in sorted(set(urls) - set(self._etags))
        ]
        self.bytes_there = size - sum(part.length for part in self.missing)
        if not self.count or set(urls) | set(self._etags) != set(range(1, self.count + 1)):
            raise ServiceError("the service's %d parts of %d bytes do not make up %d bytes" % (
                len(set(urls) | set(self._etags)), part_size, size))

    def note(self, part: Part, etag: str) -> None:
        """A part has arrived."""
        self._etags[part.number] = etag
        self.bytes_there += part.length

    @property
    def is_whole(self) -> bool:
        """True when every part has arrived."""
        return len(self._etags) == self.count

    def completed(self) -> list[dict[str, Any]]:
        """All parts as the completing request names them."""
        return [{"partNumber": number, "etag": self._etags[number]}
                for number in sorted(self._etags)]

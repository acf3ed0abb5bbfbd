"""The containers that calls fill, under the names the binding gives them.

They have no ``len`` and are true even when empty, as in Clarisse; an index past the end raises
IndexError, so Python can iterate over them.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator

from conductor.clarisse.headless.binding import text


def _is_item(value: Any) -> bool:
    return any(base.__name__ == "OfItem" for base in type(value).__mro__)


class _Container:
    """What all containers share; ``_element`` says what they hold."""

    _element: str = "OfItem"

    def __init__(self) -> None:
        self._values: list[Any] = []

    def get_count(self) -> int:
        """How many elements there are."""
        return len(self._values)

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self._values):
            raise IndexError("index %d of %d elements" % (index, len(self._values)))
        return self._values[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._values))

    def _admit(self, value: Any) -> Any:
        if self._element == "text":
            if isinstance(value, (str, bytes)):
                return text(value)
        elif value is None or _is_item(value):
            return value
        raise TypeError("%s holds no %s" % (type(self).__name__, type(value).__name__))

    def _fill(self, values: Iterable[Any]) -> None:
        """Used by the host: replaces the contents."""
        self._values = [self._admit(value) for value in values]


class _Array(_Container):
    """A container with a size given beforehand."""

    def __init__(self, count: int = 0) -> None:
        super().__init__()
        if not isinstance(count, int):
            raise TypeError("%s takes a size" % type(self).__name__)
        self._values = [self._empty()] * count

    def _empty(self) -> Any:
        return "" if self._element == "text" else None

    def __setitem__(self, index: int, value: Any) -> None:
        self[index]
        self._values[index] = self._admit(value)

    def get_item(self, index: int) -> Any:
        """The element at this place."""
        return self[index]

    def set_item(self, index: int, value: Any) -> None:
        """Set the element at this place."""
        self[index] = value


class _Vector(_Array):
    """A container that grows."""

    def add(self, value: Any) -> None:
        """Append one element."""
        self._values.append(self._admit(value))


class _Set(_Container):
    """A container without repeats, compared by full name."""

    def add(self, value: Any) -> None:
        """Add an item unless it is there."""
        known = {item.get_full_name() for item in self._values}
        if self._admit(value).get_full_name() not in known:
            self._values.append(value)


class OfObjectArray(_Array):
    """Objects."""


class OfItemArray(_Array):
    """Items: objects and contexts."""


class OfObjectVector(_Vector):
    """Objects."""


class OfItemVector(_Vector):
    """Items: objects and contexts."""


class OfContextVector(_Vector):
    """Contexts."""


class OfObjectSet(_Set):
    """Objects."""


class OfItemSet(_Set):
    """Items."""


class OfContextSet(_Set):
    """Contexts."""


class CoreStringArray(_Array):
    """Texts."""

    _element = "text"


class CoreStringVector(_Vector):
    """Texts."""

    _element = "text"


class CoreString:
    """An empty text object, as the older containers want one."""


class CoreStringBasicArray(_Array):
    """Texts, in the form of version 4: ``CoreStringBasicArray(CoreString(), 2)``."""

    _element = "text"

    def __init__(self, value: Any = "", count: int = 0) -> None:
        super().__init__(count)


class CoreBitFieldHelper:
    """An empty mask of flags."""


class GMathVec3uc:
    """A colour of three bytes."""

    def __init__(self, x: int = 0, y: int = 0, z: int = 0) -> None:
        if not all(isinstance(each, int) and 0 <= each <= 255 for each in (x, y, z)):
            raise TypeError("GMathVec3uc takes three integers from 0 to 255")
        self._values = (x, y, z)

    def __getitem__(self, index: int) -> int:
        return self._values[index]


class GMathVec3d:
    """A vector of three numbers."""

    def __init__(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        if not all(isinstance(each, (int, float)) for each in (x, y, z)):
            raise TypeError("GMathVec3d takes three numbers")
        self._values = [float(x), float(y), float(z)]

    def __getitem__(self, index: int) -> float:
        return self._values[index]

    def __setitem__(self, index: int, value: float) -> None:
        self._values[index] = float(value)


ARRAYS: tuple[type, ...] = (
    OfObjectArray, OfItemArray, OfObjectVector, OfItemVector, OfContextVector, OfObjectSet,
    OfItemSet, OfContextSet, CoreStringArray, CoreStringVector, CoreString,
    CoreStringBasicArray, CoreBitFieldHelper, GMathVec3uc,
    GMathVec3d,
)

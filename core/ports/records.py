"""Records: frozen dataclasses of plain values, and their JSON data, which stores keep.

A field of a record is of ``str``, ``int``, ``float``, ``bool``, ``None``, ``Literal``, ``date``,
``datetime`` (both are ISO 8601 text in JSON), ``tuple[X, ...]``, ``Mapping[str, X]``, another
record, or a union of those that differ in JSON.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Final,
    Literal,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)


class Record(Protocol):
    """A dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


R = TypeVar("R", bound=Record)
T = TypeVar("T")

_SCALARS: Final = frozenset({str, int, float, bool, NoneType})
_TIMES: Final = frozenset({date, datetime})


def has_default(field: Field[Any]) -> bool:
    """Return whether a record can be made without ``field``."""
    return field.default is not MISSING or field.default_factory is not MISSING


def default_of(field: Field[Any]) -> Any:
    """Return the value of a ``field`` that has a default where it is not given."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def changed(record: R, values: Mapping[str, Any]) -> R:
    """Return ``record`` with other ``values`` of its fields, by their names. Raises TypeError."""
    return replace(record, **values)


# --- to JSON data ---------------------------------------------------------------------------------


def to_data(record: Any) -> dict[str, Any]:
    """Return the JSON data of ``record``, without the fields that have their default values."""
    return {
        name: value if type(value) in _SCALARS else _data(value, to_data)
        for name, default in _defaults_of(type(record))
        if (value := getattr(record, name)) != default
    }


def shown_data(record: Any) -> dict[str, Any]:
    """Return the JSON data of ``record``, without the fields that are None."""
    return {
        name: value if type(value) in _SCALARS else _data(value, shown_data)
        for name, _ in _defaults_of(type(record))
        if (value := getattr(record, name)) is not None
    }


def _defaults(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    """Return the names of fields with their defaults, which nothing equals where there is none."""
    return tuple((f.name, default_of(f) if has_default(f) else MISSING) for f in fields(cls))


_defaults_of: Final[Callable[[Any], tuple[tuple[str, Any], ...]]] = cache(_defaults)
"""The fields of a class of records, looked up once."""


def _data(value: Any, of_record: Callable[[Any], Any]) -> Any:
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple or kind is list:
        items = list(value)
        is_plain = _SCALARS.issuperset(map(type, items))
        return items if is_plain else [_data(item, of_record) for item in items]
    if is_dataclass(kind):
        return of_record(value)
    if kind in _TIMES:
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _data(item, of_record) for name, item in value.items()}
    raise TypeError(f"a record's field cannot be of {kind}")


# --- from JSON data -------------------------------------------------------------------------------

_Read = Callable[[Any], Any]
_Readers = Mapping[type, _Read]
"""How a value is read, by the type of its JSON data. Data of another type is refused.

What they raise is a ValueError whose text goes on after the path to the value.
"""


def from_data(cls: type[T], data: object) -> T:
    """Return the record of class ``cls`` that has the JSON data ``data``.

    A field that is missing has its default; a member that is no field is ignored. Raises ValueError
    for data of another shape. Its message says where that is, and nothing of the content, so that
    it can be logged.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{cls.__name__} cannot be of {type(data)}")  # noqa: TRY004 - as below
    try:
        record: T = _reader_of(cls)(data)
    except ValueError as error:
        raise ValueError(f"{cls.__name__}{error}") from None
    return record


def check_record(cls: type) -> None:
    """Raise TypeError unless ``cls`` is a record that ``from_data`` can read."""
    _reader_of(cls)


def _reader(cls: type[Any]) -> _Read:
    if not is_dataclass(cls):
        raise TypeError(f"{cls} is not a dataclass")
    hints = get_type_hints(cls)
    readers = {field.name: _readers(hints[field.name]) for field in fields(cls)}
    plain = {name: _plain(of_field) for name, of_field in readers.items()}
    required = frozenset(field.name for field in fields(cls) if not has_default(field))

    def read(data: Mapping[str, Any]) -> Any:
        values = {
            name: value if type(value) in plain[name] else _read(readers[name], value, name)
            for name, value in data.items()
            if name in plain
        }
        if missing := required.difference(values):
            raise ValueError(f"/{min(missing)} is missing")
        return cls(**values)

    return read


_reader_of: Final[Callable[[Any], _Read]] = cache(_reader)
"""The reader of a class of records, made once."""


def _readers(hint: Any) -> _Readers:
    """Return the readers of a field's type. Raises TypeError for one that is not supported."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is float:
        return {float: _as_it_is, int: float}
    if hint in _SCALARS:
        return {hint: _as_it_is}
    if hint in _TIMES:
        return {str: _time(hint)}
    if isinstance(hint, type) and is_dataclass(hint):
        return {dict: _reader_of(hint)}
    if origin is Literal:
        return _literal(hint)
    if origin is tuple and arguments[1:] == (...,):
        return dict.fromkeys((list, tuple), _items(_readers(arguments[0])))
    if origin is Mapping and arguments[0] is str:
        return {dict: _members(_readers(arguments[1]))}
    if origin in (Union, UnionType):
        return _any_of(hint, map(_readers, arguments))
    raise TypeError(f"a record's field cannot be of {hint}")


def _read(readers: _Readers, value: Any, name: str | int) -> Any:
    read = readers.get(type(value))
    if read is None:
        raise ValueError(f"/{name} cannot be of {type(value)}")
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"/{name}{error}") from None


def _as_it_is(value: Any) -> Any:
    return value


def _time(cls: type[date]) -> _Read:
    def read(text: str) -> date:
        try:
            return cls.fromisoformat(text)
        except ValueError:
            raise ValueError(f" is not a {cls.__name__} in ISO 8601") from None

    return read


def _literal(hint: Any) -> _Readers:
    allowed = {(type(value), value) for value in get_args(hint)}
    kinds = {kind for kind, _ in allowed}
    if not kinds <= _SCALARS:
        raise TypeError(f"a record's field cannot be of {hint}")

    def read(value: Any) -> Any:
        if (type(value), value) not in allowed:
            raise ValueError(f" is not one of {get_args(hint)}")
        return value

    return dict.fromkeys(kinds, read)


def _plain(readers: _Readers) -> frozenset[type]:
    """Return the types of data that is read as it is: most data, so that is checked at once."""
    return frozenset(kind for kind, read in readers.items() if read is _as_it_is)


def _items(readers: _Readers) -> _Read:
    plain = _plain(readers)

    def read(items: Sequence[Any]) -> tuple[Any, ...]:
        if plain.issuperset(map(type, items)):
            return tuple(items)
        return tuple([_read(readers, item, index) for index, item in enumerate(items)])

    return read


def _members(readers: _Readers) -> _Read:
    return lambda members: {name: _read(readers, value, name) for name, value in members.items()}


def _any_of(hint: Any, options: Iterable[_Readers]) -> _Readers:
    readers: dict[type, _Read] = {}
    for option in options:
        if readers.keys() & option.keys():
            raise TypeError(f"the types of {hint} cannot be told apart in JSON")
        readers.update(option)
    return readers

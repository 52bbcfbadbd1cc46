"""Bottle's containers: forms and headers."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, MutableMapping, Optional, Tuple, Union

from .texts import recode, touni

#: Values by name.
Values = Dict[str, Any]
Environ = Values
#: What a header may be set to; all but text becomes text.
HeaderValue = Union[str, int, float, bytes, None]
Pairs = Iterable[Tuple[str, Any]]


class MultiDict(MutableMapping[str, Any]):
    """A mapping that keeps several values for a name; the newest is the one that it shows.

    Args:
        *a: A mapping or pairs, as `dict` takes them.
        **k: More values by name.
    """

    dict: Dict[str, List[Any]]

    def __init__(self, *a: Any, **k: Any) -> None:
        self.dict = {key: [value] for key, value in dict(*a, **k).items()}

    def __len__(self) -> int:
        return len(self.dict)

    def __iter__(self) -> Iterator[str]:
        return iter(self.dict)

    def __contains__(self, key: object) -> bool:
        return key in self.dict

    def __delitem__(self, key: str) -> None:
        del self.dict[key]

    def __getitem__(self, key: str) -> Any:
        return self.dict[key][-1]

    def __setitem__(self, key: str, value: Any) -> None:
        self.append(key, value)

    def keys(self) -> Any:
        """Return the names."""
        return self.dict.keys()

    def values(self) -> Any:
        """Return the newest value of each name."""
        return (values[-1] for values in self.dict.values())

    def items(self) -> Any:
        """Return each name with its newest value."""
        return ((key, values[-1]) for key, values in self.dict.items())

    def allitems(self) -> Pairs:
        """Return each name with each of its values."""
        return ((key, value) for key, values in self.dict.items() for value in values)

    iterkeys, itervalues, iteritems, iterallitems = keys, values, items, allitems

    def get(self, key: str, default: Any = None, index: int = -1, type: Optional[Callable[[str], Any]] = None) -> Any:
        """Return one value of a name.

        Args:
            key: The name.
            default: Returned if there is none, or `type` refuses it.
            index: Which of several; the newest by default.
            type: A callable that converts it; whatever it raises is taken for a refusal.
        """
        try:
            value = self.dict[key][index]
            return type(value) if type else value
        except Exception:
            return default

    def append(self, key: str, value: Any) -> None:
        """Add a value to those of a name."""
        self.dict.setdefault(key, []).append(value)

    def replace(self, key: str, value: Any) -> None:
        """Set the only value of a name."""
        self.dict[key] = [value]

    def getall(self, key: str) -> List[Any]:
        """Return every value of a name, oldest first."""
        return self.dict.get(key) or []

    getone, getlist = get, getall

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.allitems())!r})"


class FormsDict(MultiDict):
    """Query or form values, whose names are attributes too: a missing one is ``""`` as an attribute."""

    #: COMPAT: bottle 0.13; text is always decoded as UTF-8 here.
    input_encoding = "utf8"
    recode_unicode = True

    @classmethod
    def of(cls, pairs: Pairs) -> FormsDict:
        """Return a dictionary of pairs that keeps all values of a name."""
        made = cls.__new__(cls)
        values: Dict[str, List[Any]] = {}
        for key, value in pairs:
            if key in values:
                values[key].append(value)
            else:
                values[key] = [value]
        made.dict = values
        return made

    def only(self, kind: type) -> FormsDict:
        """Return the values of one type."""
        made = FormsDict.__new__(FormsDict)
        kept = [(key, [value for value in values if isinstance(value, kind)]) for key, values in self.dict.items()]
        made.dict = {key: values for key, values in kept if values}
        return made

    def decode(self, encoding: Optional[str] = None) -> FormsDict:
        """Return a copy; everything is decoded already."""
        return type(self).of(self.allitems())

    def getunicode(self, name: str, default: Any = None, encoding: Optional[str] = None) -> Any:
        """Return the newest value of a name, or `default`; text is decoded already."""
        return self.get(name, default)

    def __getattr__(self, name: str, default: str = "") -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self.get(name, default)


class HeaderDict(MultiDict):
    """Headers by case-insensitive name, each with one value or several; assignment replaces them.

    Args:
        *a: A mapping or pairs.
        **ka: More headers by name.
    """

    def __init__(self, *a: Any, **ka: Any) -> None:
        self.dict = {}
        if a or ka:
            self.update(*a, **ka)

    @classmethod
    def of(cls, values: Dict[str, List[str]]) -> HeaderDict:
        """Return a view of a dictionary of lists, whose names are in the form of `header_name`."""
        made = cls()
        made.dict = values
        return made

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (str, bytes)) and header_name(key) in self.dict

    def __delitem__(self, key: str) -> None:
        del self.dict[header_name(key)]

    def __getitem__(self, key: str) -> str:
        value: str = self.dict[header_name(key)][-1]
        return value

    def __setitem__(self, key: str, value: HeaderValue) -> None:
        self.dict[header_name(key)] = [header_value(value)]

    def append(self, key: str, value: HeaderValue) -> None:
        """Add a value to those of a header."""
        self.dict.setdefault(header_name(key), []).append(header_value(value))

    def replace(self, key: str, value: HeaderValue) -> None:
        """Set the only value of a header."""
        self[key] = value

    def getall(self, key: str) -> List[str]:
        """Return every value of a header."""
        return self.dict.get(header_name(key)) or []

    getlist = getall

    def get(self, key: str, default: Any = None, index: int = -1, type: Any = None) -> Any:
        """Return one value of a header, or `default`."""
        return super().get(header_name(key), default, index, type)

    getone = get

    def filter(self, names: Iterable[str]) -> None:
        """Remove headers."""
        for name in names:
            self.dict.pop(header_name(name), None)


_NAMES: Dict[str, str] = {}


def header_name(key: Union[str, bytes]) -> str:
    """Return the form of a header's name that dictionaries go by, such as ``Content-Type``.

    Raises:
        ValueError: It contains a control character.
    """
    text = key if isinstance(key, str) else touni(key)
    found = _NAMES.get(text)
    if found is None:
        _check(text)
        found = text.title().replace("_", "-")
        if len(_NAMES) < 1000:
            _NAMES[text] = found
    return found


def header_value(value: HeaderValue) -> str:
    """Return a header's value as text.

    Raises:
        ValueError: It contains a control character.
    """
    text = value if isinstance(value, str) else touni(value)
    _check(text)
    return text


def _check(text: str) -> None:
    if "\n" in text or "\r" in text or "\0" in text:
        raise ValueError(f"A header must not contain a control character: {text!r}.")


class WSGIHeaderDict(Mapping[str, str]):
    """The request headers in a WSGI environment, by case-insensitive name; it can't be changed."""

    #: Headers whose variables have no prefix.
    cgikeys = ("CONTENT_TYPE", "CONTENT_LENGTH")

    def __init__(self, environ: Environ) -> None:
        self.environ = environ

    def _ekey(self, key: str) -> str:
        variable = key.replace("-", "_").upper()
        return variable if variable in self.cgikeys else f"HTTP_{variable}"

    def raw(self, key: str, default: Optional[str] = None) -> Union[str, None]:
        """Return a header as the environment has it, where each character stands for a byte."""
        return self.environ.get(self._ekey(key), default)

    def __getitem__(self, key: str) -> str:
        return recode(self.environ[self._ekey(key)])

    def __setitem__(self, key: str, value: str) -> None:
        raise TypeError("The headers of a request can't be changed; change its environ.")

    def __delitem__(self, key: str) -> None:
        raise TypeError("The headers of a request can't be changed; change its environ.")

    def __iter__(self) -> Iterator[str]:
        for key in self.environ:
            if key.startswith("HTTP_"):
                yield header_name(key[5:])
            elif key in self.cgikeys:
                yield header_name(key)

    def keys(self) -> Any:
        """Return the names."""
        return list(self)

    def __len__(self) -> int:
        return sum(1 for _ in self)  # `list` would ask for the length

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._ekey(key) in self.environ

"""Header fields: read without decoding all of them, checked when they are written.

Source: RFC 9110, section 5 (fields); RFC 6266 and RFC 8187 (file names).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, Dict, Iterable, Iterator, List, Mapping, MutableMapping, Optional, Tuple, Union, overload
from urllib.parse import quote, unquote_to_bytes

from .._types import RawHeaders, T
from ..exceptions import InvalidHeader

HeaderSource = Union[Mapping[str, str], Iterable[Tuple[str, str]]]

_is_token = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
# Every quantifier stops at a character that the next one can't match, so a hostile value costs linear time.
_option = re.compile(r';\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.S)
_escaped = re.compile(r'\\(["\\])')
_control = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search
_controls = re.compile(r"[\x00-\x1f\x7f]").sub
_NAMED = {b"\r": "CR", b"\n": "LF", b"\0": "NUL"}
_ATTR_CHARS = "!#$&+-.^_`|~"  # RFC 8187, section 3.2.1


#: From this number of headers on a name is looked up in a dict, which costs more to make than a few look-ups do.
INDEXED = 24

#: Prepared `content-length` headers by length, for short bodies. PERF: 110 -> 15 ns for each answer
LENGTHS = tuple((b"content-length", b"%d" % length) for length in range(1024))


def length_header(length: int) -> Tuple[bytes, bytes]:
    """Return the raw `content-length` header of a body of `length` bytes."""
    return LENGTHS[length] if length < len(LENGTHS) else (b"content-length", b"%d" % length)


def parse_digits(text: Optional[str]) -> Optional[int]:
    """Return the number of a field such as `Content-Length`: one to nineteen ASCII digits and nothing else.

    Args:
        text: The value of the field, or None if there is none.

    Returns:
        The number, or None for anything else: with a sign, a blank, "_", digits of other scripts, too long.

    Source: RFC 9110, section 8.6 (``Content-Length = 1*DIGIT``).
    """
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None


def check_header(name: bytes, value: bytes) -> None:
    """Refuse a header that could split the response or that clients need not understand.

    Args:
        name: The field name; an RFC 9110 token.
        value: The field value; anything but control characters, of which a tab alone is allowed.

    Raises:
        InvalidHeader: The name is not a token, or the value contains a control character.

    Source: RFC 9110, section 5.5. Servers drop the connection at other control characters, too.
    """
    if _is_token(name) is None:
        raise InvalidHeader(f"The header name {name!r} is not a token (RFC 9110, section 5.1).")
    found = _control(value)
    if found is not None:
        mark = _NAMED.get(found.group(), f"the control character {found.group()!r}")
        raise InvalidHeader(
            f"The value of the header {name.decode('latin-1')!r} contains {mark}, which would let its "
            "writer forge headers. Strip or encode what comes from outside before it becomes a header."
        )


def encode_header(name: str, value: str) -> Tuple[bytes, bytes]:
    """Return a header given as text as a checked raw pair.

    Args:
        name: The field name in any case.
        value: The field value, without characters beyond latin-1. Blanks around it are dropped.

    Returns:
        The pair as ASGI wants it: the name in lower case, both as bytes.

    Raises:
        InvalidHeader: The pair breaks `check_header`, or is not latin-1 text.
    """
    try:
        key = _encode_known(name)
        text = value.strip(" \t").encode("latin-1")
    except UnicodeEncodeError:
        raise InvalidHeader(
            f"The header {name!r} contains characters beyond latin-1. Percent-encode them, or for a file name use "
            "content_disposition()."
        ) from None
    except (AttributeError, TypeError):
        raise InvalidHeader(
            f"The header {name!r} has the value {value!r} of type {type(value).__name__}; headers are str."
        ) from None
    if not value.isprintable():  # PERF: the fastest of five ways to find few suspects
        check_header(key, text)
    return key, text


@lru_cache(maxsize=256)
def _encode_known(name: str) -> bytes:
    """Return the checked raw form of a name."""
    # PERF: a program writes few names many times, 1 us less for each
    return known_name(name.lower().encode("latin-1"))


#: Raw names that many responses have, and that need no look.
PLAIN_NAMES = frozenset(
    [b"content-type", b"content-length", b"date", b"etag", b"last-modified", b"location", b"set-cookie", b"vary"]
)


@lru_cache(maxsize=256)
def known_name(name: bytes) -> bytes:
    """Return a raw name in lower case.

    Raises:
        InvalidHeader: The name is not a token.
    """
    check_header(name, b"")
    return name.lower()


def encode_headers(source: HeaderSource) -> RawHeaders:
    """Return headers given as text as checked raw pairs, see `encode_header`."""
    pairs = source.items() if isinstance(source, Mapping) else source
    return [encode_header(name, value) for name, value in pairs]


@lru_cache(maxsize=256)
def _encode_name(name: Any) -> bytes:
    """Return the raw form of a name for a look-up; what can't be a name matches nothing."""
    return name.lower().encode("latin-1", "replace") if isinstance(name, str) else b""


#: The places of each name; the number of headers and the name of the last one when these were read.
_Index = Tuple[Dict[bytes, List[int]], int, bytes]


class Headers(Mapping[str, str]):
    """Header fields, read-only: case-insensitive, in order, repeats kept, decoded at each access.

    `[]` and `get` return the first value of a name, `getlist` all of them; `keys`, `values`,
    `items`, iteration and `len` count repeats.

    Args:
        source: A mapping, or pairs of str; checked like outgoing headers.
        raw: Raw pairs with lower-case names instead of `source`; used as they are, not copied.
    """

    __slots__ = ("raw", "_index")

    def __init__(self, source: Optional[HeaderSource] = None, *, raw: Optional[RawHeaders] = None) -> None:
        if raw is None:
            raw = []
        self.raw: RawHeaders = raw
        self._index: Optional[_Index] = None
        if source is not None:
            raw.extend(source.raw if isinstance(source, Headers) else encode_headers(source))

    @overload
    def get(self, name: str) -> Optional[str]: ...

    @overload
    def get(self, name: str, default: Union[str, T]) -> Union[str, T]: ...

    def get(self, name: str, default: Union[str, T, None] = None) -> Union[str, T, None]:
        """Return the first value of a header, or `default`."""
        wanted = _encode_name(name)
        if len(self.raw) >= INDEXED:
            places = self._places().get(wanted)
            return default if places is None else self.raw[places[0]][1].decode("latin-1")
        for key, value in self.raw:  # PERF: a plain loop, 160 ns; a generator with next() is 690 ns
            if key == wanted:
                return value.decode("latin-1")
        return default

    def getlist(self, name: str) -> List[str]:
        """Return every value of a header, in order; empty if there is none."""
        wanted = _encode_name(name)
        if len(self.raw) >= INDEXED:
            return [self.raw[place][1].decode("latin-1") for place in self._places().get(wanted, ())]
        return [value.decode("latin-1") for key, value in self.raw if key == wanted]

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        wanted = _encode_name(name)
        if len(self.raw) >= INDEXED:
            return wanted in self._places()
        for key, _ in self.raw:
            if key == wanted:
                return True
        return False

    def _places(self) -> Dict[bytes, List[int]]:
        """Return where each name stands in `raw`; read anew after `raw` was changed from outside."""
        raw: RawHeaders = self.raw
        index: Optional[_Index] = getattr(self, "_index", None)
        if index is None or index[1] != len(raw) or index[2] != raw[-1][0]:
            places: Dict[bytes, List[int]] = {}
            for place, (name, _) in enumerate(raw):
                places.setdefault(name, []).append(place)
            index = self._index = places, len(raw), raw[-1][0]
        return index[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.raw)

    def keys(self) -> List[str]:  # type: ignore[override]  # a list, because names repeat
        """Return the names in lower case, in order, repeats kept."""
        return [key.decode("latin-1") for key, _ in self.raw]

    def values(self) -> List[str]:  # type: ignore[override]  # as `keys`
        """Return the values, in order."""
        return [value.decode("latin-1") for _, value in self.raw]

    def items(self) -> List[Tuple[str, str]]:  # type: ignore[override]  # as `keys`
        """Return the pairs, names in lower case, in order, repeats kept."""
        return [(key.decode("latin-1"), value.decode("latin-1")) for key, value in self.raw]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            if not isinstance(other, Mapping):
                return NotImplemented
            try:
                other = Headers(other)
            except InvalidHeader:  # what can't be a header equals no header
                return False
        return sorted(self.raw) == sorted(other.raw)

    __hash__ = None  # type: ignore[assignment]  # typeshed wants a method

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.items()!r})"


class MutableHeaders(Headers, MutableMapping[str, str]):
    """Header fields that can be changed; each write is checked, and changes the list given as `raw` in place.

    Raises:
        InvalidHeader: From every write that `check_header` refuses; nothing is changed then.
    """

    __slots__ = ()

    def __setitem__(self, name: str, value: str) -> None:
        """Replace all values of a header with one, at the position of the first."""
        pair = encode_header(name, value)
        if len(self.raw) >= INDEXED:
            places = self._places().get(pair[0], [])
        else:
            places = [index for index, (key, _) in enumerate(self.raw) if key == pair[0]]
        if not places:
            self._append(pair)
            return
        for index in reversed(places[1:]):
            del self.raw[index]
            self._index = None
        self.raw[places[0]] = pair

    def __delitem__(self, name: str) -> None:
        wanted = _encode_name(name)
        kept = [pair for pair in self.raw if pair[0] != wanted]
        if len(kept) == len(self.raw):
            raise KeyError(name)
        self.raw[:], self._index = kept, None

    def add(self, name: str, value: str) -> None:
        """Add a value at the end and keep the others."""
        self._append(encode_header(name, value))

    append = add

    def _append(self, pair: Tuple[bytes, bytes]) -> None:
        if len(self.raw) >= INDEXED:
            places = self._places()
            places.setdefault(pair[0], []).append(len(self.raw))
            self._index = places, len(self.raw) + 1, pair[0]
        self.raw.append(pair)

    def update(self, *sources: HeaderSource, **names: str) -> None:  # type: ignore[override]  # several sources
        """Replace the named headers; a name that is repeated in `sources` gets all of its new values."""
        pairs = [pair for source in (*sources, names) for pair in encode_headers(source)]
        replaced = {key for key, _ in pairs}
        self.raw[:], self._index = [pair for pair in self.raw if pair[0] not in replaced] + pairs, None

    def add_vary(self, *names: str) -> None:
        """Add names of request headers to `Vary`, each once."""
        there = [part.strip() for value in self.getlist("vary") for part in value.split(",") if part.strip()]
        known = {part.lower() for part in there}
        self["vary"] = ", ".join(there + [name for name in names if name.lower() not in known])


def parse_options(value: str) -> Tuple[str, Dict[str, str]]:
    r"""Split a header such as `Content-Type` into its main value and its parameters.

    Args:
        value: The header as text.

    Returns:
        The main value and the parameter names in lower case; parameter values are unquoted, and
        `name*=UTF-8''…` is decoded and precedes `name=`. Of a repeated name the first counts.

    Source: RFC 9110, section 5.6.6; RFC 8187. Only ``\"`` and ``\\`` are unescaped, because
    browsers send the backslashes of file names unescaped.
    """
    main, _, _ = value.partition(";")
    options: Dict[str, str] = {}
    extended: Dict[str, str] = {}
    for match in _option.finditer(value):
        name, text = match.group(1).lower(), match.group(2).strip()
        if name.endswith("*"):
            charset, _, rest = text.partition("'")
            if charset.lower() in ("utf-8", "iso-8859-1"):
                decoded = unquote_to_bytes(rest.partition("'")[2]).decode(charset, "replace")
                extended.setdefault(name[:-1], decoded)
            continue
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = _escaped.sub(r"\1", text[1:-1])
        options.setdefault(name, text)
    options.update(extended)
    return main.strip().lower(), options


def content_disposition(filename: Optional[str], kind: str = "attachment") -> str:
    """Return a `Content-Disposition` value that all clients understand.

    Args:
        filename: The name that the client is offered, any text; None for none. "_" stands for control characters.
        kind: ``"attachment"`` or ``"inline"``.

    Returns:
        The header value. A name beyond plain ASCII gets an ASCII substitute and `filename*`.

    Source: RFC 6266, section 4.3 and appendix D; RFC 8187.
    """
    if filename is None:
        return kind
    filename = _controls("_", filename)
    plain = "".join(
        char if " " <= char <= "~" else "_"
        for char in unicodedata.normalize("NFKD", filename)
        if not unicodedata.combining(char)
    )
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    value = f'{kind}; filename="{quoted}"'
    if plain == filename and "%" not in filename:  # some clients decode percent signs in the plain form
        return value
    return f"{value}; filename*=UTF-8''{quote(filename, safe=_ATTR_CHARS, errors='replace')}"

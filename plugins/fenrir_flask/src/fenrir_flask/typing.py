"""The types of what Flask calls and what views return, for annotations."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    TypeVar,
    Union,
)

from ._types import Function, Values

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from .wrappers import Response

    WSGIApplication = Callable[[Values, Function], Iterable[bytes]]

#: What can be the body of a response.
ResponseValue = Union[
    "Response",
    str,
    bytes,
    List[Any],
    Mapping[str, Any],
    Iterator[str],
    Iterator[bytes],
    AsyncIterable[str],
    AsyncIterable[bytes],
]
HeaderValue = Union[str, List[str], Tuple[str, ...]]
HeadersValue = Union["Headers", Mapping[str, HeaderValue], Sequence[Tuple[str, HeaderValue]]]
#: What a view may return.
ResponseReturnValue = Union[
    ResponseValue,
    Tuple[ResponseValue, HeadersValue],
    Tuple[ResponseValue, int],
    Tuple[ResponseValue, int, HeadersValue],
    "WSGIApplication",
]
ResponseClass = TypeVar("ResponseClass", bound="Response")

AppOrBlueprintKey = Optional[str]
AfterRequestCallable = Union[Callable[[Any], Any], Callable[[Any], Awaitable[Any]]]
BeforeFirstRequestCallable = Union[Callable[[], None], Callable[[], Awaitable[None]]]
BeforeRequestCallable = Union[
    Callable[[], Optional[ResponseReturnValue]], Callable[[], Awaitable[Optional[ResponseReturnValue]]]
]
ShellContextProcessorCallable = Callable[[], Values]
TeardownCallable = Union[
    Callable[[Optional[BaseException]], None], Callable[[Optional[BaseException]], Awaitable[None]]
]
TemplateContextProcessorCallable = Union[Callable[[], Values], Callable[[], Awaitable[Values]]]
TemplateFilterCallable = Function
TemplateGlobalCallable = Function
TemplateTestCallable = Callable[..., bool]
URLDefaultCallable = Callable[[str, Values], None]
URLValuePreprocessorCallable = Callable[[Optional[str], Optional[Values]], None]
ErrorHandlerCallable = Union[Callable[[Any], ResponseReturnValue], Callable[[Any], Awaitable[ResponseReturnValue]]]
RouteCallable = Union[Callable[..., ResponseReturnValue], Callable[..., Awaitable[ResponseReturnValue]]]

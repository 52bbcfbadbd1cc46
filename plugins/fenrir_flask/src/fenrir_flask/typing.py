"""The types of what Flask calls and what views return, for annotations."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterable,
    Awaitable,
    Callable,
    Dict,
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

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from .wrappers import Response

    WSGIApplication = Callable[[Dict[str, Any], Callable[..., Any]], Iterable[bytes]]

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
ShellContextProcessorCallable = Callable[[], Dict[str, Any]]
TeardownCallable = Union[
    Callable[[Optional[BaseException]], None], Callable[[Optional[BaseException]], Awaitable[None]]
]
TemplateContextProcessorCallable = Union[Callable[[], Dict[str, Any]], Callable[[], Awaitable[Dict[str, Any]]]]
TemplateFilterCallable = Callable[..., Any]
TemplateGlobalCallable = Callable[..., Any]
TemplateTestCallable = Callable[..., bool]
URLDefaultCallable = Callable[[str, Dict[str, Any]], None]
URLValuePreprocessorCallable = Callable[[Optional[str], Optional[Dict[str, Any]]], None]
ErrorHandlerCallable = Union[Callable[[Any], ResponseReturnValue], Callable[[Any], Awaitable[ResponseReturnValue]]]
RouteCallable = Union[Callable[..., ResponseReturnValue], Callable[..., Awaitable[ResponseReturnValue]]]

"""The part of a request that proxies have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, List, Optional

from fenrir_core import lazy
from fenrir_core.authoring import escape_path

from .forwarded import Forwarded, parse_forwarded


class ForwardedRequest:
    """The part of `Request` that reads `Forwarded` and its predecessors, which any client can send."""

    get_header: Callable[..., Optional[str]]
    if TYPE_CHECKING:
        # what the other parts of `Request` have
        @property
        def scheme(self) -> str:
            """The scheme."""

        @property
        def netloc(self) -> str:
            """The host."""

        @property
        def root_path(self) -> str:
            """The mount prefix."""

        @property
        def relative_uri(self) -> str:
            """The mount prefix, path and query string."""

    @lazy
    def forwarded(self) -> Optional[List[Forwarded]]:
        """The hops of the header `Forwarded`, the client's first, or None."""
        header = self.get_header("Forwarded")
        return parse_forwarded(header) if header is not None else None

    @property
    def forwarded_scheme(self) -> str:
        """The scheme of the client's own request; that of this one if no proxy says otherwise."""
        hops = self.forwarded
        if hops:
            return hops[0].scheme or self.scheme
        return (self.get_header("X-Forwarded-Proto") or self.scheme).lower()

    @property
    def forwarded_host(self) -> str:
        """The host of the client's own request; that of this one if no proxy says otherwise."""
        hops = self.forwarded
        if hops:
            return hops[0].host or self.netloc
        return self.get_header("X-Forwarded-Host") or self.netloc

    @property
    def forwarded_uri(self) -> str:
        """The whole URL of the client's own request."""
        return f"{self.forwarded_scheme}://{self.forwarded_host}{self.relative_uri}"

    @property
    def forwarded_prefix(self) -> str:
        """The scheme, host and mount prefix of the client's own request."""
        return f"{self.forwarded_scheme}://{self.forwarded_host}{escape_path(self.root_path)}"

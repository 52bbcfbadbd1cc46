"""The part of a request that proxies have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

from fenrir_core import lazy
from fenrir_core.authoring import escape_path

from .forwarded import Forwarded, parse_forwarded


class ForwardedRequest:
    """The part of `Request` that reads `Forwarded` and its predecessors, which any client can send."""

    if TYPE_CHECKING:

        def get_header(self, name: str) -> Optional[str]: ...

        @property
        def scheme(self) -> str: ...

        @property
        def netloc(self) -> str: ...

        @property
        def app(self) -> str: ...

        @property
        def relative_uri(self) -> str: ...

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
        return f"{self.forwarded_scheme}://{self.forwarded_host}{escape_path(self.app)}"

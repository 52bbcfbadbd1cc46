"""Tools for the tests of apps, plugins and paradigms: an in-process client, and checks.

No HTTP client and no test framework is needed. The rest of the kernel does not import this
package. Fixtures for pytest are in `fenrir_core.testing.fixtures`.

    >>> async with Client(app) as client:
    ...     answer = await client.get("/pets", headers={"accept": "application/json"})
    ...     assert answer.status == 200
"""

from __future__ import annotations

from ._apps import make_app, poison
from ._blocking import SyncClient
from ._client import Client
from ._conformance import CONFORMANCE
from ._kit import Check, ParadigmKit
from ._plugin_check import check_plugin
from ._sending import Cookies
from ._talk import Answer, Refused, Session, Stream

__all__ = [
    "CONFORMANCE",
    "Answer",
    "Check",
    "Client",
    "Cookies",
    "ParadigmKit",
    "Refused",
    "Session",
    "Stream",
    "SyncClient",
    "check_plugin",
    "make_app",
    "poison",
]

"""The settings that the kernel declares."""

from __future__ import annotations

from .._readers import flag, one_of, optional, positive
from ..http.limits import LIMITS
from .types import Contribution, Origin, Setting

_SLASHES = one_of("redirect", "strict", "accept")

#: The declarations, with their origin.
KERNEL_SETTINGS = tuple(
    Contribution(item, Origin("kernel"))
    for item in (
        Setting("debug", flag, False, "FENRIR_DEBUG", "Development mode: more talkative errors in the log."),
        Setting("require_host", optional(flag), None, None, "Whether HTTP/1.1 needs a Host; None: under `fenrir run`."),
        *(Setting(limit.name, limit.type, limit.default, limit.env, limit.help) for limit in LIMITS),
        Setting("threads", positive, 40, "FENRIR_THREADS", "How many synchronous handlers run at a time."),
        Setting(
            "threads_max", positive, 1000, "FENRIR_THREADS_MAX", "How many threads requests may keep; 503 beyond it."
        ),
        Setting(
            "nonblocking", flag, False, None, "Whether synchronous handlers run on the event loop: none may block."
        ),
        Setting("stop_streams", float, 2.0, None, "Seconds that open streams have to end once the stop begins."),
        Setting("stop_lifespan", float, 10.0, None, "Seconds that each lifespan has to close."),
        Setting(
            "trailing_slash", _SLASHES, "redirect", None, "What '/x/' means where '/x' is a route, and the reverse."
        ),
        Setting("derive_head", flag, True, None, "Whether GET routes answer HEAD."),
        Setting("derive_options", flag, True, None, "Whether OPTIONS is answered with the allowed methods."),
    )
)

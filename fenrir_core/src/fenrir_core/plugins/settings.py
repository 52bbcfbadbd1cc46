"""The settings that the kernel declares."""

from __future__ import annotations

from .._readers import flag, one_of, positive, size
from .types import Contribution, Origin, Setting

_SLASHES = one_of("redirect", "strict", "accept")

#: The declarations, with their origin.
KERNEL_SETTINGS = tuple(
    Contribution(item, Origin("kernel"))
    for item in (
        Setting("debug", flag, False, "FENRIR_DEBUG", "Development mode: more talkative errors in the log."),
        Setting(
            "max_body", size, 16 * 1024 * 1024, "FENRIR_MAX_BODY", "The most bytes of a request body; None for any."
        ),
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

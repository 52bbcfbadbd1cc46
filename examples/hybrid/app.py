"""One application in five styles: run it with `fenrir run app:app` in this directory, or with `make demo`."""

from __future__ import annotations

import os
import secrets

from fenrir import Fenrir

if __package__:
    from . import legacy, lifecycle, live, pages, resources, typed
else:  # started in this directory, where the modules are not in a package
    import legacy
    import lifecycle
    import live
    import pages
    import resources
    import typed

# A new secret at each start is fine for a demo: sessions are lost then.
app = Fenrir(title="Fenrir demo", secret_key=os.environ.get("SECRET_KEY") or secrets.token_hex(32))

pages.register(app)
typed.register(app)
resources.register(app)
lifecycle.register(app)
legacy.register(app)
live.register(app)

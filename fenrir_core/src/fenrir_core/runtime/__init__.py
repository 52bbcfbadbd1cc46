"""What runs while the app serves: error handling, dependencies, lifespan, shutdown, mounts."""

from __future__ import annotations

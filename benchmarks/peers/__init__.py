"""The peers: one module each with `make(case)`, which returns the framework's app in its own idiom."""

"""The peers: one module each with `make(case)`, which gives the framework's app in its own idiom."""

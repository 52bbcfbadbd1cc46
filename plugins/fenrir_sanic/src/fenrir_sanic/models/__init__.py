"""Types of Sanic's code: for annotations, and values that others keep."""

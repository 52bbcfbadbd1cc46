"""A paradigm with view functions, whose paths are in lists and name no methods."""

"""A paradigm with handler classes, whose paths are regular expressions."""

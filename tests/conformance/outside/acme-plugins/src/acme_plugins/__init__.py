"""A plugin of each kind."""

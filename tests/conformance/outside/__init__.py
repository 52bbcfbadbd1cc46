"""Distributions that outsiders could have written: paradigms and plugins that use public names only."""

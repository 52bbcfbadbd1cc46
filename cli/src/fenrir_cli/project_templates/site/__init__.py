"""A small site, apart from its routes: pages, style, settings, tests."""

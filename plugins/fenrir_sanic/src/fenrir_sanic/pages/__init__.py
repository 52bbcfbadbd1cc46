"""HTML pages: of directories."""

"""The requirements of a site in one paradigm."""

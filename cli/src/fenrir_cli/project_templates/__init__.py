"""The templates of `fenrir new`: a package for each, and those that several of them begin with."""

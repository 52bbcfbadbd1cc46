"""The names of Falcon's compiled helpers; here they are those of `util`, without compilation.

There is no `reader`: code takes its presence for the sign of a Falcon that is compiled, as Falcon's own tests do.
"""

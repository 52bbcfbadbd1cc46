"""Structs as parameters and answers, and MessagePack."""

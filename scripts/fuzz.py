"""Try each parser of what clients send with inputs that are made from known ones, for a while.

Usage: python scripts/fuzz.py [PARSER...]

`FUZZ_SECONDS` is the time for each parser (600 by default), `FUZZ_SEED` the seed of the random numbers; by default
another one each time, which is printed. What must hold is in `tests/security/parsers.py`. Prints each kind of failure
once, with a short input, and exits with 1 if there was one.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from pathlib import Path
from typing import Dict, List

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.security.parsers import PARSERS, TOKENS, check

#: The longest input in characters, and the most that one may take in seconds.
LONGEST, SLOW = 2000, 1.0


def mutated(pool: List[str], rng: random.Random) -> str:
    """Return a new input: a known one with pieces cut out, repeated, put in, or taken from another one."""
    text = rng.choice(pool)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice((0, 0, 1, 2, 5, 20)))
        way = rng.randrange(6)
        if way == 0:
            piece = rng.choice(TOKENS)
        elif way == 1:
            piece = "".join(chr(rng.randrange(256)) for _ in range(rng.randint(0, 4)))
        elif way == 2:
            piece = text[start:end] * rng.choice((2, 3, 50))
        elif way == 3:
            other = rng.choice(pool)
            place = rng.randint(0, len(other))
            piece = other[place : place + rng.randint(0, 40)]
        elif way == 4:
            piece = rng.choice(TOKENS) * rng.choice((1, 2, 10, 100))
        else:
            piece = ""
        text = text[:start] + piece + text[end:]
    return text[:LONGEST]


def fuzz(name: str, seconds: float, rng: random.Random) -> Dict[str, str]:
    """Try one parser; return a short input for each kind of failure."""
    pool = list(PARSERS[name].seeds)
    failures: Dict[str, str] = {}
    count, slowest, end = 0, 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        text = mutated(pool, rng)
        began = time.process_time()
        problem = check(name, text)
        took = time.process_time() - began
        slowest = max(slowest, took)
        count += 1
        if took > SLOW:
            problem = f"{name} took {took:.1f} s for {len(text)} characters: {text[:80]!r}"
        if problem is None:
            if len(pool) < 500 and rng.random() < 0.05:
                pool.append(text)
            continue
        kind = problem.rpartition("': ")[2][:40]
        if kind not in failures or len(problem) < len(failures[kind]):
            failures[kind] = problem
    print(f"{name}: {count} inputs, the slowest {slowest * 1000:.0f} ms, {len(failures)} kinds of failure", flush=True)
    for problem in failures.values():
        print(f"  {problem[:600]}", flush=True)
    return failures


def main() -> int:
    """Try the parsers that are named, or all."""
    logging.disable()
    seconds = float(os.environ.get("FUZZ_SECONDS", "600"))
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(1 << 32))
    print(f"FUZZ_SEED={seed} FUZZ_SECONDS={seconds:g}", flush=True)
    unknown = [name for name in sys.argv[1:] if name not in PARSERS]
    if unknown:
        sys.exit(f"There is no parser {unknown[0]!r}; there are {', '.join(PARSERS)}.")
    found = [fuzz(name, seconds, random.Random(f"{seed} {name}")) for name in sys.argv[1:] or PARSERS]
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main())

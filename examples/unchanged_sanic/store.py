"""What the service knows; it is kept in the app's `ctx`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Set


@dataclass
class Job:
    number: int
    numbers: List[int]
    done: int = 0
    result: Optional[int] = None

    def as_dict(self) -> Dict[str, Any]:
        return {"number": self.number, "done": self.done, "of": len(self.numbers), "result": self.result}


@dataclass
class Store:
    history: Dict[str, List[Dict[str, str]]] = field(default_factory=dict)
    members: Dict[str, Set[Any]] = field(default_factory=dict)
    jobs: Dict[int, Job] = field(default_factory=dict)
    finished: List[int] = field(default_factory=list)
    queue: Any = None

    def open_queue(self) -> None:
        self.queue = asyncio.Queue()

    def add_job(self, numbers: List[int]) -> Job:
        job = Job(len(self.jobs) + 1, numbers)
        self.jobs[job.number] = job
        return job

# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the user sees: a line for every step, and how long it took."""

from collections.abc import Callable
from collections.abc import Iterator
import concurrent.futures
import contextlib
import dataclasses
import os
import sys
import threading
import time

from tests.stack import errors

STARTED = "STORPOOL_STACK_STARTED"
"""When the first of our processes began; it hands over to a second one."""


def began() -> float:
    """The start of this command, in seconds of the monotonic clock."""
    return float(os.environ.setdefault(STARTED, str(time.monotonic())))


@dataclasses.dataclass
class Step:
    """One thing that is being done, and what came of it."""

    name: str
    began: float
    seconds: float = 0.0
    result: str = ""


class Report:
    """Prints the steps of one command; steps may run at the same time."""

    def __init__(self) -> None:
        self.began = began()
        self.steps: list[Step] = []
        self._running: list[Step] = []
        self._terminal = sys.stdout.isatty()
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self.began

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Announce, time and close one step.

        :param name: what is done, in the imperative
        :return: the step; its *result* is printed behind its name
        """
        step = Step(name, time.monotonic())
        with self._lock:
            self._running.append(step)
            self._show_running()
        failed = True
        try:
            yield step
            failed = False
        finally:
            step.seconds = time.monotonic() - step.began
            with self._lock:
                self._running.remove(step)
                self.steps.append(step)
                self._close(step, failed)
                self._show_running()

    def say(self, text: str) -> None:
        """One line that belongs to no step."""
        with self._lock:
            self._erase()
            print(text, flush=True)
            self._show_running()

    def fail(self, error: errors.StackError) -> None:
        """The end of a command that failed: what, why, where to read on."""
        self._erase()
        sys.stdout.flush()
        lines = error.tail()
        if lines:
            print(f"--- the end of {error.log}:", file=sys.stderr)
            for line in lines:
                print(f"    {line}", file=sys.stderr)
        print(f"FAILED: {error}", file=sys.stderr)
        if error.log is not None:
            print(f"        read {error.log}", file=sys.stderr)

    def _close(self, step: Step, failed: bool) -> None:
        self._erase()
        state = "FAIL" if failed else " ok "
        result = f": {step.result}" if step.result else ""
        print(
            f"{self.elapsed:6.1f} s [{state}] {step.name}{result} "
            f"({step.seconds:.1f} s)",
            flush=True,
        )

    def _erase(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", flush=True)

    def _show_running(self) -> None:
        if self._terminal and self._running:
            names = ", ".join(step.name for step in self._running)
            print(f"         ....  {names}"[:78], end="", flush=True)


def together(*jobs: Callable[[], None]) -> None:
    """Run *jobs* at the same time; the first error once all have ended."""
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(job) for job in jobs]
    for future in futures:
        future.result()


def wait_for(
    what: str,
    condition: Callable[[], bool],
    seconds: float,
    pause: float = 0.2,
) -> None:
    """Ask *condition* until it holds.

    :param what: what is waited for, as the error names it
    :param pause: seconds between two questions
    :raises StackError: it did not hold within *seconds*
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise errors.StackError(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)

# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Run a suite or a check, and count."""

import collections
import dataclasses
import os
import pathlib
import subprocess

from tests import concurrency
from tests.runner import leftovers
from tests.runner import suites

#: Lines of a failed command's output to show; the log has all of it.
TAIL = 120
#: The end of the headline over what failed.
FAILURES = " - output below:\n"
COUNT = pathlib.Path(__file__).with_name("count.py")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a suite or a check ended, and what it said when it failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    output: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Runner:
    """Runs suites and checks in one tree with one interpreter.

    :ivar root: the tree; commands run in it.
    :ivar python: the interpreter that has stestr and the tools.
    :ivar logs: the directory for what the commands print.
    :ivar scratch: the directory for the suites' temporary files.
    """

    root: pathlib.Path
    python: pathlib.Path
    logs: pathlib.Path
    scratch: pathlib.Path

    def check(self, wanted: suites.Check) -> Outcome:
        """Run a check; its exit status says all."""
        log = self.logs / f"{wanted.name}.log"
        if self._run(["-m", *wanted.command], log, {}) == 0:
            return Outcome(passed=1)
        return Outcome(failed=1, output=_tail(log))

    def suite(self, wanted: suites.Suite) -> Outcome:
        """Run a suite of tests; one that runs nothing has failed."""
        log = self.logs / f"{wanted.name.replace('/', '-')}.log"
        command = ["-m", "stestr", "run"]
        if wanted.serial:
            command.append("--serial")
        status = self._run(command, log, self._environ(wanted))
        counts = self._count(self._environ(wanted))
        failed = counts["fail"] + counts["uxsuccess"]
        passed = counts["success"] + counts["xfail"]
        if failed == 0 and (status != 0 or passed + counts["skip"] == 0):
            failed = 1
        return Outcome(
            passed=passed,
            failed=failed,
            skipped=counts["skip"],
            output=_tail(log) if failed else [],
        )

    def leftovers(self) -> Outcome:
        """Look for what the suites should have taken away again."""
        left = leftovers.below(self.scratch)
        return Outcome(
            passed=int(not left), failed=int(bool(left)), output=left
        )

    def _environ(self, wanted: suites.Suite) -> dict[str, str]:
        return {
            "OS_TEST_PATH": f"./{wanted.path}",
            concurrency.VARIABLE: wanted.mode,
            # The plugin of trio, which selenium brings, cannot be imported
            # where eventlet has patched sockets.
            "HYPOTHESIS_NO_PLUGINS": "1",
            "PYTHONPATH": str(self.root),
            "TMPDIR": str(self.scratch),
        }

    def _count(self, environ: dict[str, str]) -> collections.Counter[str]:
        stored = subprocess.run(
            [str(self.python), "-m", "stestr", "last", "--subunit"],
            cwd=self.root,
            env={**os.environ, **environ},
            capture_output=True,
        )
        counted = subprocess.run(
            [str(self.python), str(COUNT)],
            input=stored.stdout,
            capture_output=True,
        )
        lines = (line.split() for line in counted.stdout.decode().splitlines())
        return collections.Counter(
            {name: int(number) for name, number in lines}
        )

    def _run(
        self, arguments: list[str], log: pathlib.Path, environ: dict[str, str]
    ) -> int:
        with log.open("wb") as output:
            return subprocess.run(
                [str(self.python), *arguments],
                cwd=self.root,
                env={**os.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            ).returncode


def _tail(log: pathlib.Path) -> list[str]:
    """What failed, in the command's own words, and where the rest is.

    stestr repeats all that failed under a headline at the end.
    """
    text = log.read_text(errors="replace")
    lines = text.rpartition(FAILURES)[2].splitlines()
    return [*lines[-TAIL:], f"the whole output: {log}"]

# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a run of scenarios found, row by row."""

from collections.abc import Iterable
import dataclasses
from typing import Any
import unittest

import testtools

from storpool_common import api
from tests.conformance import base
from tests.conformance import scenarios

#: How the outcomes of tests are called.
PASSED, FAILED, SKIPPED = "passed", "FAILED", "skipped"


@dataclasses.dataclass(frozen=True)
class Row:
    """One scenario and its end.

    :ivar call: the call that it is about.
    :ivar statement: what is expected.
    :ivar basis: how we know that.
    :ivar remark: what was found instead, or why it did not run.
    :ivar scenario: where it is written.
    :ivar calls: all calls that it made.
    """

    call: str
    statement: str
    basis: str
    result: str
    remark: str
    scenario: str
    calls: list[str]


class Result(testtools.TestResult):
    """Collects a row for each test.

    :ivar rows: in the order in which they ended.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def addSuccess(self, test: Any, details: Any = None) -> None:  # noqa: N802
        """The scenario is as expected."""
        super().addSuccess(test, details)
        self.rows.append(_row(test, PASSED, ""))

    def addFailure(  # noqa: N802
        self, test: Any, err: Any = None, details: Any = None
    ) -> None:
        """The scenario is not as expected."""
        super().addFailure(test, err, details)
        self.rows.append(_row(test, FAILED, _why(err, details)))

    def addError(  # noqa: N802
        self, test: Any, err: Any = None, details: Any = None
    ) -> None:
        """The scenario could not be carried out."""
        super().addError(test, err, details)
        self.rows.append(_row(test, FAILED, _why(err, details)))

    def addSkip(  # noqa: N802
        self, test: Any, reason: str | None = None, details: Any = None
    ) -> None:
        """The cluster does not have what the scenario needs."""
        super().addSkip(test, reason, details)
        said = details["reason"].as_text() if details else reason
        self.rows.append(_row(test, SKIPPED, said or ""))


def unasked(rows: Iterable[Row]) -> list[str]:
    """The Python names of calls that no scenario that ran has made."""
    made = {
        name for row in rows if row.result != SKIPPED for name in row.calls
    }
    return sorted(set(api.CALLS) - made)


def _row(test: Any, result: str, remark: str) -> Row:
    if not isinstance(test, base.ConformanceTestCase):
        # A module that could not be imported, say.
        return Row("", str(test), "", result, remark, test.id(), [])
    method = getattr(test, test._testMethodName)
    scenario: scenarios.Scenario = method.scenario
    client = getattr(test, "api", None)
    return Row(
        call=api.CALLS[scenario.call].name,
        statement=_statement(test, method),
        basis=scenario.basis.value,
        result=result,
        remark=remark,
        scenario=test.id().removeprefix("tests.conformance."),
        calls=sorted(set(client.made)) if client else [],
    )


def _statement(test: unittest.TestCase, method: Any) -> str:
    text = (method.__doc__ or test.id()).partition("\n")[0]
    return str(text)


def _why(err: Any, details: Any) -> str:
    """The last line of what went wrong, which names it."""
    if err is not None:
        return f"{err[0].__name__}: {err[1]}"
    texts = [
        content.as_text().strip()
        for name, content in details.items()
        if name.startswith("traceback")
    ]
    return texts[0].splitlines()[-1] if texts else ""

# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a simulator what schemathesis makes of the OpenAPI document.

``python -m tests.fuzz.openapi --requests 200``: so many requests of each
operation, right and wrong ones. Shows which operations never succeeded.
"""

import argparse
from collections.abc import Iterator
import logging
import sys
from typing import Any

import fixtures
import hypothesis
from hypothesis import strategies
import schemathesis
from schemathesis.specs.openapi import checks

from storpool_common import api
from storpool_common import openapi
from tests.fuzz import examples
from tests.fuzz import pair
from tests.fuzz import progress
from tests.fuzz import sequences
from tests.fuzz import settings
from tests.fuzz import words

_CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
_HEADERS = {"Authorization": f"Storpool v1:{pair.TOKEN}"}
_MODES = (
    schemathesis.GenerationMode.POSITIVE,
    schemathesis.GenerationMode.NEGATIVE,
)
#: Whoever asks would be sent to any address that is made up for a bridge.
_EXAMPLE_ONLY = "remote_bridge_add"


def operations() -> Iterator[schemathesis.APIOperation]:
    """Every operation of the document."""
    schema = schemathesis.openapi.from_dict(openapi.document())
    for found in schema.get_all_operations():
        yield found.ok()


def try_operation(
    operation: schemathesis.APIOperation, requests: int, tally: progress.Tally
) -> None:
    """Make requests of one operation, in a cluster of its own.

    :raises AssertionError: an answer is not as the document has it, or the
        simulator logged an error.
    """
    name = operation.definition.raw["operationId"]
    with (
        fixtures.FakeLogger(level=logging.WARNING) as said,
        pair.Pair(examples.RULES, lambda: sequences.NOW) as two,
    ):
        examples.prepare(two)
        _ask(two, _example(operation, name, two), name, tally)
        if name != _EXAMPLE_ONLY:
            _ask_more(operation, name, requests, two, tally)
    if said.output:
        raise AssertionError(said.output)


def _example(
    operation: schemathesis.APIOperation, name: str, two: pair.Pair
) -> schemathesis.Case:
    """A request that is not refused."""
    members: dict[str, Any] = {}
    if name in examples.BODIES:
        members = {"body": examples.BODIES[name]}
    if name == "remote_bridge_remove":
        members = {"body": {"ip": f"127.0.0.1:{two.there.port}"}}
    return operation.Case(
        path_parameters=examples.path_of(api.CALLS[name]), **members
    )


def _ask_more(
    operation: schemathesis.APIOperation,
    name: str,
    requests: int,
    two: pair.Pair,
    tally: progress.Tally,
) -> None:
    path = examples.path_of(api.CALLS[name])

    @settings.always_the_same(requests)
    @hypothesis.given(_cases(operation, path))
    def hold(case: schemathesis.Case) -> None:
        _ask(two, case, name, tally)

    hold()


def _cases(
    operation: schemathesis.APIOperation, path: dict[str, Any]
) -> strategies.SearchStrategy[schemathesis.Case]:
    """Right and wrong requests; of three, two are about what is there."""
    found = []
    for mode in _MODES:
        live = operation.as_strategy(mode, path_parameters=path)
        named = strategies.tuples(live, strategies.integers(0, 5)).map(_named)
        found += [live, named, operation.as_strategy(mode)]
    return strategies.one_of(found)


def _named(drawn: tuple[schemathesis.Case, int]) -> schemathesis.Case:
    """The case, with names in its body of what is there."""
    case, number = drawn
    case.body = _with_names(case.body, number)
    return case


def _with_names(document: Any, number: int) -> Any:
    if isinstance(document, list):
        return [_with_names(each, number) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        name: _likely(name, value, number) for name, value in document.items()
    }


def _likely(name: str, value: Any, number: int) -> Any:
    known = [
        each
        for each in words.LIKELY.get(name, ())
        if type(each) is type(value)
    ]
    if known:
        return known[number % len(known)]
    return _with_names(value, number)


def _ask(
    two: pair.Pair, case: schemathesis.Case, name: str, tally: progress.Tally
) -> None:
    url = f"http://127.0.0.1:{two.here.port}{api.URL_PREFIX}"
    response = case.call(base_url=url, headers=_HEADERS, timeout=20)
    tally.count(name, response.status_code)
    case.validate_response(response, checks=_CHECKS)
    if response.status_code >= 500:
        error = response.json()["error"]["name"], response.status_code
        if error not in sequences.REFUSED_BY_CLUSTER:
            raise AssertionError(f"{case.as_curl_command()}: {response.text}")


def main() -> int:
    """Try all of it; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="tests.fuzz.openapi", description=__doc__
    )
    parser.add_argument(
        "--requests", type=int, default=100, help="of each operation (100)"
    )
    wanted: int = parser.parse_args().requests
    tally = progress.Tally()
    for operation in operations():
        try_operation(operation, wanted, tally)
    asked, answered = tally.asked, tally.answered
    print(
        f"{asked.total():,} requests of {len(asked)} operations,"
        f" {answered.total():,} answered with 200, {tally.seconds:.0f} s"
    )
    print(f"{len(answered)} operations succeeded at least once; not:")
    print("\n".join(sorted(asked.keys() - answered.keys())))
    return 0


if __name__ == "__main__":
    sys.exit(main())

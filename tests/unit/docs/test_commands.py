# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a sentence tells to type is a call of the API, with such a request.

Sessions are run by tests/functional/docs; these are the commands in between.
"""

import re

import ddt
import msgspec
import testtools

from storpool_common import api
from tests.functional.docs import blocks

PAGES = blocks.pages()
_TYPED = re.compile(r"storpool-openstack\s+api\s+([A-Z][a-z]\w+)(.*)")
_REQUEST = re.compile(r"--json\s+'(\{[^']*\})'")
CALLS: dict[str, list[api.Call]] = {}
for _call in api.CALLS.values():
    CALLS.setdefault(_call.name, []).append(_call)


def fits(request: str, calls: list[api.Call]) -> bool:
    """Whether a request is one of a call."""
    for call in calls:
        try:
            msgspec.json.decode(request, type=call.request)
        except msgspec.DecodeError:
            continue
        return True
    return False


def is_good(name: str, request: re.Match[str] | None) -> bool:
    """Whether there is such a call, with such a request if one is shown."""
    calls = CALLS.get(name, [])
    if request is None:
        return bool(calls)
    return fits(request[1], calls)


@ddt.ddt
class CommandsTest(testtools.TestCase):
    @ddt.data(*PAGES)
    def test_calls_and_their_requests(self, page: str) -> None:
        wrong = [
            text
            for text in blocks.literals(PAGES[page])
            for name, rest in _TYPED.findall(text)
            if not is_good(name, _REQUEST.search(rest))
        ]
        self.assertEqual([], wrong)

    def test_what_does_not_fit(self) -> None:
        calls = CALLS["VolumesReassignWait"]
        good = '{"reassign": [{"volume": "a", "detach": [1], "force": true}]}'
        self.assertTrue(fits(good, calls))
        self.assertFalse(fits('{"reassign": [{"volume": 1}]}', calls))

    def test_some_are_read(self) -> None:
        page = PAGES["admin/troubleshooting.rst"]
        text = "\n".join(blocks.literals(page))
        self.assertGreater(len(_TYPED.findall(text)), 5)
        self.assertIsNotNone(_REQUEST.search(text))

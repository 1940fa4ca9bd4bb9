# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What Nova says of an action that failed."""

import http
import types

import testtools

from tests.stack import errors
from tests.stack.scenarios import servers

ACTIONS = "/servers/one/os-instance-actions"


class Nova:
    """Answers questions, each with what was written down for it."""

    def __init__(self, **answers):
        self.answers = answers

    def get(self, path, microversion):
        return types.SimpleNamespace(
            status_code=http.HTTPStatus.OK,
            content=b"{...}",
            json=lambda: self.answers[path],
        )


def told(*events):
    return Nova(
        **{
            ACTIONS: {
                "instanceActions": [
                    {"action": "reboot", "request_id": "req-3"},
                    {"action": "attach_volume", "request_id": "req-2"},
                    {"action": "attach_volume", "request_id": "req-1"},
                ]
            },
            f"{ACTIONS}/req-2": {"instanceAction": {"events": list(events)}},
        }
    )


def event(result, details=None):
    return {"result": result, "details": details}


class TroubleTest(testtools.TestCase):
    def trouble(self, *events):
        api = servers.Servers(told(*events), None)
        return api.await_trouble("one", "attach_volume")

    def test_of_the_latest_of_its_kind(self):
        self.assertEqual(
            "no device", self.trouble(event("Error", "no device"))
        )

    def test_of_every_event(self):
        self.assertEqual(
            "no device; no host",
            self.trouble(
                event("Error", "no device"),
                event("Success"),
                event("Error", "no host"),
            ),
        )

    def test_what_goes_well_is_no_trouble(self):
        error = self.assertRaises(
            errors.StackError, self.trouble, event("Success")
        )
        self.assertIn("attach_volume of one went well", str(error))

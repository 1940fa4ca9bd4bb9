# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a request is, and whether its owner lives."""

import dataclasses
import subprocess
import sys

import testtools

from storpool_common.attachments import requests
from storpool_common.errors import ValidationError

VOLUME = requests.StoredObject("a.b.c", "os--volume-1")
SNAPSHOT = requests.StoredObject("a.b.d", "os--snap--none--snapshot-1", True)


def request(key="nova:i:v", wanted=VOLUME, mode="rw", process=None):
    return requests.Request(
        key=key,
        wanted=wanted,
        mode=mode,
        process=process or requests.Process.current(),
        created=0.0,
    )


class ProcessTest(testtools.TestCase):
    def test_this_one_runs(self):
        self.assertFalse(requests.Process.current().has_ended())

    def test_ended(self):
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        ended = dataclasses.replace(requests.Process.current(), pid=child.pid)
        self.assertTrue(ended.has_ended())

    def test_number_given_to_another(self):
        current = requests.Process.current()
        former = dataclasses.replace(current, started=current.started - 1)
        self.assertTrue(former.has_ended())

    def test_of_an_earlier_boot(self):
        current = requests.Process.current()
        before = dataclasses.replace(current, boot_id="another")
        self.assertTrue(before.has_ended())

    def test_of_another_container_counts_as_running(self):
        current = requests.Process.current()
        elsewhere = dataclasses.replace(
            current, namespace=1, pid=2**22, started=1
        )
        self.assertFalse(elsewhere.has_ended())


class RequestTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.ended = dataclasses.replace(
            requests.Process.current(), boot_id="another"
        )

    def test_guest_outlives_its_nova(self):
        self.assertTrue(request("nova:i:v", process=self.ended).is_live())
        self.assertTrue(
            request("nova-compute:u", process=self.ended).is_live()
        )

    def test_copy_ends_with_its_process(self):
        self.assertFalse(
            request("cinder-volume:u", process=self.ended).is_live()
        )
        self.assertTrue(request("cinder-volume:u").is_live())

    def test_snapshot_cannot_be_written(self):
        error = self.assertRaises(
            ValidationError, request, wanted=SNAPSHOT, mode="rw"
        )
        self.assertIn("~a.b.d", str(error))
        request(wanted=SNAPSHOT, mode="ro")

    def test_mode_that_is_none(self):
        self.assertRaises(ValidationError, request, mode="wr")

    def test_key_without_a_kind(self):
        for key in ("", "nova", ":x", "nova:"):
            self.assertRaises(ValidationError, request, key=key)


class ModesTest(testtools.TestCase):
    def test_strongest(self):
        self.assertIsNone(requests.strongest([]))
        self.assertIsNone(requests.strongest([None]))
        self.assertEqual("ro", requests.strongest(["ro", None]))
        self.assertEqual("rw", requests.strongest(["ro", "rw", "ro"]))

    def test_satisfies(self):
        self.assertTrue(requests.satisfies("rw", "ro"))
        self.assertTrue(requests.satisfies("ro", "ro"))
        self.assertFalse(requests.satisfies("ro", "rw"))
        self.assertFalse(requests.satisfies(None, "ro"))

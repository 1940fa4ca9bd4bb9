# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A process that dies between any two lines of an attach or a detach.

A child does the work and ends, without any clean-up, before the n-th line of
ours that it comes to. Then somebody else on the host goes on. What others
have stays all the time, no attachment is without a record, and nothing is
left when all have withdrawn.

``STORPOOL_TEST_CRASH_STEP`` is how many lines lie between two deaths, 13 by
default; 1 tries every line and takes some minutes.
"""

import contextlib
import os
import pathlib
import sys

from storpool_common import attachments
from storpool_common.attachments.cluster import Target
from storpool_common.errors import StorPoolError
from storpool_common.errors import UnknownRequest
from tests.cluster_devices import MIB
from tests.unit.common.attaching import HostTestCase

STEP = int(os.environ.get("STORPOOL_TEST_CRASH_STEP", "13"))
OURS = str(pathlib.Path(attachments.__file__).parent)
DIED, FINISHED, FAILED = 9, 0, 3
FIRST = "nova:i:1"
SECOND = "nova:j:1"


def die_before(line, work):
    """Do something in a child that ends before that line; how it ended."""
    pid = os.fork()
    if not pid:
        _child(line, work)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _child(line, work):
    come_to = 0

    def count(frame, event, argument):
        nonlocal come_to
        come_to += event == "line"
        if come_to == line:
            os._exit(DIED)
        return count

    def enter(frame, event, argument):
        return count if frame.f_code.co_filename.startswith(OURS) else None

    code = FAILED
    sys.settrace(enter)
    try:
        work()
        code = FINISHED
    finally:
        os._exit(code)


class CrashTest(HostTestCase):
    def setUp(self):
        super().setUp()
        # A child sees the cluster as others do: through the API.
        self.fixture.devices._ask = lambda name: getattr(
            self.fixture.api, name
        )()
        self.made = 0

    def each_death(self, work, check, before=lambda: None):
        """Let a child die at one line after the other, and go on."""
        line, ended = 1, DIED
        while ended == DIED:
            self.take_another_volume()
            before()
            ended = die_before(line, work)
            self.assertNotEqual(FAILED, ended)
            check()
            self.fixture.reassign(volume=self.name, detach=[1], force=True)
            self.fixture.api.volume_delete(self.name)
            line += STEP

    def take_another_volume(self):
        self.made += 1
        self.name = f"os--volume-crash-{self.made}"
        self.volume = self.fixture.make_volume(self.name)
        self.target = Target(self.volume, self.name, size=MIB)
        self.host.close()
        self.host = self.fixture.open()

    def attach(self, key, mode="rw"):
        return lambda: self.fixture.open().attach(key, self.target, mode)

    def detach(self, key):
        return lambda: self.fixture.open().detach(key, force=True)

    def leave(self, key):
        with contextlib.suppress(UnknownRequest):
            self.host.detach(key, force=True)

    def rights(self):
        return self.fixture.attached().get((self.volume, 1))

    def expect_nothing(self):
        self.host.tidy(self.target)
        self.assertIsNone(self.rights())
        self.assertIsNone(self.records().of(self.volume))

    def expect_a_record(self):
        if self.rights():
            self.assertIsNotNone(self.records().of(self.volume))

    def test_an_attach_is_done_again(self):
        def check():
            self.expect_a_record()
            self.attach(FIRST)()
            self.assertEqual("rw", self.rights())
            self.host.detach(FIRST)
            self.expect_nothing()

        self.each_death(lambda: self.attach(FIRST)(), check)

    def test_an_attach_is_given_up(self):
        def check():
            self.expect_a_record()
            self.leave(FIRST)
            self.expect_nothing()

        self.each_death(lambda: self.attach(FIRST)(), check)

    def test_an_attach_beside_another(self):
        def check():
            self.assertIn(self.rights(), ("ro", "rw"))
            self.leave(SECOND)
            self.assertEqual("ro", self.rights())
            self.host.detach(FIRST)
            self.expect_nothing()

        self.each_death(
            lambda: self.attach(SECOND)(),
            check,
            before=lambda: self.attach(FIRST, "ro")(),
        )

    def test_an_attach_that_fails(self):
        def work():
            self.fixture.devices.sizes[self.volume] = 512
            with contextlib.suppress(StorPoolError):
                self.attach(SECOND)()

        def check():
            self.leave(SECOND)
            self.host.tidy(self.target)
            self.assertIn(self.rights(), ("ro", "rw"))
            self.host.detach(FIRST)
            self.expect_nothing()

        self.each_death(work, check, before=lambda: self.attach(FIRST, "ro")())

    def test_a_detach(self):
        def check():
            self.expect_a_record()
            self.leave(FIRST)
            self.expect_nothing()

        self.each_death(
            lambda: self.detach(FIRST)(),
            check,
            before=lambda: self.attach(FIRST)(),
        )

    def test_a_detach_and_somebody_comes(self):
        def check():
            self.attach(SECOND)()
            self.leave(FIRST)
            self.assertEqual("rw", self.rights())
            self.host.detach(SECOND)
            self.expect_nothing()

        self.each_death(
            lambda: self.detach(FIRST)(),
            check,
            before=lambda: self.attach(FIRST)(),
        )

    def test_a_detach_beside_another(self):
        def before():
            self.attach(FIRST)()
            self.attach(SECOND, "ro")()

        def check():
            self.assertIn(self.rights(), ("ro", "rw"))
            self.leave(FIRST)
            self.assertEqual("ro", self.rights())
            self.host.detach(SECOND)
            self.expect_nothing()

        self.each_death(lambda: self.detach(FIRST)(), check, before=before)

    def test_what_somebody_else_attached(self):
        def check():
            self.attach(FIRST)()
            self.host.detach(FIRST, force=True)
            self.assertEqual("rw", self.rights())
            self.assertIsNone(self.records().of(self.volume))

        self.each_death(
            lambda: self.attach(FIRST)(),
            check,
            before=lambda: self.fixture.reassign(volume=self.name, rw=[1]),
        )

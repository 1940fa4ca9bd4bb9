# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Any order of attaching, detaching, failing and crashing, against a model.

The model is what the records promise: an object is attached to the host
exactly while somebody asks for it, with the strongest mode asked for; what
others attached stays as it was.

``STORPOOL_TEST_SEQUENCES`` is how many sequences are tried, 20 by default.
"""

import contextlib
import os

import hypothesis
from hypothesis import stateful
from hypothesis import strategies

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.records import Records
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.attachments.requests import strongest
from storpool_common.errors import StorPoolError
from storpool_common.errors import UnknownRequest
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB

SEQUENCES = int(os.environ.get("STORPOOL_TEST_SEQUENCES", "20"))
OWNERS = strategies.sampled_from(["nova:i", "nova:j", "cinder-volume:c"])
VOLUMES = strategies.integers(0, 1)
MODES = strategies.sampled_from(["ro", "rw"])
FAULTS = strategies.sampled_from(
    [
        {"action": "error"},
        {"action": "error", "name": "invalidParam", "status": 400},
        {"action": "drop_after", "count": 6},
        {"action": "drop_before", "count": 60},
        {"action": "raw", "body": "<html>", "status": 200},
    ]
)


class HostMachine(stateful.RuleBasedStateMachine):
    """One host, three owners, two volumes, and somebody else.

    :ivar asked: what the owners ask for, by volume and key.
    :ivar foreign: what somebody else has attached, by volume.
    :ivar torn: volumes about which a process has died in the middle.
    """

    def __init__(self):
        super().__init__()
        self.fixture = HostFixture()
        self.fixture.setUp()
        self.host = self.fixture.open()
        self.records = Records(self.fixture.configuration.state_dir)
        self.targets = []
        for number in range(2):
            name = f"os--volume-{number}"
            global_id = self.fixture.make_volume(name)
            self.targets.append(Target(global_id, name, size=MIB))
        self.asked = [{}, {}]
        self.foreign = [None, None]
        self.torn = set()

    @stateful.rule(owner=OWNERS, volume=VOLUMES, mode=MODES)
    def attach(self, owner, volume, mode):
        key = f"{owner}:{volume}"
        self.host.attach(key, self.targets[volume], mode)
        self.asked[volume][key] = mode
        self.torn.discard(volume)

    @stateful.rule(owner=OWNERS, volume=VOLUMES, mode=MODES, fault=FAULTS)
    def attach_while_the_api_fails(self, owner, volume, mode, fault):
        self.fixture.simulator.add_fault(call="VolumesReassignWait", **fault)
        key = f"{owner}:{volume}"
        try:
            self.host.attach(key, self.targets[volume], mode)
        except StorPoolError:
            # It may be that it could not be taken back either.
            self.torn.add(volume)
        else:
            self.asked[volume][key] = mode
        self.fixture.simulator.clear_faults()

    @stateful.rule(owner=OWNERS, volume=VOLUMES, mode=MODES)
    def attach_without_a_device(self, owner, volume, mode):
        if self.foreign[volume]:
            return
        global_id = self.targets[volume].global_id
        self.fixture.devices.absent.add(global_id)
        with contextlib.suppress(StorPoolError):
            self.host.attach(f"{owner}:{volume}", self.targets[volume], mode)
        self.fixture.devices.absent.clear()

    @stateful.rule(owner=OWNERS, volume=VOLUMES, force=strategies.booleans())
    def detach(self, owner, volume, force):
        key = f"{owner}:{volume}"
        with contextlib.suppress(UnknownRequest):
            self.host.detach(key, force=force)
        self._left(volume, key)

    @stateful.rule(owner=OWNERS, volume=VOLUMES, fault=FAULTS)
    def detach_while_the_api_fails(self, owner, volume, fault):
        self.fixture.simulator.add_fault(call="VolumesReassignWait", **fault)
        key = f"{owner}:{volume}"
        try:
            self.host.detach(key)
        except UnknownRequest:
            pass
        except StorPoolError:
            self.torn.add(volume)
        else:
            self._left(volume, key)
        self.fixture.simulator.clear_faults()

    @stateful.rule(
        owner=OWNERS,
        volume=VOLUMES,
        mode=MODES,
        was_made=strategies.booleans(),
    )
    def die_in_an_attach(self, owner, volume, mode, was_made):
        key = f"{owner}:{volume}"
        if key in self.asked[volume] or self.foreign[volume]:
            return
        target = self.targets[volume]
        self.records.add(
            Request(
                key=key,
                wanted=StoredObject(target.global_id, target.name),
                mode=mode,
                process=Process.current(),
                created=0.0,
            )
        )
        self.asked[volume][key] = mode
        self.torn.add(volume)
        if was_made:
            wanted = strongest(self.asked[volume].values())
            self.fixture.reassign(volume=target.name, **{wanted: [1]})

    @stateful.rule(volume=VOLUMES, mode=MODES)
    def somebody_else_attaches(self, volume, mode):
        if self.asked[volume] or volume in self.torn:
            return
        name = self.targets[volume].name
        self.fixture.reassign(volume=name, **{mode: [1]})
        self.foreign[volume] = mode

    @stateful.rule(volume=VOLUMES)
    def somebody_else_detaches(self, volume):
        if self.asked[volume] or volume in self.torn:
            return
        self.fixture.reassign(volume=self.targets[volume].name, detach=[1])
        self.foreign[volume] = None

    @stateful.rule()
    def restart(self):
        self.host.close()
        self.host = self.fixture.open()

    @stateful.invariant()
    def attached_as_asked(self):
        attached = self.fixture.attached()
        for volume, target in enumerate(self.targets):
            found = attached.get((target.global_id, 1))
            if volume in self.torn:
                known = self.records.of(target.global_id)
                assert found is None or known or self.foreign[volume]
                continue
            wanted = strongest(
                [*self.asked[volume].values(), self.foreign[volume]]
            )
            assert found == wanted, (target, found, wanted)

    @stateful.invariant()
    def recorded_as_asked(self):
        recorded = {request.key for request in self.host.requests()}
        assert recorded == {*self.asked[0], *self.asked[1]}

    def teardown(self):
        try:
            for volume, asked in enumerate(self.asked):
                for key in asked:
                    self.host.detach(key)
                self.host.tidy(self.targets[volume])
            expected = {
                (target.global_id, 1): mode
                for target, mode in zip(
                    self.targets, self.foreign, strict=True
                )
                if mode is not None
            }
            assert self.fixture.attached() == expected
            assert self.host.requests() == []
        finally:
            self.records.close()
            self.fixture.cleanUp()

    def _left(self, volume, key):
        self.asked[volume].pop(key, None)
        if not self.asked[volume]:
            self.host.tidy(self.targets[volume])
            self.torn.discard(volume)


HostTest = HostMachine.TestCase
HostTest.settings = hypothesis.settings(
    max_examples=SEQUENCES,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)

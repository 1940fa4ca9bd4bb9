# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Several services of one host, some of which are killed."""

import json
import random
import subprocess
import sys

from storpool_common.attachments.records import Records
from tests.functional.brick.base import LoopTestCase

# Attaches and detaches volumes for ever, or as often as told.
SERVICE = """
import json, os, random, sys
from storpool_common.attachments.cluster import Target
from storpool_common.attachments.opening import open_host
from storpool_common.client import Client
from storpool_common.config import load
from storpool_common.devices import Devices

values, dev, volumes, owner, turns = json.loads(sys.argv[1])
configuration = load(values=values, environ={})
host = open_host(
    configuration, Client(configuration.api), devices=Devices(dev)
)
targets = [
    Target(each["global_id"], each["name"], size=each["size"])
    for each in volumes
]
print("ready", flush=True)
for turn in range(turns):
    target = random.choice(targets)
    key = f"{owner}:{target.name}"
    attached = host.attach(key, target, "rw")
    os.close(os.open(attached.path, os.O_RDWR))
    host.detach(key)
host.close()
"""
FOR_EVER = 10**9


class ProcessesTest(LoopTestCase):
    def start(self, owner, volumes, turns):
        arguments = [
            self.values(DETACH_TIMEOUT=10),
            f"{self.dev_dir(1)}/storpool-byid",
            volumes,
            owner,
            turns,
        ]
        process = subprocess.Popen(
            [sys.executable, "-c", SERVICE, json.dumps(arguments)],
            stdout=subprocess.PIPE,
        )
        self.addCleanup(self.end, process)
        process.stdout.readline()
        return process

    def end(self, process):
        process.kill()
        process.wait()
        process.stdout.close()

    def test_all_leave(self):
        volumes = [self.make_volume(number) for number in (1, 2)]
        services = [
            self.start(f"nova:{number}", volumes, 15) for number in range(4)
        ]
        self.assertEqual([0] * 4, [service.wait() for service in services])
        self.assertEqual({}, self.attached())
        self.assertEqual([], self.links())
        self.assertEqual([], self.host().requests())

    def test_killed(self):
        """No attachment is without a record, and all can be detached."""
        volumes = [self.make_volume(number) for number in (1, 2, 3)]
        for turn in range(4):
            services = [
                self.start(f"nova:{turn}-{number}", volumes, FOR_EVER)
                for number in range(2)
            ]
            services.append(self.start(f"copy-{turn}:1", volumes, FOR_EVER))
            for _ in range(random.randrange(1, 20)):
                self.attached()
            for service in services:
                service.kill()
                service.wait()
            self._check_recorded()
        self._detach_everything(volumes)
        self.assertEqual({}, self.attached())
        self.assertEqual([], self.host().requests())

    def _check_recorded(self):
        # A request may be there with no attachment yet, and an object
        # whose last request has just gone.
        records = Records(self.values()["SP_OPENSTACK_STATE_DIR"])
        self.addCleanup(records.close)
        for name, _client in self.attached():
            self.assertEqual(1, len(records.named(name)))

    def _detach_everything(self, volumes):
        connector = self.connector()
        host = self.host()
        for request in host.requests():
            if request.kind == "nova":
                host.detach(request.key)
        for volume in volumes:
            properties = dict(volume, storpool_request="gone:1")
            connector.disconnect_volume(properties, None)

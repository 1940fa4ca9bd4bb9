# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Killed ten times in the midst of calls and writes."""

import http.client
import json
import random
import threading
import time

from tests.functional.simulator import base
from tests.functional.simulator.base import SIZE

KILLS = 10
BLOCKS = 64


class Caller:
    """Makes random calls; knows what was answered, and what was not.

    :ivar volumes: size and tag of each volume, by name.
    :ivar snapshots: what block 0 of each snapshot must at least say.
    :ivar attached: the volumes that are attached.
    :ivar doubtful: names that the call without an answer was about.
    :ivar answered: how many calls were answered.
    """

    def __init__(self, simulator, seed):
        self.simulator = simulator
        self.random = random.Random(seed)
        self.volumes = {}
        self.snapshots = {}
        self.attached = set()
        self.doubtful = set()
        self.answered = 0
        self.number = 0
        self.written = None

    def run(self):
        """Call until there is no answer."""
        connection = http.client.HTTPConnection(
            self.simulator.host, self.simulator.port, timeout=30
        )
        try:
            while True:
                self.one(connection)
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()

    def ask(self, connection, path, body=None):
        connection.request(
            "POST",
            f"/ctrl/1.0/{path}",
            json.dumps(body or {}),
            {"Authorization": f"Storpool v1:{self.simulator.token}"},
        )
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{path}: {text}")
        self.answered += 1

    def one(self, connection):
        kinds = [self.create, self.create]
        if self.volumes:
            kinds += [
                self.delete,
                self.resize,
                self.rename,
                self.tag,
                self.clone,
                self.attach,
                self.detach,
                self.snapshot,
            ]
        self.random.choice(kinds)(connection)

    def fresh(self):
        self.number += 1
        name = f"v{self.number}"
        self.doubtful = {name}
        return name

    def some(self):
        name = self.random.choice(sorted(self.volumes))
        self.doubtful = {name}
        return name

    def create(self, connection):
        name = self.fresh()
        self.ask(
            connection,
            "VolumeCreate",
            {"name": name, "size": SIZE, "template": "hybrid"},
        )
        self.volumes[name] = (SIZE, None)

    def clone(self, connection):
        source, name = self.some(), self.fresh()
        self.ask(connection, "VolumeCreate", {"name": name, "baseOn": source})
        self.volumes[name] = (self.volumes[source][0], None)

    def delete(self, connection):
        name = self.some()
        self.ask(
            connection,
            f"VolumeDelete/{name}",
            {"onAttached": "detachForce"},
        )
        del self.volumes[name]
        self.attached.discard(name)

    def resize(self, connection):
        name = self.some()
        size = self.volumes[name][0] + 512
        self.ask(connection, f"VolumeUpdate/{name}", {"size": size})
        self.volumes[name] = (size, self.volumes[name][1])

    def tag(self, connection):
        name = self.some()
        value = str(self.random.random())
        self.ask(connection, f"VolumeUpdate/{name}", {"tags": {"t": value}})
        self.volumes[name] = (self.volumes[name][0], value)

    def rename(self, connection):
        old = self.some()
        new = self.fresh()
        self.doubtful = {old, new}
        self.ask(connection, f"VolumeUpdate/{old}", {"rename": new})
        self.volumes[new] = self.volumes.pop(old)
        if old in self.attached:
            self.attached.remove(old)
            self.attached.add(new)

    def attach(self, connection):
        self.reassign(connection, self.some(), rw=[1])

    def detach(self, connection):
        self.reassign(connection, self.some(), detach=[1])

    def reassign(self, connection, name, **members):
        self.ask(
            connection,
            "VolumesReassignWait",
            [{"volume": name, **members}],
        )
        if "rw" in members:
            self.attached.add(name)
        else:
            self.attached.discard(name)

    def snapshot(self, connection):
        name = self.fresh()
        least = self.written.finished
        self.ask(connection, "VolumeSnapshot/data", {"name": name})
        self.snapshots[name] = least


class Writer:
    """Writes a growing number around a device, one block after another.

    :ivar finished: the last number whose write has returned.
    """

    def __init__(self, disk, start):
        self.disk = disk
        self.finished = start
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            number = self.finished + 1
            self.disk.write(number % BLOCKS, str(number))
            self.finished = number


class KillTest(base.LoopTestCase):
    pool_size = "2G"

    def test_nothing_that_was_answered_is_lost(self):
        self.create("data")
        disk = self.open("data", 2)
        caller = Caller(self.simulator, seed=1)
        caller.written = Writer(disk, 0)
        self.addCleanup(caller.written.over.set)
        for round_number in range(KILLS):
            before = caller.answered
            self.disturb(caller, 0.05 + 0.04 * round_number)
            self.assertGreater(caller.answered, before)
            self.compare(caller)
        self.assertGreater(caller.written.finished, KILLS)
        self.check_snapshots(caller)
        disk.close()
        self.reassign("data", detach=[2])
        last = caller.written.finished
        self.assertEqual(str(last), self.contents("data", last % BLOCKS))

    def disturb(self, caller, seconds):
        """Call and write for a while, kill, and start again."""
        writer = caller.written
        writer.over.clear()
        threads = [
            threading.Thread(target=each.run) for each in (caller, writer)
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.simulator.kill()
        threads[0].join()
        self.simulator.start()
        writer.over.set()
        threads[1].join()

    def compare(self, caller):
        """What was answered is there; and what is there, caller learns."""
        found = {
            each.name: (each.size, each.tags.get("t"))
            for each in self.api.volumes_list()
            if each.name != "data"
        }
        attached = {
            each.volume
            for each in self.api.attachments_list()
            if each.client == 1
        }
        sure = caller.volumes.keys() | found.keys()
        for name in sure - caller.doubtful:
            self.assertEqual(caller.volumes.get(name), found.get(name), name)
        self.assertEqual(
            caller.attached - caller.doubtful, attached - caller.doubtful
        )
        snapshots = {each.name for each in self.api.snapshots_list()}
        self.assertEqual(set(), caller.snapshots.keys() - snapshots)
        links = {path.name for path in (self.dev / "storpool").iterdir()}
        self.assertEqual(attached | {"data"}, links)
        for name in attached:
            with base.Disk(self.dev / "storpool" / name) as disk:
                self.assertEqual(found[name][0], disk.size)
        caller.volumes, caller.attached = found, attached

    def check_snapshots(self, caller):
        """A snapshot has the writes that had returned before it."""
        for name, least in caller.snapshots.items():
            self.create(f"of-{name}", parent=name)
            path = self.attach(f"of-{name}", 3)
            with base.Disk(path) as disk:
                texts = [disk.read(block) for block in range(BLOCKS)]
            self.reassign(f"of-{name}", detach=[3])
            newest = max(int(text or 0) for text in texts)
            self.assertGreaterEqual(newest, least)
            for number in range(max(1, newest - BLOCKS + 1), newest + 1):
                self.assertEqual(str(number), texts[number % BLOCKS])

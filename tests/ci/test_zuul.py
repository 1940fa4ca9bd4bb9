# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The jobs agree with the plugin, with the playbooks, and give reasons."""

from collections.abc import Iterator
import pathlib
import re
from typing import Any

import testtools
import yaml

ROOT = pathlib.Path(__file__).parents[2]
#: Of DevStack, lib/cinder and lib/tempest, and not of the plugin.
DEVSTACK = {
    "ATTACH_ENCRYPTED_VOLUME_AVAILABLE",
    "CINDER_ENABLED_BACKENDS",
    "LIBS_FROM_GIT",
    "LIBVIRT_TYPE",
}


def load(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((ROOT / "zuul.d" / name).read_text()))


def jobs() -> dict[str, dict[str, Any]]:
    return {entry["job"]["name"]: entry["job"] for entry in load("jobs.yaml")}


def localrcs() -> Iterator[dict[str, Any]]:
    for job in jobs().values():
        hosts = [job.get("vars", {}), *job.get("group-vars", {}).values()]
        for variables in hosts:
            yield variables.get("devstack_localrc", {})


class JobsTest(testtools.TestCase):
    def test_every_job_says_what_it_is(self) -> None:
        for job in jobs().values():
            self.assertNotEqual("", job["description"])

    def test_playbooks_are_there(self) -> None:
        named = {
            job[moment]
            for job in jobs().values()
            for moment in ("pre-run", "run", "post-run")
            if moment in job
        }
        self.assertEqual(
            {"playbooks/storpool/pre.yaml", "playbooks/storpool/post.yaml"},
            named,
        )
        for name in named:
            self.assertTrue((ROOT / name).is_file(), name)

    def test_the_plugin_knows_every_variable(self) -> None:
        settings = "".join(
            (ROOT / "devstack" / name).read_text()
            for name in ("settings", "override-defaults")
        )
        used = {name for localrc in localrcs() for name in localrc}
        self.assertIn("STORPOOL_MODE", used)
        for name in used - DEVSTACK:
            self.assertIn(f"${{{name}:-", settings)

    def test_only_our_back_ends_are_asked_for(self) -> None:
        asked = {
            localrc["CINDER_ENABLED_BACKENDS"]
            for localrc in localrcs()
            if "CINDER_ENABLED_BACKENDS" in localrc
        }
        for value in asked:
            for backend in value.split(","):
                self.assertTrue(backend.startswith("storpool:"), backend)

    def test_every_switch_has_a_reason(self) -> None:
        lines = (ROOT / "zuul.d/jobs.yaml").read_text().splitlines()
        switch = re.compile(r"^ +(STORPOOL_[A-Z_]+|[A-Z_]{6,}): ")
        first: dict[str, int] = {}
        for number, line in enumerate(lines):
            found = switch.match(line)
            if found and "MODE" not in found[1]:
                first.setdefault(found[1], number)
        self.assertGreater(len(first), 5)
        for name, number in first.items():
            above = "".join(lines[max(0, number - 2) : number])
            self.assertIn("#", above, name)

    def test_projects_run_jobs_that_exist(self) -> None:
        known = set(jobs())
        for entry in load("projects.yaml"):
            for pipeline in ("check", "periodic"):
                for job in entry["project"][pipeline]["jobs"]:
                    self.assertIn(job, known)


class PipelinesTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.check = load("pipelines.yaml")[0]["pipeline"]

    def test_comments_that_run_it_again(self) -> None:
        (comment,) = (
            event["comment"]
            for event in self.check["trigger"]["opendev"]
            if "comment" in event
        )
        for text in ("recheck", "Patch Set 3: run-storpool", "RECHECK "):
            self.assertTrue(re.match(comment, text), text)
        for text in ("please recheck this", "Patch Set 3: Code-Review+2"):
            self.assertIsNone(re.match(comment, text), text)

    def test_it_reports_failures_too_and_does_not_vote(self) -> None:
        for outcome in ("success", "failure"):
            self.assertEqual({"comment": True}, self.check[outcome]["opendev"])
        self.assertIn("Wiki: https://", self.check["footer-message"])


class ExcludeTest(testtools.TestCase):
    def test_every_line_is_an_expression_with_a_reason(self) -> None:
        text = (ROOT / "devstack/tempest/exclude.txt").read_text()
        blocks = text.strip().split("\n\n")[1:]
        self.assertNotEqual([], blocks)
        for block in blocks:
            lines = block.splitlines()
            self.assertTrue(lines[0].startswith("# "), block)
            self.assertIn("Goes", block)
            for line in lines:
                re.compile(line)

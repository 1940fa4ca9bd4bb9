# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How long things may take, from storpool.conf."""

import ddt
import testtools

from storpool_common.attachments.limits import Limits
from storpool_common.errors import ConfigurationError


@ddt.ddt
class LimitsTest(testtools.TestCase):
    def test_none_is_given(self):
        self.assertEqual(Limits(), Limits.read({}))
        self.assertEqual(
            Limits(), Limits.read({"SP_OPENSTACK_DETACH_GRACE": ""})
        )

    def test_some_are_given(self):
        self.assertEqual(
            Limits(device_timeout=2.5, lock_timeout=0),
            Limits.read(
                {
                    "SP_OPENSTACK_DEVICE_TIMEOUT": "2.5",
                    "SP_OPENSTACK_LOCK_TIMEOUT": "0",
                }
            ),
        )

    @ddt.data("soon", "-1", "nan", "inf", "1s", "1e12")
    def test_no_number_of_seconds(self, text):
        error = self.assertRaises(
            ConfigurationError,
            Limits.read,
            {"SP_OPENSTACK_DETACH_TIMEOUT": text},
        )
        self.assertIn(f"SP_OPENSTACK_DETACH_TIMEOUT={text}", str(error))

# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How hypothesis is to go about it."""

import hypothesis


def any_sequences(count: int) -> hypothesis.settings:
    """So many sequences, others each time."""
    return _settings(count, derandomize=False)


def always_the_same(count: int) -> hypothesis.settings:
    """So many sequences, the same each time."""
    return _settings(count, derandomize=True)


def _settings(count: int, *, derandomize: bool) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=count,
        derandomize=derandomize,
        database=None,
        deadline=None,
        print_blob=True,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
    )

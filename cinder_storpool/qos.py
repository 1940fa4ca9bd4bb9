# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a volume may consume: limits, or a class of StorPool's QoS service.

Either stands in the extra specs of a volume type, as ``storpool:iops``, or in
the QoS specs of the type that the back end is to enforce, as ``iops`` or
``storpool:iops``; the QoS specs win. Limits are a matter of the volume in the
cluster. A class is the tag ``qc``: StorPool's QoS service watches it, sets the
limits of the class and undoes others. It leaves a volume of a class that it
does not know alone, and the API tells nobody which it knows.
"""

from collections.abc import Mapping
import dataclasses
import re
from typing import Any

from cinder import context
from cinder import exception
from cinder import objects

from cinder_storpool import templates

SCOPE = "storpool:"
IOPS = "iops"
BANDWIDTH = "bandwidth"
LIMIT_TYPE = "limit_type"
QOS_CLASS = "qos_class"

#: The tag that the QoS service looks at.
TAG = "qc"
#: What the API writes for no limit.
UNLIMITED = "-"
TOTAL = "total"
PER_GIB = "perGiB"

_KEYS = (IOPS, BANDWIDTH, LIMIT_TYPE, QOS_CLASS)
_CLASS = re.compile(r"[A-Za-z0-9_.:-]{1,199}")
#: Consumers of QoS specs that leave them to the driver.
_OURS = ("back-end", "both")


@dataclasses.dataclass(frozen=True)
class Quality:
    """What a volume type says; None where it says nothing.

    :ivar iops: requests per second, or ``-`` for no limit.
    :ivar bandwidth: KB/s, or ``-`` for no limit.
    :ivar limit_type: whether these hold for the volume (``total``) or for
        each GiB of it (``perGiB``).
    :ivar qos_class: name of a class of the QoS service.
    """

    iops: int | str | None = None
    bandwidth: int | str | None = None
    limit_type: str | None = None
    qos_class: str | None = None

    def of_new(self, *, inherits: bool) -> dict[str, Any]:
        """Members of the request that makes a volume.

        :param inherits: whether it would have the limits of what it is made
            from: it names no template, which has limits of its own.
        """
        unsaid = UNLIMITED if inherits else None
        return {
            "iops": self.iops or unsaid,
            "bw": self.bandwidth or unsaid,
            "limit_type": self.limit_type,
            "tags": {TAG: self.qos_class} if self.qos_class else None,
        }

    def instead_of(self, old: "Quality", *, templated: bool) -> dict[str, Any]:
        """Members of the request that changes a volume from ``old``.

        :param templated: whether it names a template: that brings its own
            limits, so what is said no longer need not be taken back.
        """
        taken_back = old if not templated else Quality()
        return {
            "iops": self.iops or (taken_back.iops and UNLIMITED),
            "bw": self.bandwidth or (taken_back.bandwidth and UNLIMITED),
            "limit_type": self.limit_type or (old.limit_type and TOTAL),
            "tags": self._tags_instead_of(old),
        }

    def _tags_instead_of(self, old: "Quality") -> dict[str, str] | None:
        if self.qos_class:
            return {TAG: self.qos_class}
        return {TAG: ""} if old.qos_class else None


@dataclasses.dataclass(frozen=True)
class Qualities:
    """Reads volume types.

    :ivar default_class: ``storpool_qos_class``, for types that say nothing.
    :ivar classes: ``storpool_qos_classes``; any is good where there is none.
    :ivar classes_of_templates: those that are the class of a type that names
        the template of the same name, and says nothing else.
    """

    default_class: str | None = None
    classes: frozenset[str] = frozenset()
    classes_of_templates: frozenset[str] = frozenset()

    def of(self, volume: Any) -> Quality:
        """What a volume's type says.

        :raises InvalidVolumeType: it says something impossible.
        """
        return self.of_type(volume.volume_type)

    def of_type(self, volume_type: Any | None) -> Quality:
        """What a type says.

        :raises InvalidVolumeType: it says something impossible.
        """
        if volume_type is None:
            return Quality(qos_class=self.default_class)
        said = specs_of(volume_type)
        if not said:
            return Quality(qos_class=self._class_of_template(volume_type))
        return _Reader(said, f"type {volume_type.name}", self.classes).read()

    def _class_of_template(self, volume_type: Any) -> str | None:
        template = templates.template_named_by(volume_type)
        if template in self.classes_of_templates:
            return template
        return self.default_class


def configured(configuration: Any) -> Qualities:
    """What a backend's section says of classes.

    :param configuration: the section, as Cinder gives it to a driver.
    :raises InvalidConfigurationValue: what cannot be a class stands in its
        options, or they contradict each other.
    """
    section = f"section {configuration.config_group}"
    default = configuration.storpool_qos_class
    classes = frozenset(configuration.storpool_qos_classes)
    if default is not None:
        _require_class(f"{section}: storpool_qos_class", default)
    for each in sorted(classes):
        _require_class(f"{section}: storpool_qos_classes", each)
    if classes and default is not None and default not in classes:
        raise exception.InvalidConfigurationValue(
            f"{section}: storpool_qos_class = {default} is none of"
            f" storpool_qos_classes = {', '.join(sorted(classes))}. Set it to"
            " one of these, or add it there once the QoS service has it"
        )
    if not configuration.storpool_template_as_qos_class:
        return Qualities(default, classes)
    if not classes:
        raise exception.InvalidConfigurationValue(
            f"{section}: storpool_template_as_qos_class = True, but no"
            " template is a class while storpool_qos_classes is empty. Name"
            " the classes of the QoS service there"
        )
    return Qualities(default, classes, classes_of_templates=classes)


def _require_class(option: str, value: str) -> None:
    if _CLASS.fullmatch(value):
        return
    raise exception.InvalidConfigurationValue(
        f"{option} has {value!r}, which is no class. Write 1 to 199 letters,"
        " digits and any of _ - . :, or take it out"
    )


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Checks what a type says.

    :ivar where: the type, for messages.
    :ivar classes: those that the QoS service has; any if empty.
    """

    said: Mapping[str, str]
    where: str
    classes: frozenset[str]

    def read(self) -> Quality:
        found = Quality(
            iops=self._limit(IOPS),
            bandwidth=self._limit(BANDWIDTH),
            limit_type=self._limit_type(),
            qos_class=self._class(),
        )
        if found.qos_class and len(self.said) > 1:
            others = ", ".join(sorted(self.said.keys() - {QOS_CLASS}))
            raise exception.InvalidVolumeType(
                reason=f"{self.where} has {SCOPE}{QOS_CLASS} and also"
                f" {others}. The QoS service would undo limits: take either"
                " the class or the limits out of the type and its QoS specs"
            )
        return found

    def _limit(self, key: str) -> int | str | None:
        value = self.said.get(key)
        if value in (None, UNLIMITED):
            return value
        if value and value.isascii() and value.isdecimal() and int(value):
            return int(value)
        raise self._bad(key, "a whole number from 1, or - for no limit")

    def _limit_type(self) -> str | None:
        value = self.said.get(LIMIT_TYPE)
        if value in (None, TOTAL, PER_GIB):
            return value
        raise self._bad(LIMIT_TYPE, f"{TOTAL} or {PER_GIB}")

    def _class(self) -> str | None:
        value = self.said.get(QOS_CLASS)
        if value is None:
            return None
        if not _CLASS.fullmatch(value):
            raise self._bad(QOS_CLASS, "letters, digits and any of _ - . :")
        if self.classes and value not in self.classes:
            known = ", ".join(sorted(self.classes))
            raise self._bad(
                QOS_CLASS, f"a class of storpool_qos_classes ({known})"
            )
        return value

    def _bad(self, key: str, rule: str) -> exception.InvalidVolumeType:
        """Cinder refuses to change extra specs of a type with volumes."""
        return exception.InvalidVolumeType(
            reason=f"{self.where} has {SCOPE}{key} = {self.said[key]!r}."
            f" Write {rule}, in the type's extra specs or QoS specs; where it"
            " has volumes already, make another type and retype them"
        )


def specs_of(volume_type: Any) -> dict[str, str]:
    """The keys of ours, without their scope."""
    specs = volume_type.extra_specs or {}
    qos_specs = _back_end_specs(volume_type)
    found: dict[str, str] = {}
    for key in _KEYS:
        for value in (
            specs.get(SCOPE + key),
            qos_specs.get(key),
            qos_specs.get(SCOPE + key),
        ):
            if value is not None:
                found[key] = value
    return found


def _back_end_specs(volume_type: Any) -> Mapping[str, str]:
    """The type's QoS specs, unless they are for the host alone.

    They come with the object, or from the DB, which wants an admin.
    """
    if volume_type.obj_attr_is_set("qos_specs"):
        qos_specs = volume_type.qos_specs
    elif volume_type.qos_specs_id:
        qos_specs = objects.QualityOfServiceSpecs.get_by_id(
            context.get_admin_context(), volume_type.qos_specs_id
        )
    else:
        qos_specs = None
    if qos_specs is None or qos_specs.consumer not in _OURS:
        return {}
    return qos_specs.specs or {}

"""Ports: ten in a row, every one with a name."""

import pytest

from stack.errors import SettingsError
from stack.ports import COUNT, Ports, url


def test_every_port_has_its_own_name_and_number():
    named = Ports(8600).named()
    assert sorted(named.values()) == list(range(8600, 8600 + COUNT))
    assert len(named) == COUNT


def test_named_ports_are_those_of_the_properties():
    ports = Ports(9000)
    assert list(ports.named().values()) == [
        ports.web, ports.broker, ports.controller, ports.flink, ports.jobmanager_rpc, ports.blobs,
        ports.taskmanager_rpc, ports.taskmanager_data, ports.jobmanager_metrics,
        ports.taskmanager_metrics,
    ]  # fmt: skip


@pytest.mark.parametrize("base", [0, 1023, 65_527, 70_000])
def test_base_that_leaves_no_room_is_refused(base):
    with pytest.raises(SettingsError, match=f"--ports {base}"):
        Ports(base)


def test_addresses_are_loopback():
    assert url(Ports(8600).web) == "http://127.0.0.1:8600"

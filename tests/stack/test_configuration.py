"""Configuration of broker, Flink and supervisor, read back by independent readers."""

import configparser
from pathlib import Path

import pytest

from schemas.topics import TOPICS
from stack import broker, flink, supervision
from stack.layout import LONGEST_SOCKET_PATH, Layout
from stack.ports import LOOPBACK, Ports
from stack.programs import NAMES, environment, programs, stream_arguments
from stack.settings import Settings

PORTS = Ports(8700)
JAVA = Path("/opt/java")


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path / "state")


def test_broker_listens_on_loopback_alone(layout):
    listeners = broker.properties(layout, PORTS)["listeners"].split(",")
    assert listeners == ["PLAINTEXT://127.0.0.1:8701", "CONTROLLER://127.0.0.1:8702"]


def test_broker_makes_no_topic_by_itself_and_takes_old_records(layout):
    settings = broker.properties(layout, PORTS)
    assert settings["auto.create.topics.enable"] == "false"
    assert int(settings["log.message.timestamp.before.max.ms"]) == 2**63 - 1


def test_broker_takes_messages_as_large_as_any_topic():
    assert max(t.max_message_bytes for t in TOPICS.values()) <= broker.LARGEST_MESSAGE_BYTES


def test_properties_file_keeps_every_setting():
    text = broker.properties_text({"a.b": "1", "path": "c:\\x"})
    assert text == "a.b=1\npath=c:\\\\x\n"


def test_properties_file_is_read_by_java_as_it_was_meant():
    assert broker.properties_text({"dir": "/数据 é/𝒙"}) == (
        "dir=/\\u6570\\u636e \\u00e9/\\ud835\\udc99\n"
    )


def test_every_address_of_flink_is_loopback(layout):
    settings = flink.configuration(layout, PORTS, JAVA)
    hosts = {key: value for key, value in settings.items() if key.endswith(("host", "address"))}
    assert hosts
    assert set(hosts.values()) == {LOOPBACK}


def test_every_port_of_flink_is_given_and_ours(layout):
    settings = flink.configuration(layout, PORTS, JAVA)
    given = [int(value) for key, value in settings.items() if key.endswith("port")]
    assert set(given) == set(range(8703, 8708))


def test_taskmanager_memory_names_every_part_that_has_no_default():
    needed = {"framework.heap", "task.heap", "task.off-heap", "managed"}
    memory = flink._taskmanager_memory()
    assert {f"taskmanager.memory.{part}.size" for part in needed} <= memory.keys()


def test_taskmanager_heap_is_what_its_memory_adds_up_to(layout):
    command = flink.taskmanager_command(layout, PORTS, JAVA)
    assert f"-Xmx{flink.FRAMEWORK_HEAP_MB + flink.TASK_HEAP_MB}m" in command


def test_flink_settings_are_yaml_with_one_scalar_a_line():
    text = flink.yaml_text({"a": "x: y", "b": 3, "c": True})
    assert text == 'a: "x: y"\nb: 3\nc: true\n'


def test_supervisor_reads_back_every_program(layout):
    known = programs(layout, PORTS, Settings(), JAVA, replayed=False)
    reader = configparser.ConfigParser()
    reader.read_string(supervision.configuration(layout, known))
    assert [s for s in reader.sections() if s.startswith("program:")] == [
        f"program:{name}" for name in NAMES
    ]
    assert all(reader[f"program:{name}"]["killasgroup"] == "true" for name in NAMES)


@pytest.mark.parametrize("name", ["with space", "数据"])
def test_flink_writes_checkpoints_where_they_are_looked_for(tmp_path, name):
    layout = Layout(tmp_path / name)
    settings = flink.configuration(layout, PORTS, JAVA)
    assert settings["execution.checkpointing.dir"] == f"file://{tmp_path}/{name}/flink/checkpoints"


@pytest.mark.parametrize(("replayed", "again"), [(True, "unexpected"), (False, "true")])
def test_replay_that_is_done_is_not_started_again(layout, replayed, again):
    known = programs(layout, PORTS, Settings(), JAVA, replayed=replayed)
    reader = configparser.ConfigParser()
    reader.read_string(supervision.configuration(layout, known))
    assert reader["program:city-stream"]["autorestart"] == again
    assert reader["program:broker"]["autorestart"] == "true"


def test_broker_starts_first_and_the_stream_last(layout):
    known = programs(layout, PORTS, Settings(), JAVA, replayed=False)
    assert [p.priority for p in known] == sorted(p.priority for p in known)
    assert (known[0].name, known[-1].name) == ("broker", "city-stream")


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        (Settings(rate=50), ("live", "--city", "wuhan", "--rate", "50")),
        (Settings(rate=0.5), ("live", "--city", "wuhan", "--rate", "0.5")),
        (Settings(), ("live", "--city", "wuhan")),
    ],
)
def test_pace_of_the_stream_is_passed_on(settings, arguments):
    assert stream_arguments(settings, replayed=False) == arguments


def test_replayed_city_gets_its_speed():
    arguments = stream_arguments(Settings(city="nyc", speed="max"), replayed=True)
    assert arguments == ("replay", "--city", "nyc", "--speed", "max")


def test_children_see_no_proxy_and_know_where_everything_is(layout):
    seen = environment(layout, PORTS, Settings(), JAVA, {"HTTPS_PROXY": "x", "LANG": "C"})
    assert "HTTPS_PROXY" not in seen
    assert seen["LANG"] == "C"
    assert {name: seen[name] for name in seen if name.startswith("HEXLINE_")} == {
        "HEXLINE_BROKER": "127.0.0.1:8701",
        "HEXLINE_CITY": "wuhan",
        "HEXLINE_STATE": str(layout.root),
        "HEXLINE_WEB": "http://127.0.0.1:8700",
        "HEXLINE_FLINK": "http://127.0.0.1:8703",
        "HEXLINE_PORTS": "8700",
    }


def test_socket_of_a_deep_state_folder_is_still_short_enough(tmp_path):
    deep = Layout(tmp_path / ("d" * 120))
    assert len(str(deep.socket)) <= LONGEST_SOCKET_PATH
    assert deep.socket != Layout(tmp_path / ("e" * 120)).socket


def test_java_looks_names_up_in_our_file_alone_beside_the_users_options(layout):
    options = environment(layout, PORTS, Settings(), JAVA, {"JDK_JAVA_OPTIONS": "-Xint"})
    assert options["JDK_JAVA_OPTIONS"] == f'-Xint "-Djdk.net.hosts.file={layout.hosts_file}"'

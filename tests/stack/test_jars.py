"""Jars: locked, checked, and never used when they differ."""

import hashlib

import pytest

from stack import jars
from stack.errors import JarError
from stack.jars import Jar

GOOD = b"the jar"
JAR = Jar("kafka", "org.example", "thing", "1.0", hashlib.sha256(GOOD).hexdigest())


def serving(folder, *contents):
    """Give a fetch that serves one content after the other, from one cached file."""
    left = list(contents)
    cached = folder / "cached.jar"

    def fetch(_jar):
        if not cached.exists():
            cached.write_bytes(left.pop(0))
        return cached

    return fetch


def test_lock_comes_back_as_it_was_written():
    assert jars.parse_lock("# remark\n\n" + JAR.line() + "\n") == [JAR]


def test_lock_of_the_checkout_holds_broker_and_connector():
    names = {(jar.part, jar.artifact) for jar in jars.locked()}
    assert {("kafka", "kafka_2.13"), ("kafka", "slf4j-simple")} <= names
    assert ("flink", "flink-sql-connector-kafka") in names
    assert all(len(jar.sha256) == 64 for jar in jars.locked())


def test_fetched_jar_is_put_in_place(tmp_path):
    done = []
    jars.install([JAR], tmp_path / "state", serving(tmp_path, GOOD), done.append)
    assert (tmp_path / "state/kafka/thing-1.0.jar").read_bytes() == GOOD
    assert done == [JAR]
    assert jars.missing([JAR], tmp_path / "state") == []


def test_damaged_copy_is_fetched_once_more(tmp_path):
    jars.install([JAR], tmp_path / "state", serving(tmp_path, b"half a j", GOOD), lambda _: None)
    assert (tmp_path / "state/kafka/thing-1.0.jar").read_bytes() == GOOD


def test_jar_that_is_not_the_locked_one_is_refused_and_not_kept(tmp_path):
    fetch = serving(tmp_path, b"bad", b"bad again")
    with pytest.raises(JarError, match=r"thing-1\.0\.jar: sha256 .* expected"):
        jars.install([JAR], tmp_path / "state", fetch, lambda _: None)
    assert jars.missing([JAR], tmp_path / "state") == [JAR]
    assert not (tmp_path / "cached.jar").exists()


def test_network_that_is_away_is_one_line():
    class Away:
        def project(self, *_names):
            return self

        at_version = artifact = project

        def resolve(self):
            raise ConnectionError

    with pytest.raises(JarError, match="check the network"):
        jars.fetch_with(Away())(JAR)

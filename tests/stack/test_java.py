"""Which Java: the user's where it can be used, else the one that comes along."""

import pytest

from stack import java
from stack.errors import JavaError


def fake_java(folder, version):
    program = folder / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize("version", ["17.0.9", "21"])
def test_java_home_that_can_be_used_is_used(tmp_path, version):
    assert java.find_java_home({"JAVA_HOME": str(fake_java(tmp_path, version))}) == tmp_path


@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.2", "25"])
def test_java_that_flink_cannot_run_on_is_refused_with_a_way_out(tmp_path, version):
    home = fake_java(tmp_path, version)
    with pytest.raises(JavaError, match=r"expected 17 or 21; unset JAVA_HOME"):
        java.find_java_home({"JAVA_HOME": str(home)})


def test_java_home_without_java_is_refused(tmp_path):
    with pytest.raises(JavaError, match="holds no Java that runs"):
        java.find_java_home({"JAVA_HOME": str(tmp_path)})


def test_without_java_home_the_bundled_one_is_used():
    assert java.major_version(java.find_java_home({})) == 21

"""Table environments: where a job is planned, from its settings alone."""

from __future__ import annotations

from collections.abc import Mapping

from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment


def environment(settings: Mapping[str, str]) -> TableEnvironment:
    """Make a streaming environment with these settings."""
    configuration = Configuration()
    for name, value in settings.items():
        configuration.set_string(name, value)
    return TableEnvironment.create(
        EnvironmentSettings.new_instance()
        .in_streaming_mode()
        .with_configuration(configuration)
        .build()
    )

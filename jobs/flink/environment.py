"""Table environments: where a job is planned, from its settings alone."""

from __future__ import annotations

from collections.abc import Mapping

from pyflink.common import Configuration, JobClient
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import EnvironmentSettings, StreamTableEnvironment, TableEnvironment


def environment(settings: Mapping[str, str]) -> TableEnvironment:
    """Make a streaming environment with these settings."""
    return TableEnvironment.create(
        EnvironmentSettings.new_instance()
        .in_streaming_mode()
        .with_configuration(_configuration(settings))
        .build()
    )


def stream_environment(
    settings: Mapping[str, str],
) -> tuple[StreamExecutionEnvironment, StreamTableEnvironment]:
    """Make an environment for tables that a function on a stream stands between."""
    # Asked for in PyFlink's way it would be one that runs the job in this process.
    java = get_gateway().jvm.org.apache.flink.streaming.api.environment
    made = java.StreamExecutionEnvironment(_configuration(settings)._j_configuration)
    streams = StreamExecutionEnvironment(made)
    return streams, StreamTableEnvironment.create(streams)


class StreamPlan:
    """The planned job of a stream environment, made once; `as_json` describes its steps."""

    def __init__(self, streams: StreamExecutionEnvironment, name: str) -> None:
        self._java = streams._j_stream_execution_environment
        self._graph = streams._generate_stream_graph(clear_transformations=True, job_name=name)
        self.as_json = str(self._graph.getStreamingPlanAsJSON())

    def execute(self) -> str:
        """Send the job to the cluster and give its id."""
        return str(JobClient(self._java.executeAsync(self._graph)).get_job_id())


def _configuration(settings: Mapping[str, str]) -> Configuration:
    configuration = Configuration()
    for name, value in settings.items():
        configuration.set_string(name, value)
    return configuration

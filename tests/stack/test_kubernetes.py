"""What the manifests say is what the code has: names, ports, commands, settings."""

import re

import pytest
import yaml
from typer.testing import CliRunner

from dashboard.asgi import make_asgi
from dashboard.config import DashboardConfig, Limits, Pace
from jobs import cli
from jobs.catalog import JOBS
from jobs.surroundings import EXAMPLES, Surroundings
from schemas.broker import Broker
from stack import manifests
from stack.flink import SLOTS
from stack.jars import LOCK
from stack.layout import CHECKOUT
from tests.browser.empty_city import Silence
from tests.dashboard.fake_city import fake_city

FOLDER = CHECKOUT / "deploy" / "kubernetes"


@pytest.fixture(scope="module")
def documents():
    """Give every document of every manifest, by kind and name."""
    found = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            key = document["kind"], document["metadata"]["name"]
            assert key not in found, f"{key} stands twice"
            found[key] = document
    return found


def of_kind(documents, kind):
    return {name: document for (is_kind, name), document in documents.items() if is_kind == kind}


def container_of(pod):
    (container,) = pod["spec"]["containers"]
    return container


def environment(documents, container):
    """Give what a container's process finds in its environment."""
    found = {}
    for source in container["envFrom"]:
        found |= documents["ConfigMap", source["configMapRef"]["name"]]["data"]
    return found | {each["name"]: each["value"] for each in container["env"]}


def test_every_job_has_a_cluster_and_an_order_that_submits_it(documents):
    clusters = of_kind(documents, "FlinkDeployment")
    orders = of_kind(documents, "Job")
    assert {f"hexline-{name}" for name in JOBS} <= clusters.keys()
    assert {name.replace("hexline-", "hexline-submit-") for name in clusters} == orders.keys()


@pytest.mark.parametrize("name", JOBS)
def test_an_order_is_a_command_of_ours_with_everything_it_reads(name, documents):
    container = container_of(documents["Job", f"hexline-submit-{name}"]["spec"]["template"])
    python, module, package, *words = container["command"]
    assert (python, module, package) == ("/opt/hexline/.venv/bin/python", "-m", "jobs")
    assert words == ["submit", name]
    assert CliRunner().invoke(cli.app, [words[0], "--help"]).exit_code == 0
    environ = environment(documents, container)
    assert EXAMPLES.keys() <= environ.keys()
    around = Surroundings.from_env(environ)
    # The operator names the service of a cluster's REST interface after the cluster.
    assert around.flink == f"http://hexline-{name}-rest:8081"
    assert ("FlinkDeployment", f"hexline-{name}") in documents


@pytest.mark.parametrize("name", JOBS)
def test_state_is_on_the_claim_wherever_it_is_written(name, documents):
    order = documents["Job", f"hexline-submit-{name}"]["spec"]["template"]
    cluster = documents["FlinkDeployment", f"hexline-{name}"]["spec"]
    state = documents["ConfigMap", "hexline"]["data"]["HEXLINE_STATE"]
    for pod in (order, cluster["podTemplate"]):
        (volume,) = pod["spec"]["volumes"]
        assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in documents
        (mount,) = container_of(pod)["volumeMounts"]
        assert (mount["name"], mount["mountPath"]) == (volume["name"], state)
    settings = cluster["flinkConfiguration"]
    assert settings["high-availability.storageDir"].startswith(f"file://{state}/")
    assert int(settings["taskmanager.numberOfTaskSlots"]) == SLOTS


def test_the_war_room_listens_where_its_service_sends_people(documents):
    pod = documents["Deployment", "hexline-war-room"]["spec"]["template"]
    container = container_of(pod)
    assert container["command"][1:] == ["-m", "dashboard"]
    config = DashboardConfig.from_env(environment(documents, container))
    (port,) = container["ports"]
    service = documents["Service", "hexline-war-room"]["spec"]
    assert (config.port, service["ports"][0]["targetPort"]) == (port["containerPort"], port["name"])
    assert service["selector"].items() <= pod["metadata"]["labels"].items()
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == str(config.port)
    assert (service["type"], service["sessionAffinity"]) == ("ClusterIP", "ClientIP")


def test_probes_ask_for_what_the_war_room_serves(documents):
    pod = documents["Deployment", "hexline-war-room"]["spec"]["template"]
    container = container_of(pod)
    probes = {container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}
    probes.add(pod["metadata"]["annotations"]["prometheus.io/path"])
    app = make_asgi(fake_city(), Silence, lambda: 0, Limits(), Pace())
    assert probes <= {getattr(route, "path", None) for route in app.routes}


def test_broker_and_city_come_from_one_place(documents):
    assert Broker.from_env(documents["ConfigMap", "hexline"]["data"]).bootstrap
    city = documents["ConfigMap", "hexline"]["data"]["HEXLINE_CITY"]
    assert (CHECKOUT / "cities" / city / "city.toml").is_file()


def test_topics_are_those_of_the_list():
    assert manifests.FILE.read_text(encoding="utf-8") == manifests.text(), (
        "write them anew: python -m stack.manifests"
    )


def test_topics_are_well_formed(documents):
    assert of_kind(documents, "KafkaTopic").keys() == set(manifests.TOPICS)


def test_the_image_takes_the_connector_that_is_locked():
    text = (FOLDER / "Containerfile").read_text()
    jar = re.search(r"repository/(\S+)/([^/]+)/([^/]+)/\S+\.jar", text)
    group, name, version = jar[1].replace("/", "."), jar[2], jar[3]
    assert f" {group}:{name}:{version}\n" in LOCK.read_text()

"""The jars that PyPI does not carry: fetched once, checked against a lock, then never again.

    jars.lock --> Maven's local repository --> sha256 as locked? --> STATE/jars/{kafka,flink}

`python -m stack.jars` works the lock out anew from the coordinates below.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.errors import JarError

LOCK = Path(__file__).with_name("jars.lock")
COORDINATES = {
    # Kafka logs through slf4j 1.7 and names no backend for it.
    "kafka": "org.apache.kafka:kafka_2.13:4.4.0+org.slf4j:slf4j-simple:1.7.36",
    "flink": "org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2",
}
FETCHES_AT_ONCE = 4
TIMEOUT_S = 60
SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked jar: which class path it is for, its coordinate and its checksum."""

    part: str
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """The jar's file name."""
        return f"{self.artifact}-{self.version}.jar"

    def line(self) -> str:
        """Write the jar as a line of the lock."""
        return f"{self.sha256} {self.part} {self.group}:{self.artifact}:{self.version}"


def parse_lock(text: str) -> list[Jar]:
    """Read the lock; lines that begin with # are remarks."""
    jars = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            sha256, part, coordinate = line.split()
            group, artifact, version = coordinate.split(":")
            jars.append(Jar(part, group, artifact, version, sha256))
    return jars


def locked() -> list[Jar]:
    """Give the jars of the lock that comes with the checkout."""
    return parse_lock(LOCK.read_text())


def missing(jars: Iterable[Jar], folder: Path) -> list[Jar]:
    """Give the jars that a state folder does not have yet."""
    return [jar for jar in jars if not (folder / jar.part / jar.filename).is_file()]


def install(
    jars: list[Jar], folder: Path, fetch: Callable[[Jar], Path], done: Callable[[Jar], None]
) -> None:
    """Fetch jars, check them and put them in place; `done` is told each one.

    Raises
    ------
    JarError
        A jar cannot be fetched, or differs from the lock even when fetched anew.
    """
    with ThreadPoolExecutor(FETCHES_AT_ONCE) as pool:
        for jar, path in zip(jars, pool.map(lambda jar: verified(jar, fetch), jars), strict=True):
            place(path, folder / jar.part / jar.filename)
            done(jar)


def verified(jar: Jar, fetch: Callable[[Jar], Path]) -> Path:
    """Fetch one jar; a damaged copy is thrown away and fetched once more."""
    path = fetch(jar)
    if sha256_of(path) != jar.sha256:
        path.unlink()
        path = fetch(jar)
    found = sha256_of(path)
    if found != jar.sha256:
        path.unlink()
        raise JarError(
            f"{jar.filename}: sha256 {found}: expected {jar.sha256} as in stack/jars.lock; "
            f"nothing was started"
        )
    return path


def place(source: Path, target: Path) -> None:
    """Put a jar in place in one step; a link where the disk allows it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(f".{os.getpid()}.new")
    try:
        os.link(source, beside)
    except OSError:
        shutil.copyfile(source, beside)
    beside.replace(target)


def sha256_of(path: Path) -> str:
    """Give a file's checksum in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def trust_this_machine() -> None:
    """Let the certificates count that this machine trusts, a company's own among them.

    Without this only the list inside a Python package would. The user's own word stands.
    """
    bundle = next((path for path in SYSTEM_CERTIFICATES if Path(path).is_file()), None)
    if bundle is not None:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", bundle)


def maven() -> Any:
    """Open the local Maven repository, with the mirrors that the user has configured."""
    from jgo.config import GlobalSettings  # noqa: PLC0415 - only needed at set-up
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415

    trust_this_machine()
    settings = GlobalSettings.load()
    remotes = {"central": MAVEN_CENTRAL_URL} | settings.repositories
    return MavenContext(repo_cache=settings.repo_cache, remote_repos=remotes, timeout=TIMEOUT_S)


def fetch_with(context: Any) -> Callable[[Jar], Path]:
    """Give a function that fetches one jar into the local Maven repository."""

    def fetch(jar: Jar) -> Path:
        component = context.project(jar.group, jar.artifact).at_version(jar.version)
        try:
            return Path(component.artifact().resolve())
        except Exception as error:  # jgo raises whatever the network did
            raise JarError(
                f"{jar.filename} cannot be fetched ({type(error).__name__}): the first start "
                f"needs a Maven repository; check the network and run this again"
            ) from error

    return fetch


def resolved() -> Iterator[Jar]:
    """Work the lock out anew: every jar that the coordinates need, with its checksum."""
    import jgo  # noqa: PLC0415

    for part, endpoint in COORDINATES.items():
        for artifact in jgo.resolve(endpoint):
            digest = sha256_of(Path(artifact.resolve()))
            yield Jar(part, artifact.groupId, artifact.artifactId, artifact.version, digest)


if __name__ == "__main__":
    lines = sorted({jar.line() for jar in resolved()}, key=lambda line: line.split()[1:])
    LOCK.write_text(
        "# sha256, class path, coordinate; made by: python -m stack.jars\n"
        + "\n".join(lines)
        + "\n"
    )

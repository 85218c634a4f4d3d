"""Which other parts of the house can be started, found without importing them."""

from __future__ import annotations

from importlib.util import find_spec

from stack.programs import CITY_STREAM, JOBS_KEEPER, WAR_ROOM

MODULES = {
    JOBS_KEEPER: "jobs.control",
    WAR_ROOM: "dashboard.__main__",
    CITY_STREAM: "simulators.__main__",
}


def is_there(module: str) -> bool:
    """Say whether a module can be imported; its parents are, itself it is not."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def absent(name: str) -> bool:
    """Say whether a program's part does not exist in this checkout."""
    module = MODULES.get(name)
    return module is not None and not is_there(module)

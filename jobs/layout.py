"""Layout: what of a job's plan decides whether its state can be taken over.

Flink finds state by an operator's place in the plan and reads it by the types of keys and
accumulators. Both follow from the compiled plan: which nodes there are, how they hang together,
and what each groups by and aggregates. Where reading starts, addresses and waits do not matter.

A plan whose layout differs is accepted by Flink, and then fails for ever when it reads its
first value. So layouts are compared before anything is stopped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

SHAPE = ("type", "inputProperties", "outputType")
STATEFUL = (
    "grouping",
    "aggCalls",
    "aggCallNeedRetractions",
    "needRetraction",
    "state",
    "upsertKeys",
)


def numbered_by_place(compiled_plan: str) -> str:
    """Give a plan whose nodes are numbered from 1 in their own order.

    Flink counts every node it planned since its JVM started, and names operators, by which
    state is found again, after these numbers.
    """
    plan = json.loads(compiled_plan)
    number = {node["id"]: at for at, node in enumerate(plan["nodes"], start=1)}
    for node in plan["nodes"]:
        node["id"] = number[node["id"]]
    for edge in plan["edges"]:
        edge["source"], edge["target"] = number[edge["source"]], number[edge["target"]]
    return json.dumps(plan)


def layout_of(compiled_plan: str) -> dict[str, Any]:
    """Reduce a compiled plan (JSON, numbered by place) to what the state depends on."""
    plan = json.loads(compiled_plan)
    return {
        "flink": plan["flinkVersion"],
        "nodes": [_node(node) for node in plan["nodes"]],
        "edges": sorted([edge["source"], edge["target"]] for edge in plan["edges"]),
    }


def layout_of_streams(execution_plan: str, state_version: int) -> dict[str, Any]:
    """Reduce a plan of streams (JSON) to what its state depends on: its steps and their order.

    Flink finds the state of a step without a name by its place among the others. What the
    function on the stream keeps is not in any plan, so it has a version.
    """
    kept = {"id": 0, "type": f"state, version {state_version}"}
    nodes = json.loads(execution_plan)["nodes"]
    number = {node["id"]: at for at, node in enumerate(nodes, start=1)}
    return {
        "flink": version("apache-flink"),
        "nodes": [kept]
        + [{"id": number[node["id"]], "type": _unnumbered(node["type"])} for node in nodes],
        "edges": sorted(
            [number[before["id"]], number[node["id"]]]
            for node in nodes
            for before in node.get("predecessors", ())
        ),
    }


def _unnumbered(step: str) -> str:
    return re.sub(r"\d+", "#", step)


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: node[name] for name in (*SHAPE, *STATEFUL) if name in node}
    kept["type"] = re.sub(r"_\d+$", "", kept["type"])
    if "state" in kept:
        kept["state"] = [{"index": s["index"], "name": s["name"]} for s in kept["state"]]
    return kept


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say in words how two layouts differ; nothing where state can be taken over."""
    if len(old["nodes"]) != len(new["nodes"]):
        return [f"{len(old['nodes'])} steps before, {len(new['nodes'])} now"]
    found = [
        f"step {at} ({before['type']}): {', '.join(_changed(before, after))} changed"
        for at, (before, after) in enumerate(zip(old["nodes"], new["nodes"], strict=True))
        if before != after
    ]
    if old["edges"] != new["edges"]:
        found.append("the steps are connected differently")
    if old["flink"].rpartition(".")[0] != new["flink"].rpartition(".")[0]:
        found.append(f"Flink {old['flink']} before, {new['flink']} now")
    return found


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [name for name in (*SHAPE, *STATEFUL) if before.get(name) != after.get(name)]

"""Commands of the simulators; the only place here that reads arguments and environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer
from rich.console import Console
from rich.markup import escape

from cities.errors import CityError
from schemas.broker import Broker
from schemas.errors import SchemaError
from simulators.durations import seconds_of
from simulators.errors import SettingError, SimulatorError
from simulators.load import PROFILES, Load, Profile
from simulators.pace import AS_FAST_AS_POSSIBLE
from simulators.scenario import Scenario, read_scenario

app = typer.Typer(help="Streams for a city: real data played again, or a city made up.")
console = Console(stderr=True, highlight=False)
INTERRUPTED = 130
"""Exit code of a run that was told to stop before its end, as a shell knows it."""
P = ParamSpec("P")


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """End a command that fails with one clear line and a non-zero exit."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (SimulatorError, SchemaError, CityError, OSError) as error:
            console.print(f"[red]error[/] {escape(str(error))}", soft_wrap=True)
            raise typer.Exit(1) from None

    return run


def speed_of(text: str) -> float:
    """Read a speed: simulated seconds a second, or `max`."""
    if text == "max":
        return AS_FAST_AS_POSSIBLE
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < AS_FAST_AS_POSSIBLE:
        raise SettingError(f"--speed {text}: expected a number above 0, or max")
    return speed


City = Annotated[str, typer.Option(help="City pack: a name or a folder.", envvar="HEXLINE_CITY")]


@app.command()
@one_line_errors
def replay(
    *,
    city: Annotated[
        str,
        typer.Option(
            help="City pack: a name or a folder.",
            envvar="HEXLINE_CITY",
            show_default="the city of the stack",
        ),
    ] = "nyc",
    first_day: Annotated[str | None, typer.Option("--from", help="First local day.")] = None,
    last_day: Annotated[str | None, typer.Option("--to", help="Last local day, included.")] = None,
    speed: Annotated[
        str | None, typer.Option(help="Simulated seconds a second, or max; else the pack's.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Streams to read instead of the pack's own.")
    ] = None,
    rate: Annotated[float | None, typer.Option(hidden=True)] = None,
) -> None:
    """Play real trips and case counts as check-ins and case reports, in arrival order.

    A run that was interrupted continues where it stopped.
    """
    from simulators.replay.run import Order, run_replay  # noqa: PLC0415 - a --help loads no geometry

    if rate is not None:
        console.print("a replay follows --speed; --rate is for a city that is made up")
    broker = Broker.from_env(os.environ)
    order = Order(city, folder, (first_day, last_day), None if speed is None else speed_of(speed))
    if not run_replay(order, broker, console):
        raise typer.Exit(INTERRUPTED)


@app.command()
@one_line_errors
def simulate(
    *,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="A scenario's name or file; quiet-week if left out, with --rate rush-hour."
        ),
    ] = None,
    overlays: Annotated[
        list[str] | None, typer.Option("--with", help="Lay another file over it; may be repeated.")
    ] = None,
    city: City = "wuhan",
    people: Annotated[int, typer.Option(help="People to simulate.")] = 50_000,
    seed: Annotated[int, typer.Option(help="Same seed, same streams and truth.", min=0)] = 1,
    start: Annotated[str | None, typer.Option(help="First local day.")] = None,
    speed: Annotated[
        str | None, typer.Option(help="Simulated seconds a second, or max; live if left out.")
    ] = None,
    length: Annotated[str | None, typer.Option("--for", help="Length: 90s, 2h, 3d.")] = None,
    out: Annotated[str, typer.Option(help="kafka, or a folder.")] = "kafka",
    form: Annotated[str, typer.Option("--format", help="In a folder: jsonl or parquet.")] = "jsonl",
    truth: Annotated[
        Path | None, typer.Option(help="Where the truth goes; with a folder, into it.")
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            help="2: another process lives the next day meanwhile; the stream is the same.", min=1
        ),
    ] = 1,
    rate: Annotated[
        float | None, typer.Option(help="Only load: check-ins a second by the wall clock.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Of a load: steady, ramp, rush, burst.")] = "steady",
    at_most: Annotated[int, typer.Option(help="Of a load: stop after so many.")] = 100_000_000,
) -> None:
    """Simulate a city with known truth: people, days, a disease, dirt, injected events.

    With --rate, send nothing but load: the check-ins of the scenario's first day, again and
    again, at that rate by the wall clock, for --for (60 s); achieved rate and delays are told at
    the end.
    """
    from simulators.city import run  # noqa: PLC0415 - a --help loads no geometry

    if rate is not None:
        load = Load(_profile(profile), rate, seconds_of(length or "60s"), at_most)
        if speed is not None or out != "kafka":
            raise SettingError(
                "--rate: a load goes to the broker, by the wall clock: expected no "
                "--speed and no --out DIR"
            )
        _load(city, people, seed, read_scenario(scenario or "rush-hour", overlays or []), load)
        return
    if form not in ("jsonl", "parquet"):
        raise SettingError(f"--format {form}: expected jsonl or parquet")
    wanted = read_scenario(scenario or "quiet-week", overlays or [])
    state = Path(os.environ.get("HEXLINE_STATE", ".hexline"))
    beside = truth or state / "runs" / f"{wanted.name}-{seed}"
    order = run.Order(
        scenario=wanted,
        city=city,
        people=people,
        seed=seed,
        start=start if out == "kafka" else start or run.USUAL_START,
        speed=None if speed is None else speed_of(speed),
        length_s=None if length is None else seconds_of(length),
        folder=beside if out == "kafka" else Path(out),
        form="jsonl" if form == "jsonl" else "parquet",
        workers=workers,
    )
    run.simulate(order, Broker.from_env(os.environ) if out == "kafka" else None, console)


@app.command()
@one_line_errors
def pictures(
    folder: Annotated[Path, typer.Argument(help="Where the plots go.")] = Path(
        "docs/methods/images"
    ),
) -> None:
    """Draw the plots of docs/methods/simulator.md."""
    from simulators.pictures import write_pictures  # noqa: PLC0415 - a --help loads nothing

    console.print(write_pictures(folder))


@app.command()
@one_line_errors
def evaluate(
    run: Annotated[Path, typer.Argument(help="Folder of a simulated run.")],
    *,
    results: Annotated[str, typer.Option(help="kafka, or none (reports alone).")] = "kafka",
) -> None:
    """Score what Hexline published against the truth of a run: tables, JSON and plots."""
    from simulators.score import run as scores  # noqa: PLC0415 - a --help loads no frames

    if results not in ("kafka", "none"):
        raise SettingError(f"--results {results}: expected kafka or none")
    broker = Broker.from_env(os.environ) if results == "kafka" else None
    scores.evaluate(run, broker, Console(highlight=False))


def _load(city: str, people: int, seed: int, scenario: Scenario, load: Load) -> None:
    from simulators import load_run  # noqa: PLC0415 - a --help loads no geometry

    pool, encoder = load_run.pool_of(city, people, seed, scenario)
    load_run.run(pool, encoder, load, Broker.from_env(os.environ), console)


def _profile(name: str) -> Profile:
    for profile in PROFILES:
        if profile == name:
            return profile
    raise SettingError(f"--profile {name}: expected one of {', '.join(PROFILES)}")


@app.command()
@one_line_errors
def live(
    *,
    city: City = "wuhan",
    people: Annotated[
        int | None, typer.Option(help="People to simulate; else the pack's.", min=100)
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Check-ins a second, the mean of a working day; else what people make."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same city.", min=0)] = 1,
    overlays: Annotated[
        list[str] | None, typer.Option("--with", help="Lay a scenario over it; may be repeated.")
    ] = None,
    speed: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Let a simulated city live by the wall clock, until it is stopped: what `up` runs.

    It begins 45 days ago with its cases, 75 minutes ago at its gates. At a rate of its own
    each person stands for as many passers-by as that takes.
    """
    from simulators.city import live as city_live  # noqa: PLC0415 - a --help loads no geometry

    if speed is not None:
        console.print("a live city follows the wall clock; --speed is for a replay")
    folder = Path(os.environ.get("HEXLINE_STATE", ".hexline")) / "runs" / "live"
    scenario = read_scenario("living-city", overlays or [])
    order = city_live.Order(scenario, city, people, rate, seed, folder)
    city_live.live(order, Broker.from_env(os.environ), console)

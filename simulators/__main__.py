"""Run a simulator: `python -m simulators replay|live …`."""

from simulators.cli import app

if __name__ == "__main__":
    app()

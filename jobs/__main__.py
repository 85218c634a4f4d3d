"""`python -m jobs`: the jobs' commands without the launcher."""

from jobs.cli import app

if __name__ == "__main__":
    app(prog_name="jobs")

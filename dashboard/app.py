"""The Dash app of the war room."""

from __future__ import annotations

import json
from pathlib import Path

from dash import Dash

from dashboard import callbacks, views
from dashboard.edition import edition
from dashboard.i18n import LANGUAGES, words
from dashboard.pages import shell

HERE = Path(__file__).parent


def make_app(view_source: views.ViewSource) -> Dash:
    """Make the app on Dash's default Flask backend; whoever serves it mounts `app.server`.

    Parameters
    ----------
    view_source : callable
        Gives one snapshot (`views.View`) a call; called once a refresh.
    """
    app = Dash(
        "hexline",
        title="Hexline",
        update_title=None,  # type: ignore[arg-type]  # None is what Dash documents
        assets_folder=str(HERE / "assets"),
        assets_ignore=".*",  # index.html names what is loaded, and in which order
        index_string=index(),
        serve_locally=True,
    )
    app.layout = shell.layout
    callbacks.register(app, view_source)
    return app


def index() -> str:
    """Give the page's outer HTML, with its edition and the words of both languages in it."""
    dictionaries = {language: words(language) for language in LANGUAGES}
    # "</" would end the script element early, whatever quotes it stands in.
    text = json.dumps(dictionaries, ensure_ascii=False).replace("</", "<\\/")
    page = (HERE / "index.html").read_text(encoding="utf-8")
    return page.replace("{words}", text).replace("{edition}", edition())

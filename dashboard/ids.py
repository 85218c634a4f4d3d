"""Ids of the pages: the closed list that layout, callbacks, scripts and tests share."""

from __future__ import annotations

# Dash: what asks for a refresh, what that brings, and what the page asks to see.
TICK = "tick"
NOW = "now"
CHOICE = "choice"
CHARTED = "charted"
PAINTED = "painted"
EPICURVE = "epicurve"
HOUR = "hour"

# Shell.
BRAND = "brand"
NAV = "nav"
FLAGS = "flags"
CHIP = "chip"
CHIP_STATE = "chip-state"
CHIP_AGE = "chip-age"
CHIP_COMPLETE = "chip-complete"
CLOCK = "clock"
LANG = "lang"
THEME = "theme"
WALL = "wall"
HELP = "help"
HELP_PANEL = "help-panel"
SAY = "say"

# Live page.
LIVE = "live"
KPIS = "kpis"
STAGE = "stage"
MAP = "map"
NOTICE = "notice"
SEARCH = "search"
RESULTS = "results"
METRIC = "metric"
MINUTES = "minutes"
SHOW = "show"
LEGEND = "legend"
RES = "res"
HOVER = "hover"
HOME = "home"
ZOOM_IN = "zoom-in"
ZOOM_OUT = "zoom-out"
CYCLE = "cycle"
RAIL = "rail"
INSPECTOR = "inspector"
HOTTEST = "hottest"
AREAS = "areas"
EPICURVE_PANEL = "epicurve-panel"
HOUR_PANEL = "hour-panel"

# Statistics on the live page.
LAYER = "layer"
LAYER_MENU = "layer-menu"
LAYER_NOTE = "layer-note"
PICTURE = "picture"

# Methods page.
METHODS = "methods"
METHODS_LIST = "methods-list"
METHODS_PAGE = "methods-page"

# System page.
SYSTEM = "system"
PIPELINE = "pipeline"
SUM = "sum"
REJECTS = "rejects"
TOPICS = "topics"
ABOUT = "about"

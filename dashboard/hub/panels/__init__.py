"""Panels: what each part of the page reads, worked out from one frame."""

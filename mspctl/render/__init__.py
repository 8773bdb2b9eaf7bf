"""Jinja2 behind the Renderer port."""

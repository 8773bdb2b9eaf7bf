"""The one edge where YAML becomes model."""

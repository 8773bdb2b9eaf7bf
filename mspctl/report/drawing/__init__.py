"""Pictures of facts, as inline SVG."""

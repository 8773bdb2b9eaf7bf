"""Ways to reach a host: one file each."""

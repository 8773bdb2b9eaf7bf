"""The health score, and where each of its points was lost."""

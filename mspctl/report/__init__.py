"""The client's health report, from the run log alone."""

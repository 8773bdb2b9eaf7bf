"""Where referenced secrets come from: one file per scheme."""

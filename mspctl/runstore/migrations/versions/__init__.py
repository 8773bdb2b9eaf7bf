"""One file per schema revision; mspctl/runstore/schema.py lists them."""

"""Select, compile, execute and fold: pure, or over the protocols in mspctl.ports."""

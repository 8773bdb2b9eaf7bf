"""Reference pages written from the objects they describe, so that they cannot disagree with them."""

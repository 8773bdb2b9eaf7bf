"""What the provider's own people look at: all clients and hosts at once, as pages and on a terminal."""

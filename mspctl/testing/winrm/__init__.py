"""A WS-Management endpoint with an emulated Windows host: it proves transport and parsing alone."""

"""What a month was, read from the run log and the books: frozen values without words."""

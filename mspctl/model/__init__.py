"""The frozen nouns of mspctl; standard library only."""

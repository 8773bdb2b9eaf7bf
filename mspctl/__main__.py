"""`python -m mspctl` is the console script, for checkouts where nothing is installed."""

from mspctl.cli.main import main

if __name__ == "__main__":
    main()

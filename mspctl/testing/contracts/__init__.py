"""What each port means, as suites that an adapter's own tests inherit."""

"""What a new client's first runs come to: risks, a plan for 30, 60 and 90 days, its effort. Pure."""

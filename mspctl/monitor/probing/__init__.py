"""Questions that this machine asks the network: one file per kind, one table in `ask`.

Each gives samples and never raises for what the other side does. An answer is bounded in time and in size,
and nothing of it is trusted but as text.
"""

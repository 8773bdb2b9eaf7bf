"""mspctl: agentless maintenance for managed service providers."""

"""What integration tests share. The lab's fixtures come from mspctl.testing.pytest_lab, by the root conftest."""

"""What integration tests share: the lab's fixtures, by mspctl.testing.pytest_lab in the root conftest."""

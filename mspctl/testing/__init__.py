"""Public test tools: a lab of real hosts, fakes of the ports, contract suites for plugin authors."""

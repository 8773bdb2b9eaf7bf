"""Monitoring: questions to the network, what their answers become.

All but `probing` is pure: from samples and standings to standings and incidents.
"""

"""The break/fix desk: calls, time, what they cost under a contract, invoices, and which contract is cheaper.

Pure functions over the model: no file, no database, no clock.
"""

"""Readers of foreign inventories: each makes a Draft of one client, and notes what was not taken over."""

"""Comparing two tries: which ones, what differs in and around them, and the difference of what they wrote."""

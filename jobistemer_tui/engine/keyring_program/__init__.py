"""A program that asks the keyring."""

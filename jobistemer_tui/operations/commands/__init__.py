"""What a person can do: one verb a file, each a transaction with its event, then a word to the engine."""

"""Where everything that happened is a row: one contract, several backends (see `contract` and `open`)."""

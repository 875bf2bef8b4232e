"""What other schedulers were told, as job files. Pure: texts come in, a file and a report go out."""

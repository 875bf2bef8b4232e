"""Completion scripts for shells: the words of all commands as a table, and a program for each shell that looks into it.

A script knows every command and option by itself, so that only names of jobs and runs need a process (`cli.names`).
"""

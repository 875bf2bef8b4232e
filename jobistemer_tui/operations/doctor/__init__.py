"""What is wrong with a person's installation, and what to do: facts are gathered apart from what is made of them.

Nothing is written, nothing is started but programs that answer a question, and each probe has its time.
"""

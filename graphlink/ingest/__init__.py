"""A provider's tables -> observations, accounts, rejected rows, reference lists and labels."""

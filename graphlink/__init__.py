"""graphlink: which accounts are likely operated by one organisation, how likely, and why.

Data flows one way: source tables -> observations -> identifiers -> evidence -> links -> membership ->
clusters -> what people see. `graphlink.pipeline` is the order of the steps and the first file to read;
`graphlink.schema` holds the tables between them.
"""

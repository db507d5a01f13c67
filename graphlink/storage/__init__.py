"""Files and folders of this machine and at URLs, and writing that is whole or not at all."""

"""`python -m graphlink` is the same as `graphlink`."""

from graphlink.cli import main

if __name__ == "__main__":
    main()

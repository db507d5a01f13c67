"""What people look at, made from a result; nothing here decides anything."""

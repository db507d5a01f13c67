"""Drawing and escaping: terminal tables, charts, layouts; nothing here knows a result."""

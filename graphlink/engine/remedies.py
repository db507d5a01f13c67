"""What errors of an engine advise, in words that are right for the command, for settings and for Python."""

MORE_MEMORY = "more memory (--memory, [engine] memory in settings, EngineSettings(memory=...) in Python)"
OTHER_FOLDER = "another folder (--temp, [engine] folder in settings, EngineSettings(folder=...) in Python)"
"""For temporary files; the sentence goes on with what sort of folder."""

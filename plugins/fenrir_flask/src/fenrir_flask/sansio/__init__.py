"""The parts of the application class that do not serve requests: registration, names, folders."""

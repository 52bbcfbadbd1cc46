"""What any project has: a Dockerfile, the files to ignore, the settings of pytest."""

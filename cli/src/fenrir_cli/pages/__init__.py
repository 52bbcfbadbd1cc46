"""The pages that `fenrir run --dev` shows to browsers: an exception in a request, or why the code is not served."""

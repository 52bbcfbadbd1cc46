"""The pages that `fenrir run --dev` shows to browsers: an error of a request, or why the code is not served."""

"""An image service, written for Falcon: it runs on Falcon and, by the alias, on Fenrir."""

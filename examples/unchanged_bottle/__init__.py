"""Apps in one file each, written for Bottle."""

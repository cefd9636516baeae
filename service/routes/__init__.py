"""One module a resource: each authorises, calls and converts."""

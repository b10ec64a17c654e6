"""The demo: a recorded week of invented news, published at high speed by a web server on this machine."""

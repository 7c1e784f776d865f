"""The agent's desk: the page around the live connection and the browser's phone."""

"""What runs: the two Chalice apps, and what a laptop needs beside them."""

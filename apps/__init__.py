"""The programs: the two Chalice apps, the importer, the rebuild, and what a laptop needs beside them."""

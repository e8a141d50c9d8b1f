"""``make new-domain``: a fresh project of this repository's shape, with another domain than books.

The template is this repository: the files that git tracks, as they stand. A project is made of them
in four steps (``project``, ``building``):

1. What is the books' own is left out: files (``manifest.DROPPED``), parts of files that stay
   (``DROPPED_NAMES``, ``DROPPED_SECTIONS``, ``EDITS``), and the packages that only books need, in
   the locks too (``locks``).
2. ``seed/`` is laid over it: a tiny domain, its tests, and the README's sections about it. The seed
   is written in this repository's words: its ``Book`` is what becomes the new aggregate.
3. Words are renamed, in contents and in paths (``names``, ``renaming``).
4. ruff sorts the imports and wraps the lines, for the new words have other lengths, and the new
   services write the description of their API.

Everything is built in a folder beside the target, which it becomes at the end: nothing is left half
done.
"""

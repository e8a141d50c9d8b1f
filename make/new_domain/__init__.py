"""``make new-domain``: a fresh project of this repository's shape, with another domain in place of books.

The template is this repository: the files that git tracks, as they stand. A project is made of them in
four steps, each a pure function on a mapping of paths to contents (``project``):

1. what is the books' own is left out (``manifest.DROPPED``), also parts of files that stay (``manifest.EDITS``,
   ``manifest.DROPPED_SECTIONS``, and the packages that only books need, out of the locks: ``locks``);
2. ``seed/`` is laid over it: a tiny domain, its tests, and the README's sections about it (``documents``);
3. words are renamed, in contents and paths (``names``, ``renaming``). The seed is written in this repository's words
   too: its ``Book`` is what becomes the new aggregate;
4. ruff sorts the imports and wraps the lines, for the new words have other lengths.

Everything is built in a folder beside the target and moved there at the end, so nothing is left half done.
"""

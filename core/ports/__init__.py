"""What the engine needs of the world, as protocols, and the vocabulary that a domain is written in.

Adapters keep the promises of the protocols; the contract tests hold them to it. The vocabulary is
``decider``, ``events``, ``input``, ``listing``, ``refusals``, ``text`` and ``views``; ``domain``
puts them together. Values that only carry fields are named tuples rather than data classes: making
one takes a tenth of the time, which every cold start pays.
"""

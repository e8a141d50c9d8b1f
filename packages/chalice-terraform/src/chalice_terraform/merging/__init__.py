"""Merge the Terraform that ``chalice package`` writes into one stack for current Terraform.

``merge`` is a pure function from JSON to JSON; the command line reads the templates, calls it and
writes the result. The package uses the standard library only and imports nothing outside this
folder.

A ``Source``, the name and template of one Chalice app, passes through these stages, in the order
of merge.py:

1. Read. app.py splits the template into an ``App``: resources, Swagger document and outputs. What
   Chalice does not write is a problem: chalice_output.py declares the shape of all that it writes,
   in the words of shapes.py, so later stages need not ask for the type of a value. With a problem
   here the merge stops. blueprints.py mends what Chalice writes wrong.
2. Rename. renaming.py gives the app's resources their names in the stack (naming.py) and rewrites
   every reference to them (references.py; expressions.py parses Terraform's string templates, and
   reference_rules.py says what they may refer to). A reference to something that the stack no
   longer has is a problem, and so is a string that Terraform cannot read.
3. Translate the APIs. api_kinds.py names, for each value of ``--api``, what replaces the REST API
   in references, the options that make no sense with it, and the module that makes the
   ``Translation`` (translation.py):
   http_api.py replaces the REST APIs by HTTP APIs. rest_api.py turns the Swagger document into a
   ``RestApi``: its routes, CORS headers and security schemes (schemes.py). authorizers.py turns the
   schemes of one API's apps into its authorizers, and cors.py their CORS into its one
   configuration. What HTTP APIs lack is refused in these modules and in domains.py: API keys,
   resource policies, private endpoints, CORS on some routes only, and so on.
   kept_rest_api.py keeps them, in the form that current Terraform takes.
4. Translate the rest. resources.py maps the type of each other resource to the function that
   returns its blocks: most stay as they are; functions.py, events.py and websockets.py change
   theirs (zips.py: where a zip file is). Lambda layers of images are refused here, and so is an
   unknown type, or what exceeds one of AWS's limits (limits.py). functions.py also returns the
   variables of images.
5. Assemble. assembly.py puts the ``Block`` values of stages 3 and 4 into one template, and reports
   names that clash. shared.py adds what a module can have only once: versions, and the variables
   and data sources that the template refers to.
6. Report. Each block names the things in the sources that it comes from, its ``origins``.
   report.py compares these with all things in the sources (contents.py): so it says what became of
   each, and what the merge added. notes.py has what a user must know of the features in use.

Stages report to one ``Problems`` and go on; ``merge`` returns the template, ``merge_and_report``
the report too, or they raise one ``MergeError`` with everything reported. What is *refused*, HTTP
APIs cannot express: ``--allow-drop`` (drops.py) turns it from a problem into a line of the
template's comment.
"""

from __future__ import annotations

from .merge import Merged, merge, merge_and_report, shared_template
from .model import MergeError, Options, Source, UsageError

__all__ = [
    "MergeError",
    "Merged",
    "Options",
    "Source",
    "UsageError",
    "merge",
    "merge_and_report",
    "shared_template",
]

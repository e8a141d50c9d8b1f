"""Merge the Terraform that ``chalice package`` writes into one stack for current Terraform.

``merge`` is a pure function from JSON to JSON; the command line reads the templates, calls it and
writes the result. The package uses the standard library only and imports nothing outside this
folder.

A ``Source``, the name and template of one Chalice app, passes through these stages, in the order
of merge.py:

1. Read. app.py splits the template into an ``App``: resources, Swagger document and outputs.
   Sections that Chalice does not write are problems.
2. Rename. renaming.py gives the app's resources their names in the stack (naming.py) and rewrites
   every reference to them (references.py parses Terraform's string templates). A reference to
   something that the stack no longer has is a problem.
3. Interpret the REST API. rest_api.py turns the Swagger document into a ``RestApi``: its routes,
   CORS headers and security schemes (schemes.py). API keys, resource policies, private endpoints,
   compression and ``identityValidationExpression`` are refused here.
4. Resolve. authorizers.py turns the schemes of all apps into the authorizers of the HTTP API.
   User pools that no JWT authorizer can express are problems.
5. Translate. resources.py maps the type of each other resource to the function that returns its
   blocks: most stay as they are; functions.py, events.py, websockets.py and domains.py change
   theirs (zips.py: where a zip file is). Lambda layers of images and TLS versions before 1.2 are
   refused here, and so is an unknown type or argument. functions.py also returns the stack's
   variables.
6. Write the HTTP API. http_api.py replaces the REST APIs of all apps by one HTTP API with their
   routes; cors.py makes one CORS configuration out of the paths'. CORS on some routes only is
   refused here, and so are scopes that no JWT authorizer checks.
7. Assemble. assembly.py puts the ``Block`` values of stages 5 and 6 into one template, adds the
   data sources that it refers to, and reports names that clash.

Stages report to one ``Problems`` and go on; ``merge`` returns the template, or raises one
``MergeError`` with everything reported. What is *refused*, HTTP APIs cannot express:
``--allow-drop`` (drops.py) turns it from a problem into a line of the template's comment.
"""

from __future__ import annotations

from .merge import Merged, merge, merge_and_report, shared_template
from .model import MergeError, Options, Source

__all__ = [
    "MergeError",
    "Merged",
    "Options",
    "Source",
    "merge",
    "merge_and_report",
    "shared_template",
]

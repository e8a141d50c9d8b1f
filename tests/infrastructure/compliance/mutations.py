"""All mistakes, of all roots."""

from tests.infrastructure.compliance.mutations_of_data import PROJECTOR, TABLES
from tests.infrastructure.compliance.mutations_of_functions import FUNCTIONS, LOGS, PERMISSIONS
from tests.infrastructure.compliance.mutations_of_integration_events import INTEGRATION_EVENTS
from tests.infrastructure.compliance.mutations_of_operations import (
    ALARMS,
    EXPOSURE,
    REGISTRY,
    TAGS,
)
from tests.infrastructure.compliance.mutations_of_the_api import ORIGINS, ROUTES, STAGES
from tests.infrastructure.compliance.mutations_of_the_bootstrap import BOOTSTRAP

MUTATIONS = [
    *ROUTES,
    *STAGES,
    *ORIGINS,
    *FUNCTIONS,
    *PERMISSIONS,
    *LOGS,
    *TABLES,
    *PROJECTOR,
    *ALARMS,
    *EXPOSURE,
    *TAGS,
    *REGISTRY,
    *INTEGRATION_EVENTS,
    *BOOTSTRAP,
]

"""The publisher without a bus."""

import pytest

from core.bootstrap import process, publication, stores
from core.config import ConfigurationError, read_settings


def test_nothing_is_published_without_the_name_of_a_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings({"STORE": "memory"})
    monkeypatch.setattr(process, "settings", lambda: settings)
    monkeypatch.setattr(stores, "event_store", lambda: None)
    with pytest.raises(ConfigurationError, match="EVENT_BUS must be the name"):
        publication.publish_stream({"Records": []}, None)

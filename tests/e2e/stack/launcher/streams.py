"""What Lambda does with the records of a table's stream that ministack does not."""

import time
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc  # type: ignore[import-not-found]

JsonObject = dict[str, Any]

RETRY_SECONDS = 0.5


def batch_execution(original: Callable[..., Any]) -> Callable[..., Any]:
    """Apply partial batch responses of a function on a table's stream.

    ministack continues after a batch whatever the function reports. Lambda continues at the first
    record that is reported as failed, and sends that one to the destination when its retries
    are used up or it is too old
    (https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).
    ministack itself handles an invocation that fails as a whole: it tries again until the batch is
    too old.
    """

    def execute(function: JsonObject, event: JsonObject) -> JsonObject:
        mapping = _mapping(function, event)
        if mapping is None:
            return dict(original(function, event))
        records, tried = event["Records"], 0
        while records:
            result: JsonObject = original(function, {**event, "Records": records})
            failed = None if result.get("error") else _first_failure(result, records)
            if failed is None:
                return result
            records, tried = records[failed:], tried + 1 if failed == 0 else 1
            if condition := _why_to_discard(records[0], tried, mapping):
                lambda_svc._send_ddb_stream_failure_record(
                    mapping, function, records[:1], mapping["EventSourceArn"], result, condition
                )
                records, tried = records[1:], 0
            else:
                time.sleep(RETRY_SECONDS)
        return {**result, "body": {"batchItemFailures": []}}

    return execute


def _why_to_discard(record: JsonObject, tried: int, mapping: JsonObject) -> str | None:
    """Return why a record is not tried again, or None; -1 stands for no limit."""
    retries, age = mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]
    if retries >= 0 and tried > retries:
        return "RetryAttemptsExhausted"
    if age >= 0 and time.time() - record["dynamodb"]["ApproximateCreationDateTime"] > age:
        return "MaxRecordAgeExceeded"
    return None


def _mapping(function: JsonObject, event: Any) -> JsonObject | None:
    """Return the mapping that an event comes from, if it has partial batch responses, or None."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not records or records[0].get("eventSource") != "aws:dynamodb":
        return None
    name = (function.get("config") or function)["FunctionName"]
    found = (esm for _, _, esm in lambda_svc._iter_all_esms() if esm["FunctionName"] == name)
    mapping: JsonObject | None = next(found, None)
    asked = (mapping or {}).get("FunctionResponseTypes") or []
    return mapping if "ReportBatchItemFailures" in asked else None


def _first_failure(result: JsonObject, records: list[JsonObject]) -> int | None:
    body = result.get("body")
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    reported = {failure["itemIdentifier"] for failure in failures or []}
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    return next((at for at, number in enumerate(numbers) if number in reported), None)

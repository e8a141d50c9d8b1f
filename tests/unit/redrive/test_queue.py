"""What is asked of SQS."""

import boto3
from botocore.stub import Stubber

from apps.redrive.queue import HOLD_SECONDS, WAIT_SECONDS, Message, SqsQueue

URL = "https://sqs.us-east-2.amazonaws.com/123456789012/failures"
RECEIVED = {"MessageId": "id", "Body": "body", "ReceiptHandle": "handle"}
MESSAGE = Message("id", "body", "handle")


def test_a_message_is_held_until_it_is_deleted_or_released() -> None:
    client = boto3.session.Session("id", "secret", region_name="us-east-2").client("sqs")
    queue = SqsQueue(client, URL)
    mine = {"QueueUrl": URL, "ReceiptHandle": "handle"}
    asked = {
        "QueueUrl": URL,
        "MaxNumberOfMessages": 1,
        "WaitTimeSeconds": WAIT_SECONDS,
        "VisibilityTimeout": HOLD_SECONDS,
    }
    with Stubber(client) as sqs:
        sqs.add_response("receive_message", {"Messages": [RECEIVED]}, asked)
        sqs.add_response("change_message_visibility", {}, {**mine, "VisibilityTimeout": 0})
        sqs.add_response("receive_message", {"Messages": [RECEIVED]}, asked)
        sqs.add_response("delete_message", {}, mine)
        sqs.add_response("receive_message", {}, asked)
        assert queue.receive() == MESSAGE
        queue.release(MESSAGE)
        assert queue.receive() == MESSAGE
        queue.delete(MESSAGE)
        assert queue.receive() is None
        sqs.assert_no_pending_responses()

"""What is generated from the document meets things that exist: otherwise nearly every case would end at 404 or 422.

Each part of a case is left as it was generated some of the time, so that what does not exist is asked for too.
"""

import itertools
import json
import os
import random

import schemathesis

WORLD = json.loads(os.environ["APPORTION_WORLD"])
ORDERS = itertools.count(1)
DICE = random.Random(int(os.environ.get("APPORTION_SEED", "1")))


def happens(share):
    return DICE.random() < share


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Names of things that are there, four times in five."""
    if isinstance(path_parameters, dict):
        for name in path_parameters:
            if name in WORLD["paths"] and happens(0.8):
                path_parameters[name] = DICE.choice(WORLD["paths"][name])
    return path_parameters


@schemathesis.hook
def map_headers(context, headers):
    """A wish of its own each time, nine times in ten; the rest repeats whatever was generated."""
    if isinstance(headers, dict) and "Idempotency-Key" in headers and happens(0.9):
        headers["Idempotency-Key"] = f"case-{os.getpid()}-{next(ORDERS)}"
    return headers


@schemathesis.hook
def map_body(context, body):
    """Names and amounts that can be meant, two times in three."""
    return meant(body) if happens(0.67) else body


def meant(body, name=""):
    if isinstance(body, dict):
        return {key: meant(value, key) for key, value in body.items()}
    if isinstance(body, list):
        return [meant(item, name) for item in body]
    if isinstance(body, str) and name == "order":
        return f"order-{os.getpid()}-{next(ORDERS)}"
    if isinstance(body, str) and name in WORLD["texts"]:
        return DICE.choice(WORLD["texts"][name])
    if isinstance(body, int) and not isinstance(body, bool) and name in WORLD["numbers"]:
        return DICE.choice(WORLD["numbers"][name])
    return body


def without_reading_sources():
    """CPython 3.11 fails to parse a lambda's source from deep within a recursion, which hypothesis does to describe
    what it draws. The description is only read by people."""
    from hypothesis.internal import lambda_sources

    lambda_sources.lambda_description = lambda function: f"<{getattr(function, '__name__', 'function')}>"


without_reading_sources()

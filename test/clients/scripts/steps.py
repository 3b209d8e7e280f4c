"""Steps of a script and what came of each."""
import json
import os

given = json.loads(os.environ["CLIENT_INPUT"])
steps = {}


def step(work):
    try:
        steps[work.__name__] = {"value": work()}
    except Exception as error:
        steps[work.__name__] = {"error": type(error).__name__, "text": str(error)}
    return work


def report(client, version):
    print(json.dumps({"client": client, "version": version, "steps": steps}))


def ids(rows):
    return [int(row["ID"]) for row in rows]

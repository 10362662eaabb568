"""Plays cases that are made from the OpenAPI document against a running API, with a key of every role.

Called by tests/schemathesis, which starts the API and knows where schemathesis is installed.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
SELLERS = {"s1": 33513, "s2": 33512, "s3": 33510}
# No server error, and no answer that the document does not describe: status, media type, headers, schema.
CHECKS = ",".join([
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "ignored_auth",
])


def call(url, method, path, key, body=None, expect=(200, 201, 202)):
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"{time.monotonic_ns()}"}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    if status not in expect:
        sys.exit(f"tests/schemathesis: {method} {path} answered {status}: {text.decode()}")
    return json.loads(text) if text else None


def pays(redirect_url):
    request = urllib.request.Request(redirect_url, data=b"outcome=success", method="POST")
    opener = urllib.request.build_opener(Stays)
    try:
        opener.open(request, timeout=20).close()
    except urllib.error.HTTPError as error:
        if error.code >= 400:
            sys.exit(f"tests/schemathesis: the buyer could not pay: {error.code}")


class Stays(urllib.request.HTTPRedirectHandler):
    """The buyer is sent back to a shop that does not exist."""

    def redirect_request(self, *_):
        return None


def cart():
    return {
        "currency": "EUR",
        "lines": [
            {"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 2, "unit_price": 1999},
            {"id": "l2", "seller": "s2", "name": "Rug", "quantity": 1, "unit_price": 4250},
        ],
        "shipping": [{"seller": "s1", "amount": 490}],
    }


def furnish(url, admin):
    """Sellers, keys, and payments in every state that is reached without a fault."""
    rules = {"rules": [{"percent_bp": 1500, "applies_to": "items"}]}
    call(url, "PUT", "/v1/fee_plans/standard", admin, rules)
    for seller, site in SELLERS.items():
        body = {"name": seller, "site_id": site, "fee_plan": "standard", "status": "active"}
        call(url, "PUT", f"/v1/sellers/{seller}", admin, body)
    keys = {}
    for role in ["storefront", "ops", "seller", "admin"]:
        body = {"role": role, "principal": f"{role}-cases"} | ({"seller": "s1"} if role == "seller" else {})
        keys[role] = call(url, "POST", "/v1/api_keys", admin, body)["key"]
    spare = call(url, "POST", "/v1/api_keys", keys["admin"], {"role": "ops", "principal": "spare"})["id"]
    payments = [sold(url, keys, number) for number in range(12)]
    refunds = [
        call(url, "POST", f"/v1/payments/{payment['id']}/refunds", keys["ops"], {"seller": "s1", "amount": 100})["id"]
        for payment in payments if payment["status"] == "captured"
    ]
    ids = [payment["id"] for payment in payments]
    inside = [name.removeprefix("pay_") for name in ids]
    world = {
        "paths": {
            "payment": ids,
            "refund": refunds,
            "split": [split["id"] for payment in payments for split in payment["splits"]],
            "operation": [f"op_{name}_1" for name in inside],
            "discrepancy": [f"dis_{name}_1" for name in inside],
            "seller": list(SELLERS),
            "plan": ["standard"],
            "version": ["1"],
            "customer": ["customer-7"],
            "key": [spare],
        },
        "texts": {
            "seller": list(SELLERS), "currency": ["EUR"], "line": ["l1", "l2"], "fee_plan": ["standard"],
            "return_url": ["https://shop.example/thanks"], "country": ["RO"], "email": ["ana@example.org"],
            "shipping": list(SELLERS), "split": [split["id"] for split in payments[0]["splits"]],
            "settled_on": ["2026-01-31"], "funded_by": ["seller", "marketplace"], "capture": ["automatic", "manual"],
            "applies_to": ["items", "items_and_shipping"], "commission_on_refund": ["return", "keep"],
            "commission": ["return", "keep"], "rest": ["commission"], "split_mode": ["now", "later"],
            "status": ["active", "suspended"], "role": ["ops", "storefront"],
        },
        "numbers": {
            "amount": [1, 2, 50, 490, 1000], "quantity": [1, 2], "unit_price": [1, 1999, 4250], "method_id": [9, 40],
            "percent_bp": [0, 100, 1500], "token_lifetime_minutes": [10], "site_id": list(SELLERS.values()),
        },
    }
    return keys, world


def sold(url, keys, number):
    body = {
        "order": f"sold-{number}", "cart": cart(), "method_id": 40 if number % 3 == 0 else 9, "capture": "manual",
        "return_url": "https://shop.example/thanks", "customer": {"id": "customer-7"},
        "billing_address": {"country": "RO"},
    }
    if number % 3:
        body["capture"] = "automatic"
    payment = call(url, "POST", "/v1/payments", keys["storefront"], body)
    if number % 4 == 3 or not payment.get("redirect_url"):
        return payment
    pays(payment["redirect_url"])
    for _ in range(100):
        payment = call(url, "GET", f"/v1/payments/{payment['id']}", keys["ops"])
        if payment["status"] in ("captured", "authorized"):
            break
        time.sleep(0.1)
    return payment


def play(role, key, options, world):
    """One role's cases, and what was wrong with them: first anything, then only what the document calls right."""
    found = {"role": role, "cases": 0, "failures": 0, "statuses": {}, "broken": []}
    for name, only in [("all", []), ("right", ["--mode", "positive", "--phases", "fuzzing"])]:
        run = once(Path(options.folder) / role / name, role, key, options, world, only)
        for status, count in run["statuses"].items():
            found["statuses"][status] = found["statuses"].get(status, 0) + count
        found["cases"] += run["cases"]
        found["failures"] += run["failures"]
        found["broken"] += run["broken"]
    return found


def once(folder, role, key, options, world, only):
    folder.mkdir(parents=True, exist_ok=True)
    junit, seen = folder / "report.xml", folder / "events.ndjson"
    command = [
        options.schemathesis, "run", f"{options.url}/openapi.json", "--checks", CHECKS, "--seed", str(options.seed),
        "--max-examples", str(options.examples), "--workers", str(options.workers), "--continue-on-failure",
        "--no-shrink", "--suppress-health-check", "all", "--warnings", "off",
        "--report", "junit,ndjson", "--report-junit-path", str(junit), "--report-ndjson-path", str(seen),
        "--request-timeout", "20", "--generation-database", "none", *(only or ["--phases", "examples,coverage,fuzzing"]),
    ]
    if options.seconds:
        command += ["--max-time", str(options.seconds)]
    if role == "gateway":
        secret = base64.b64encode(f"30201:{options.gateway_key}".encode()).decode()
        command += ["--header", f"Authorization: Basic {secret}", "--include-path", "/gateway/notifications"]
    else:
        command += ["--exclude-path", "/gateway/notifications"]
        if key:
            command += ["--header", f"Authorization: Bearer {key}"]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "APPORTION_WORLD": json.dumps(world),
        "APPORTION_SEED": str(options.seed),
    }
    with open(folder / "out.txt", "w", encoding="utf-8") as out:
        code = subprocess.run(command, env=environment, cwd=folder, stdout=out, stderr=out, check=False).returncode
    statuses, cases = counted(seen)
    failures = 0
    if junit.exists():
        failures = sum(1 for _ in ElementTree.parse(junit).iter("failure"))
        failures += sum(1 for _ in ElementTree.parse(junit).iter("error"))
    broken = [str(folder / "out.txt")] if code or failures else []
    return {"cases": cases, "failures": failures, "statuses": statuses, "broken": broken}


def counted(path):
    """How many requests were answered, by status."""
    statuses, cases = {}, 0
    if not path.exists():
        return statuses, cases
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        recorder = next(iter(event.values())).get("recorder") or {}
        for interaction in (recorder.get("interactions") or {}).values():
            cases += 1
            status = str((interaction.get("response") or {}).get("status_code", "none"))
            statuses[status] = statuses.get(status, 0) + 1
    return dict(sorted(statuses.items())), cases


def main():
    parser = argparse.ArgumentParser()
    for name in ["url", "admin-key", "gateway-key", "schemathesis", "folder"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--examples", type=int, default=60)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-least", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    keys, world = furnish(options.url, options.admin_key)
    roles = [(role, keys[role]) for role in ["ops", "storefront", "seller", "admin"]]
    roles += [("none", None), ("gateway", None)]
    with ThreadPoolExecutor(max_workers=options.workers) as pool:
        found = list(pool.map(lambda role: play(*role, options, world), roles))
    cases = sum(one["cases"] for one in found)
    failures = sum(one["failures"] for one in found)
    if options.json:
        print(json.dumps({"seed": options.seed, "cases": cases, "failures": failures, "roles": found}, indent=2))
    else:
        for one in found:
            told = ", ".join(f"{status}: {count}" for status, count in sorted(one["statuses"].items()))
            print(f"{one['cases']:>8}  {one['role']}: {one['failures']} failures ({told})")
        print(f"{cases:>8}  cases, {failures} failures; seed {options.seed}")
    broken = [path for one in found for path in one["broken"]]
    for path in broken:
        sys.stderr.write(Path(path).read_text(encoding="utf-8"))
    if cases < options.at_least:
        sys.exit(f"tests/schemathesis: only {cases} cases; at least {options.at_least} were to be played")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

"""Reads the output of `cargo metadata`, and prints the dependencies of toss-sdk and toss-sandbox that need a newer Rust
than FLOOR."""

import json, os, sys

data = json.load(sys.stdin)
floor = tuple(int(part) for part in os.environ["FLOOR"].split("."))
packages = {package["id"]: package for package in data["packages"]}
nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
roots = [p["id"] for p in data["packages"] if p["name"] in ("toss-sdk", "toss-sandbox") and p["source"] is None]
seen, todo = set(), list(roots)
while todo:
    at = todo.pop()
    if at in seen:
        continue
    seen.add(at)
    for dependency in nodes[at]["deps"]:
        if any(kind["kind"] in (None, "build") for kind in dependency["dep_kinds"]):
            todo.append(dependency["pkg"])
newer = []
for at in seen:
    wants = packages[at]["rust_version"]
    if wants and tuple(int(part) for part in wants.split("."))[:2] > floor[:2]:
        newer.append(f"{packages[at]['name']} {packages[at]['version']} needs Rust {wants}")
print("\n".join(sorted(newer)) or f"none of {len(seen)} crates needs a newer Rust than {os.environ['FLOOR']}")
sys.exit(bool(newer))

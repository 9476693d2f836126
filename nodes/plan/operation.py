"""What an operator runs nodes with: units for systemd, and where Prometheus finds the nodes."""

import json
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from ledger.errors import JsonValue, OperatorError
from nodes.key_files import write_durable, writing
from nodes.network.fork_server import ENVIRONMENT
from nodes.node.files import NetworkFile

UNIT = "tallystick-{member}.service"
_UNIT = """\
# Node {member}. Once on its host, as root, with the folder that this file lies in moved to {place}:
#   useradd --system --user-group tallystick
#   chown -R tallystick:tallystick {shell_place}
#   systemctl enable --now {shell_place}/{name}
[Unit]
Description=Tallystick node {member}
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User=tallystick
ExecStart={quoted_python} -m nodes.node.process {quoted_place}
{environment}
Restart=on-failure
RestartSec=5
TimeoutStopSec=30
UMask=0077
LimitNOFILE=65536
ReadWritePaths={quoted_place}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
"""
_PROMETHEUS = """\
# prometheus --config.file=prometheus.yml
global:
  scrape_interval: 15s
scrape_configs:
  - job_name: tallystick
    file_sd_configs:
      - files: [targets.json]
    tls_config:
      ca_file: {roots}
"""


def unit_text(member: str, place: str, python: str) -> str:
    """The unit of a node whose folder lies at `place` on its host, run by the interpreter `python` there."""
    return _UNIT.format(
        member=member,
        name=UNIT.format(member=member),
        environment="\n".join(f"Environment={name}={value}" for name, value in ENVIRONMENT.items()),
        place=place,
        shell_place=shlex.quote(place),
        quoted_place=_quoted(place),
        quoted_python=_quoted(python),
    )


def _quoted(path: str) -> str:
    if not path.startswith("/"):  # check: unit-absolute
        raise OperatorError("wrong-use", f"systemd takes no path that is not absolute: {path!r:.200}. Begin it with /.")
    if bad := [letter for letter in path if letter < " " or letter in '"$%\\']:  # check: unit-path
        raise OperatorError("wrong-use", f"systemd reads {bad[0]!r} in a path as something else: {path!r:.200}. Choose another.")
    return f'"{path}"'


def monitoring_files(folder: Path, network: NetworkFile, roots: str) -> None:
    """Writes prometheus.yml and targets.json; `roots` is the file of root certificates, relative to the folder."""
    targets: list[JsonValue] = []
    for node in network.nodes:
        url = urlsplit(node.url)
        labels: dict[str, JsonValue] = {"__scheme__": url.scheme, "member": node.member}
        targets.append({"targets": [url.netloc], "labels": {**labels, "organization": node.member.partition(".")[0]}})
    with writing(folder):
        folder.mkdir(exist_ok=True)
    write_durable(folder / "targets.json", json.dumps(targets, indent=2).encode() + b"\n")
    write_durable(folder / "prometheus.yml", _PROMETHEUS.format(roots=roots).encode())

"""The manifests for Kubernetes, as far as they can be judged without a cluster."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from crossdock.cli.run_command import runnable_services
from crossdock.cli.settings import Connection
from tests.tidy.tree import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
LISTED: list[str] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
Manifest = dict[str, Any]
MANIFESTS: list[Manifest] = [
    one for name in LISTED for one in yaml.safe_load_all((FOLDER / name).read_text())
]
APIS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "Service": "v1",
    "ConfigMap": "v1",
    "PodDisruptionBudget": "policy/v1",
}
RUNNING = [one for one in MANIFESTS if one["kind"] in ("Deployment", "StatefulSet")]
PODS = [one for one in MANIFESTS if "template" in one.get("spec", {})]
SECRETS = {"crossdock", "crossdock-ingest"}
"""Named in the README, made by whoever installs it."""


def name_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"])


def container(manifest: Manifest) -> Manifest:
    (only,) = manifest["spec"]["template"]["spec"]["containers"]
    return dict(only)


def service_of(manifest: Manifest) -> str:
    return str(container(manifest)["args"][1])


def test_every_manifest_is_listed_and_of_a_known_kind() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(LISTED) == files
    assert [
        (one["kind"], one["apiVersion"]) for one in MANIFESTS if APIS[one["kind"]] != one["apiVersion"]
    ] == []
    names = [(one["kind"], name_of(one)) for one in MANIFESTS]
    assert len(set(names)) == len(names)


def test_every_service_runs_once_and_workers_have_an_identity() -> None:
    assert sorted(map(service_of, RUNNING)) == sorted(runnable_services())
    for one in RUNNING:
        is_worker = (ROOT / "services" / service_of(one) / "crossdock").glob("*/topology.py")
        assert (one["kind"] == "StatefulSet") == any(is_worker)


def test_ordinal_of_a_worker_is_the_index_of_its_pod() -> None:
    for one in (found for found in RUNNING if found["kind"] == "StatefulSet"):
        (ordinal,) = [v for v in container(one)["env"] if v["name"] == "CROSSDOCK_ORDINAL"]
        path = ordinal["valueFrom"]["fieldRef"]["fieldPath"]
        assert path == "metadata.labels['apps.kubernetes.io/pod-index']"
        assert one["spec"]["serviceName"] in {name_of(s) for s in MANIFESTS if s["kind"] == "Service"}


@pytest.mark.parametrize("manifest", PODS, ids=name_of)
def test_pod_has_no_rights_that_it_does_not_need(manifest: Manifest) -> None:
    pod = manifest["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 10001)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    security = container(manifest)["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("manifest", PODS, ids=name_of)
def test_pod_asks_for_what_it_needs_and_is_kept_within_bounds(manifest: Manifest) -> None:
    resources = container(manifest)["resources"]
    assert {"cpu", "memory"} <= set(resources["requests"])
    assert "memory" in resources["limits"]


@pytest.mark.parametrize("manifest", PODS, ids=name_of)
def test_image_is_that_of_the_compose_file(manifest: Manifest) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert container(manifest)["image"] == compose["services"]["normalize"]["image"]


@pytest.mark.parametrize("manifest", RUNNING, ids=name_of)
def test_service_is_probed_on_the_port_that_it_listens_on(manifest: Manifest) -> None:
    inside = container(manifest)
    (port,) = inside["ports"]
    stated = {v["name"]: v.get("value") for v in inside["env"]}
    (listening,) = [value for name, value in stated.items() if name.endswith("_PORT")]
    (host,) = [value for name, value in stated.items() if name.endswith("_HOST")]
    assert (str(port["containerPort"]), host) == (listening, "0.0.0.0")
    assert inside["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": port["name"]}
    assert inside["livenessProbe"]["httpGet"] == {"path": "/livez", "port": port["name"]}
    assert inside["startupProbe"]["failureThreshold"] * inside["startupProbe"]["periodSeconds"] >= 60
    assert manifest["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= 30


def variables(manifest: Manifest) -> dict[str, str]:
    """Variables of a container, those of the shared map included; a pod's index is a number."""
    inside = container(manifest)
    (shared,) = [one for one in MANIFESTS if one["kind"] == "ConfigMap"]
    assert {"configMapRef": {"name": name_of(shared)}} in inside["envFrom"]
    own = {one["name"]: one.get("value", "0") for one in inside.get("env", ())}
    return {**shared["data"], **own}


@pytest.mark.parametrize("manifest", RUNNING, ids=name_of)
def test_environment_is_what_the_settings_know_and_accept(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = import_module(f"crossdock.{service_of(manifest).replace('-', '_')}.settings")
    (kind,) = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == module.__name__
    ]
    given = variables(manifest)
    prefix = str(kind.model_config.get("env_prefix"))
    fields = kind.model_fields.items()
    assert set(given) <= {str(field.validation_alias or prefix + name.upper()) for name, field in fields}
    (tmp_path / "tokens.json").write_text('{"tokens": []}')
    for name, value in given.items():
        monkeypatch.setenv(name, value.replace("/secrets", str(tmp_path)))
    kind()


def test_topics_job_knows_where_kafka_is(monkeypatch: pytest.MonkeyPatch) -> None:
    (job,) = [one for one in MANIFESTS if one["kind"] == "Job"]
    for name, value in variables(job).items():
        monkeypatch.setenv(name, value)
    assert Connection({}).settings.bootstrap_servers == "kafka:9092"


@pytest.mark.parametrize("manifest", PODS, ids=name_of)
def test_labels_match_and_what_is_mounted_or_referred_to_is_there(manifest: Manifest) -> None:
    template = manifest["spec"]["template"]
    selected = manifest["spec"].get("selector", {}).get("matchLabels", template["metadata"]["labels"])
    assert template["metadata"]["labels"] == selected == manifest["metadata"]["labels"]
    volumes = {one["name"]: one for one in template["spec"].get("volumes", ())}
    assert {one["name"] for one in container(manifest).get("volumeMounts", ())} == set(volumes)
    secrets = {one["secret"]["secretName"] for one in volumes.values() if "secret" in one}
    secrets |= {one["secretRef"]["name"] for one in container(manifest)["envFrom"] if "secretRef" in one}
    assert secrets <= SECRETS
    readme = (FOLDER / "README.md").read_text()
    assert all(f"secret generic {name} " in readme for name in secrets)


def test_services_and_budgets_select_pods_that_exist() -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in RUNNING]
    for one in MANIFESTS:
        if one["kind"] == "Service":
            assert one["spec"]["selector"] in labels
        if one["kind"] == "PodDisruptionBudget":
            assert one["spec"]["selector"]["matchLabels"] in labels

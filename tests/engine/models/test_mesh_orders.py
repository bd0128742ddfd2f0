# SPDX-License-Identifier: GPL-3.0-or-later
"""Models that change a mesh, and orders for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from scenario_addon.engine.errors import InputError, MeshError, ParamError
from scenario_addon.engine.ledger.job import new_job
from scenario_addon.engine.ledger.record import dump, load
from scenario_addon.engine.models.catalogue import BUILTIN_IDS, Catalogue
from scenario_addon.engine.models.model import Model
from scenario_addon.engine.models.order import Request, draft, make_order
from scenario_addon.engine.values import PLACEHOLDER, AssetId, HeldMesh, Order, SourceMesh
from tests.engine.listed_models import client_with, listed
from tests.engine.mesh_samples import glb_grid, mesh_file
from tests.engine.model_samples import file_input, model_with, record
from tests.engine.picture_samples import save_picture
from tests.engine.workbench import Workbench

ALWAYS: Final = {"always": True}
HELD: Final = HeldMesh(asset_id=AssetId("asset_held"), name="chair", mime="model/gltf-binary", faces=500)


def mesh_input(name: str = "model", **entry: Any) -> dict[str, Any]:
    return {"name": name, "type": "file", "kind": "3d", "required": ALWAYS, **entry}


def refiner(*inputs: dict[str, Any], **fields: Any) -> Model:
    return model_with(*(inputs or (mesh_input(),)), capabilities=["3d23d"], **fields)


def order_of(model: Model, folder: Path, **request: Any) -> Order:
    return make_order(model, Request(**request), work_folder=folder)[0]


@pytest.mark.parametrize("name", ["model", "mesh", "file3d", "whatever"])
def test_the_mesh_is_found_by_its_kind_whatever_it_is_called(name: str) -> None:
    model = refiner(file_input("image"), mesh_input(name))
    assert model.mesh is not None
    assert model.mesh.name == name
    assert model.source is not None
    assert model.source.name == "image"


def test_of_several_the_one_that_is_required_is_meant() -> None:
    optional = {**mesh_input("like"), "required": None}
    assert refiner(optional, mesh_input("model")).mesh == refiner(mesh_input("model")).mesh
    assert refiner(optional).mesh is not None
    assert model_with(file_input("image")).mesh is None


@pytest.mark.parametrize(
    ("capabilities", "inputs", "begins"),
    [
        (["3d23d"], [mesh_input()], True),
        (["3d23d"], [], True),
        (["img23d"], [file_input("image")], False),
        (["img23d", "3d23d"], [], False),
        (["img23d", "3d23d"], [file_input("image"), {**mesh_input(), "required": None}], False),
        (["img23d"], [mesh_input()], True),
        (["img2img"], [file_input("image")], False),
    ],
)
def test_a_list_can_tell_which_models_change_a_mesh(
    capabilities: list[str], inputs: list[dict[str, Any]], begins: bool
) -> None:
    assert model_with(*inputs, capabilities=capabilities).begins_with_mesh is begins


def test_models_that_change_a_mesh_are_no_choice_for_a_picture(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path, "scope")
    entries = [listed("a"), listed("b", capabilities=["3d23d"]), listed("c", capabilities=["img2img"])]
    everything = catalogue.refresh(client_with(entries))
    assert [model.id for model in everything] == [*BUILTIN_IDS, "a", "b"]
    assert [model.id for model in catalogue.generators()] == [*BUILTIN_IDS, "a"]
    assert [model.id for model in catalogue.refiners()] == ["b"]


def test_what_a_record_says_of_the_mesh_is_its_limit() -> None:
    described = mesh_input(description="OBJ or FBX, at most 100k faces", maxSize=1000)
    limits = refiner(described, shortDescription="Low poly. Takes up to 44 000 faces.").mesh_limits
    assert (limits.formats, limits.max_bytes, limits.max_faces) == (frozenset({"obj", "fbx"}), 1000, 44_000)


def test_the_usual_time_is_that_of_changing_a_mesh() -> None:
    variants = [
        {"capability": name, "variantKey": name, "totalLatencyP50Sec": seconds}
        for name, seconds in (("txt2img", 3), ("3d23d", 40))
    ]
    assert refiner(performanceStats={"default": "txt2img", "variants": variants}).expected_s == 40


def test_a_file_is_looked_at_and_named_by_its_content(tmp_path: Path) -> None:
    file = mesh_file(tmp_path / "chair.glb")
    order = order_of(refiner(), tmp_path, mesh=file.path)
    (entry,) = order.meshes
    assert entry.mesh == file
    assert order.files() == (file,)
    assert order.body({file.sha256: AssetId("asset_1")}) == {"model": "asset_1"}
    same = mesh_file(tmp_path / "copy.glb")
    other = mesh_file(tmp_path / "other.glb", glb_grid(bend=0.5))
    assert order_of(refiner(), tmp_path, mesh=same.path, name="x").identity == order.identity
    assert order_of(refiner(), tmp_path, mesh=other.path).identity != order.identity
    assert order_of(refiner(), tmp_path, mesh=other.path).price_key == order.price_key


def test_a_file_that_was_looked_at_is_not_read_again_and_held_to_the_same_limits(tmp_path: Path) -> None:
    file = mesh_file(tmp_path / "chair.glb")
    wanted = order_of(refiner(), tmp_path, mesh=file.path)
    file.path.unlink()
    assert order_of(refiner(), tmp_path, mesh=file) == wanted
    assert draft(refiner(), Request(mesh=file)) == {"model": PLACEHOLDER}
    with pytest.raises(MeshError, match="faces and"):
        order_of(refiner(mesh_input(description="At most 100 faces.")), tmp_path, mesh=file)
    with pytest.raises(MeshError, match="is GLB and"):
        order_of(refiner(mesh_input(description="Takes OBJ or FBX only.")), tmp_path, mesh=file)


def test_what_the_service_has_is_named_by_its_id_and_not_uploaded(tmp_path: Path) -> None:
    order = order_of(refiner(), tmp_path, mesh=(HELD,))
    assert order.files() == ()
    assert order.body({}) == {"model": "asset_held"}
    other = HeldMesh(asset_id=AssetId("asset_other"), name="chair")
    assert order_of(refiner(), tmp_path, mesh=(other,)).identity != order.identity
    assert order_of(refiner(), tmp_path, mesh=(other,)).price_key != order.price_key


def test_a_list_input_gets_a_list(tmp_path: Path) -> None:
    model = refiner(mesh_input("meshes", type="file_array"))
    assert order_of(model, tmp_path, mesh=(HELD,)).body({}) == {"meshes": ["asset_held"]}
    assert draft(model, Request(mesh=Path("a.glb"))) == {"meshes": [PLACEHOLDER]}


def test_a_model_of_both_gets_the_mesh_and_the_picture(tmp_path: Path) -> None:
    model = refiner(mesh_input(), file_input("image", required=ALWAYS))
    picture, file = save_picture(tmp_path / "a.png"), mesh_file(tmp_path / "chair.glb")
    order = order_of(model, tmp_path, mesh=file.path, images=(picture,))
    (image,) = order.images()
    assert order.files() == (image, file)
    assert order.body({image.sha256: AssetId("asset_i"), file.sha256: AssetId("asset_m")}) == {
        "image": "asset_i",
        "model": "asset_m",
    }
    with pytest.raises(ParamError, match="image is missing"):
        order_of(model, tmp_path, mesh=file.path)


def test_a_draft_has_a_stand_in_for_a_file_and_the_id_of_what_is_held() -> None:
    assert draft(refiner(), Request(mesh=Path("not there.glb"))) == {"model": PLACEHOLDER}
    assert draft(refiner(), Request(mesh=(HELD,))) == {"model": "asset_held"}


@pytest.mark.parametrize(
    ("model", "request_", "told"),
    [
        (refiner(), Request(), "Test changes a mesh, and none is given: give one, or choose another model."),
        (
            model_with(file_input("image")),
            Request(mesh=(HELD,)),
            "Test takes no mesh: choose a model that changes one, or give a picture.",
        ),
        (
            refiner(),
            Request(mesh=(HELD,), values={"model": "a.glb"}),
            "model: the mesh that is changed is no parameter: give it as the mesh.",
        ),
        (refiner(), Request(mesh=(HELD,), images=(Path("a.png"),)), "Test takes no picture"),
        (
            refiner(mesh_input(description="at most 499 faces")),
            Request(mesh=(HELD,)),
            "chair has 500 faces and Test takes 499: reduce them first.",
        ),
        (
            refiner(mesh_input(description="An FBX")),
            Request(mesh=(HELD,)),
            "chair is GLB and Test takes FBX: export it as that first.",
        ),
    ],
)
def test_what_does_not_go_together_is_said(model: Model, request_: Request, told: str) -> None:
    for check in (lambda: make_order(model, request_, work_folder=Path()), lambda: draft(model, request_)):
        with pytest.raises(InputError) as refused:
            check()
        assert refused.value.user_message.startswith(told)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.glb").write_bytes(b"glTF")
    with pytest.raises(MeshError, match="is not a GLB file"):
        order_of(refiner(), tmp_path, mesh=tmp_path / "a.glb")


@pytest.mark.parametrize("is_held", [False, True])
def test_the_ledger_gives_back_what_it_got(tmp_path: Path, is_held: bool) -> None:
    mesh = (HELD,) if is_held else mesh_file(tmp_path / "chair.glb").path
    job = new_job(order_of(refiner(), tmp_path, mesh=mesh), scope="s")
    read = load(dump(job))
    assert read == job
    assert isinstance(read.order.meshes[0].mesh, HeldMesh if is_held else SourceMesh)


def test_an_order_of_a_ledger_that_knew_no_meshes_is_the_same_order(tmp_path: Path) -> None:
    adapter = TypeAdapter(Order)
    model = model_with(file_input("image", required=ALWAYS))
    order = order_of(model, tmp_path, images=(save_picture(tmp_path / "a.png"),))
    old = adapter.dump_python(order, mode="json")
    del old["meshes"]
    assert adapter.validate_python(old) == order
    assert adapter.validate_python(old).identity == order.identity


def test_every_model_of_the_stand_in_that_changes_meshes_says_what_it_takes(bench: Workbench, tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path, "scope")
    catalogue.refresh(bench.client)
    models = {model.id: catalogue.fetch(model.id, bench.client) for model in catalogue.refiners()}
    assert len(models) == 6
    assert all(model.mesh is not None and model.begins_with_mesh for model in models.values())
    limits = {model_id: model.mesh_limits for model_id, model in models.items()}
    assert limits["model_meshy-uv-unwrap"].max_faces == 44_000
    assert limits["model_meshy-remesh"].max_faces is None
    assert limits["model_meshy-remesh"].formats == {"glb", "obj"}
    tencent = limits["model_tencent-smarttopology"]
    assert (tencent.formats, tencent.max_faces, tencent.max_bytes) == ({"obj", "fbx"}, 100_000, 52_428_800)


def test_a_record_of_both_kinds_is_read() -> None:
    assert {entry.kind for entry in record(mesh_input(), file_input("image")).inputs} == {"3d", "image"}

# SPDX-License-Identifier: GPL-3.0-or-later
"""A model's name says what it does to a mesh."""

import pytest

from scenario_addon.engine.models.words.refinements import Refinement, refinement_of


@pytest.mark.parametrize(
    ("model_id", "name", "expected"),
    [
        ("model_tripo-retopology", "Tripo Retopology", "Retopology"),
        ("model_meshy-remesh", "Meshy Remesh", "Retopology"),
        ("model_tencent-smarttopology", "Tencent Smart Topology", "Retopology"),
        ("model_meshy-7-retexture", "Meshy 7 Retexture", "Texture"),
        ("model_tripo-v3-0-texturing", "Tripo 3.0 Texturing", "Texture"),
        ("model_tripo-stylization", "Tripo Stylization", "Texture"),
        ("model_hitem-3d-multicolor", "Hitem3D Multicolor", "Texture"),
        ("model_meshy-uv-unwrap", "Meshy UV Unwrap", "UVs"),
        ("model_tencent-uv-unwrapping", "", "UVs"),
        ("model_meshy-rigging", "Meshy Rigging", "Rig"),
        ("model_cartwheel-character-rigging", "Cartwheel Character Rigging", "Rig"),
        ("model_meshy-animation", "Meshy Animation", "Animation"),
        ("model_cartwheel-text-to-motion", "Cartwheel Text to Motion", "Animation"),
        ("model_tripo-segmentation-v2", "Tripo Segmentation 2", "Parts"),
        ("model_hunyuan-3d-part", "Hunyuan 3D Part", "Parts"),
        ("model_rodin-hyper3d-bang", "Rodin Bang", "Parts"),
        ("model_ultrashape-1-0", "UltraShape 1.0", "Other"),
        ("model_meta-sam-3d-align", "SAM 3D Align", "Other"),
    ],
)
def test_a_model_says_by_its_name_what_it_does(model_id: str, name: str, expected: str) -> None:
    assert refinement_of(model_id, name) is Refinement(expected)


def test_a_name_that_says_nothing_leaves_it_to_the_description_and_there_to_what_comes_first() -> None:
    told = "Retopologizes a mesh into clean quads and bakes its texture anew."
    assert refinement_of("model_x-1", "Forge X", told) is Refinement.RETOPOLOGY
    assert refinement_of("model_x-1", "Forge X", "Paints a texture, and can remesh first.") is Refinement.TEXTURE


def test_a_name_counts_more_than_the_description() -> None:
    assert refinement_of("model_y", "Quick Rig", "Segments, retextures and rigs a mesh.") is Refinement.RIG

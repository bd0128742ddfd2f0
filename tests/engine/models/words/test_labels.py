# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of inputs and values as an artist reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario_addon.engine.models.words.labels import apart, is_raw, label_of, title


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("faceCount", "Face Count"),
        ("target_face_num", "Target Face Count"),
        ("numImages", "Number of Images"),
        ("num_inference_steps", "Number of Inference Steps"),
        ("maxNumTokens", "Max Tokens"),
        ("numberOfFaces", "Number of Faces"),
        ("enablePbr", "Enable PBR"),
        ("PBRMaterials", "PBR Materials"),
        ("generateUvs", "Generate UVs"),
        ("UVs", "UVs"),
        ("bakeUVsTwice", "Bake UVs Twice"),
        ("uvMap", "UV Map"),
        ("uv2", "UV 2"),
        ("lodCount", "LOD Count"),
        ("numLODs", "Number of LODs"),
        ("texture4k", "Texture 4K"),
        ("4kTexture", "4K Texture"),
        ("hdTexture", "HD Texture"),
        ("use3DModel", "Use 3D Model"),
        ("model3d", "Model 3D"),
        ("img23d", "Image to 3D"),
        ("txt2img", "Text to Image"),
        ("TAPose", "T/A-Pose"),
        ("forceTPose", "Force T-Pose"),
        ("t_pose", "T-Pose"),
        ("a-pose", "A-Pose"),
        ("aiModel", "AI Model"),
        ("exportGlb", "Export GLB"),
        ("fbx", "FBX"),
        ("gltf", "glTF"),
        ("outputFBXFile", "Output FBX File"),
        ("loraScale", "LoRA Scale"),
        ("texSlatGuidanceRescale", "Texture SLAT Guidance Rescale"),
        ("lowpoly", "Low Poly"),
        ("levels-of-detail", "Levels of Detail"),
        ("FAST_TRUE", "Fast True"),
        ("ULTIMA8K", "Ultima 8K"),
        ("REAL4K", "Real 4K"),
        ("ON", "On"),
        ("PBR", "PBR"),
        ("2k", "2K"),
        ("18K Quad", "18K Quad"),
        ("extra-low", "Extra Low"),
        ("Gen-2.5-Extreme-High", "Gen 2.5 Extreme High"),
        ("1536pro", "1536 Pro"),
        ("original_image", "Original Image"),
        ("v2", "V2"),
        ("1024", "1024"),
        ("größe", "Größe"),
        ("颜色", "颜色"),
        ("", ""),
        ("__", ""),
    ],
)
def test_a_raw_name_reads_as_words(name: str, expected: str) -> None:
    assert title(name) == expected


@pytest.mark.parametrize(
    ("name", "label", "known", "expected"),
    [
        ("texSlatGuidanceStrength", None, "Texture Guidance", "Texture Guidance"),
        ("texSlatGuidanceStrength", "", "Texture Guidance", "Texture Guidance"),
        ("texSlatGuidanceStrength", "Tex Slat Guidance Strength", "Texture Guidance", "Texture Guidance"),
        ("TAPose", "tapose", "T/A-Pose", "T/A-Pose"),
        ("TAPose", "ta_pose", None, "T/A-Pose"),
        ("faceCount", "target_faces", "Faces", "Faces"),
        ("faceCount", "target_faces", None, "Target Faces"),
        ("faceCount", "How Many Faces", "Faces", "How Many Faces"),
        ("faceCount", "Dreieckszahl", "Faces", "Dreieckszahl"),
        ("enablePbr", "Enable Pbr", None, "Enable PBR"),
        ("__", None, None, "__"),
        ("", " ", None, "Unnamed"),
    ],
)
def test_a_label_that_says_no_more_than_the_name_gives_way(
    name: str, label: str | None, known: str | None, expected: str
) -> None:
    assert label_of(name, label, known) == expected


def test_words_are_no_raw_name() -> None:
    assert not is_raw("Texture Guidance", "texSlatGuidanceStrength")
    assert not is_raw("Ultra", "ultraMode")
    assert is_raw("ultra_mode", "ultra")


def test_labels_that_read_the_same_are_told_apart_by_their_names() -> None:
    assert apart(["Quality", "Quality", "Seed"], ["textureQuality", "geometryQuality", "seed"]) == [
        "Texture Quality", "Geometry Quality", "Seed",
    ]  # fmt: skip
    assert apart(["Size", "size"], ["a_b", "aB"]) == ["Size (a_b)", "size (aB)"]
    assert apart(["Geometry", "Geometry", "Top Size"], ["topSize", "x", "y"]) == ["Geometry (topSize)", "X", "Top Size"]


@given(st.lists(st.text(max_size=12), unique=True, max_size=6))
def test_any_name_becomes_one_line_and_no_two_the_same(names: list[str]) -> None:
    labels = apart([label_of(name, None) for name in names], names)
    assert all(label and "\n" not in label and len(label) <= 420 for label in labels)

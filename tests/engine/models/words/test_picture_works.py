# SPDX-License-Identifier: GPL-3.0-or-later
"""A model's capabilities say that it gives a picture, its name what it does."""

import pytest

from scenario_addon.engine.models.words.picture_works import PictureWork, gives_pictures, picture_work_of


@pytest.mark.parametrize(
    ("model_id", "name", "told", "capabilities", "expected"),
    [
        ("model_photoroom-background-removal", "Photoroom Background Removal", "", {"img2img"}, "Remove Background"),
        ("model_bria-remove-background", "Bria Remove Background", "", {"img2img"}, "Remove Background"),
        ("model_birefnet", "BiRefNet", "Removes the background of a picture.", {"img2img"}, "Remove Background"),
        ("model_rembg", "", "", {"img2img"}, "Remove Background"),
        ("model_topaz-image-upscale", "Topaz Image Upscale", "", {"img2img"}, "Upscale"),
        ("model_magnific-up-scaler", "Magnific", "", {"img2img"}, "Upscale"),
        ("model_x", "Crystal", "Super-resolution for portraits.", {"img2img"}, "Upscale"),
        ("model_flux-1-1-pro", "FLUX 1.1 Pro", "", {"txt2img"}, "Picture from Words"),
        ("model_seedream-4", "Seedream 4", "", {"txt2img", "img2img"}, "Picture from Words"),
        ("model_flux-kontext", "FLUX Kontext", "Edits a picture as told.", {"img2img"}, "Change"),
        ("model_patina", "Patina", "Maps for a material.", {"img2img_texture"}, "Change"),
        ("model_patina-words", "Patina", "", {"txt2img_texture"}, "Picture from Words"),
        ("model_ground", "Ground Painter", "Puts a new background behind a subject.", {"img2img"}, "Change"),
    ],
)
def test_a_model_says_by_its_name_what_it_does(
    model_id: str, name: str, told: str, capabilities: set[str], expected: str
) -> None:
    assert picture_work_of(model_id, name, told, frozenset(capabilities)) is PictureWork(expected)


@pytest.mark.parametrize(
    "capability",
    [
        "txt2img",
        "img2img",
        "img2img_texture",
        "txt2img_ip_adapter",
        "controlnet_img2img",
        "inpaint",
        "inpaint_ip_adapter",
        "outpaint",
        "controlnet",
        "reference_texture",
    ],
)
def test_capabilities_that_end_in_a_picture_give_one(capability: str) -> None:
    assert gives_pictures({"txt2txt", capability})


@pytest.mark.parametrize(
    "capability", ["img23d", "img2video", "txt2txt", "img2txt", "video2img", "3d2img", "txt2imgx", "x", ""]
)
def test_others_do_not(capability: str) -> None:
    assert not gives_pictures({capability})

# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera, the light and materials, and what renders with them.

The light belongs to the camera, so that each side is lit alike and none is black; a dome, brighter above than below,
fills the shadows and is what metal mirrors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import bpy
from mathutils import Vector

from ...picture.pixels import set_png
from .framing import SENSOR_MM, Frame

__all__ = ["Booth", "has_engine"]

_KEY: Final = (Vector((-0.55, 0.75, 1.0)), 1.5, 0.7)
_FILL: Final = (Vector((0.9, 0.15, 0.7)), 0.45, 1.2)
"""Where a light comes from along the camera's axes, its strength in W/m2, its size in radians."""
_SKY: Final = 0.62
_GROUND: Final = 0.36
"""The dome's brightness above and below."""
_CLAY: Final = (0.45, 0.45, 0.45, 1.0)
_SAMPLES: Final = 12
"""Cycles a pixel, with a denoiser: colours within 1 of 255 of what 256 samples give."""
_SAMPLES_WITHOUT_DENOISER: Final = 24
"""Within 3."""
_MAP_PX: Final = 256
"""Of the map by which Cycles aims at the dome: it is smooth, and the map of its own size takes most of a second."""


def has_engine(engine: str) -> bool:
    """Whether this Blender has been built with it. Whether that runs on this computer is another matter."""
    if engine != "CYCLES":
        return True
    try:
        import _cycles  # noqa: F401 # pyright: ignore[reportMissingImports]
    except ImportError:
        return False
    return "cycles" in bpy.context.preferences.addons


class Booth:
    """A scene's camera, light and render settings."""

    def __init__(
        self, scene: bpy.types.Scene, *, engine: str, size_px: int, samples: int | None, look: str, is_lit: bool
    ) -> None:
        """Set all of it up.

        :param is_lit: whether the scene has its own light.
        """
        self._scene = scene
        self._camera: Any = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
        self._camera.data.sensor_width, self._camera.data.sensor_fit = SENSOR_MM, "HORIZONTAL"
        suns = () if is_lit else (_KEY, _FILL)
        self._lights = [(self._sun(strength, angle), where) for where, strength, angle in suns]
        for obj in (self._camera, *(sun for sun, _ in self._lights)):
            scene.collection.objects.link(obj)
        scene.camera = self._camera
        scene.world = scene.world if is_lit else _dome()
        _set_output(scene, size_px)
        {"CYCLES": _set_cycles, "EEVEE": _set_eevee, "WORKBENCH": _set_workbench}[engine](scene, samples, look)
        clay = _clay()
        if look == "CLAY":
            bpy.context.view_layer.material_override = clay

    def shoot(self, frame: Frame, path: Path) -> None:
        """Render one picture into a file.

        :raises RuntimeError: it cannot be rendered or written.
        """
        self._camera.matrix_world = frame.matrix
        lens: Any = self._camera.data
        lens.type = "PERSP" if frame.ortho_scale is None else "ORTHO"
        if frame.ortho_scale is None:
            lens.lens = frame.lens_mm
        else:
            lens.ortho_scale = frame.ortho_scale
        lens.shift_x, lens.shift_y = frame.shift
        lens.clip_start, lens.clip_end = frame.clip_end * 1e-4, frame.clip_end
        for sun, where in self._lights:
            back = frame.matrix.to_3x3() @ where
            sun.matrix_world = back.to_track_quat("Z", "Y").to_matrix().to_4x4()
        self._scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True, scene=self._scene.name)

    @staticmethod
    def _sun(strength: float, angle: float) -> Any:
        data: Any = bpy.data.lights.new("Sun", "SUN")
        data.energy, data.angle = strength, angle
        return bpy.data.objects.new("Sun", data)


def _set_output(scene: bpy.types.Scene, size_px: int) -> None:
    render: Any = scene.render
    render.resolution_x = render.resolution_y = size_px
    render.resolution_percentage, render.pixel_aspect_x, render.pixel_aspect_y = 100, 1.0, 1.0
    render.film_transparent, render.dither_intensity = True, 0.0
    render.use_compositing = render.use_sequencer = render.use_file_extension = False
    render.use_persistent_data = True
    set_png(render.image_settings)
    display: Any = scene.display_settings
    display.display_device = "sRGB"
    view: Any = scene.view_settings
    view.view_transform, view.look, view.exposure, view.gamma = "Standard", "None", 0.0, 1.0


def _set_cycles(scene: Any, samples: int | None, look: str) -> None:
    import _cycles  # pyright: ignore[reportMissingImports]

    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    has_denoiser = bool(getattr(_cycles, "with_openimagedenoise", False))
    cycles.device, cycles.seed, cycles.use_animated_seed = "CPU", 0, False
    cycles.samples = samples or (_SAMPLES if has_denoiser else _SAMPLES_WITHOUT_DENOISER)
    cycles.use_adaptive_sampling, cycles.use_denoising = False, has_denoiser
    if has_denoiser:
        cycles.denoiser, cycles.denoising_prefilter = "OPENIMAGEDENOISE", "NONE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 8, 1, 2
    cycles.transmission_bounces, cycles.transparent_max_bounces, cycles.volume_bounces = 8, 32, 1
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 3.0


def _set_eevee(scene: Any, samples: int | None, look: str) -> None:
    known = scene.render.bl_rna.properties["engine"].enum_items.keys()
    scene.render.engine = next((name for name in ("BLENDER_EEVEE_NEXT", "BLENDER_EEVEE") if name in known), known[0])
    scene.eevee.taa_render_samples = samples or _SAMPLES


def _set_workbench(scene: Any, samples: int | None, look: str) -> None:
    scene.render.engine = "BLENDER_WORKBENCH"
    shading = scene.display.shading
    shading.light, shading.show_cavity = "STUDIO", True
    shading.color_type = "SINGLE" if look == "CLAY" else "TEXTURE"
    shading.single_color = _CLAY[:3]


def _dome() -> bpy.types.World:
    world: Any = bpy.data.worlds.new("Dome")
    if world.node_tree is None:  # until 5.0
        world.use_nodes = True
    tree = world.node_tree
    tree.nodes.clear()
    place = tree.nodes.new("ShaderNodeTexCoord")
    apart = tree.nodes.new("ShaderNodeSeparateXYZ")
    ramp = tree.nodes.new("ShaderNodeMapRange")
    shade = tree.nodes.new("ShaderNodeBackground")
    output = tree.nodes.new("ShaderNodeOutputWorld")
    for name, value in {"From Min": -1.0, "From Max": 1.0, "To Min": _GROUND, "To Max": _SKY}.items():
        ramp.inputs[name].default_value = value
    tree.links.new(place.outputs["Generated"], apart.inputs[0])
    tree.links.new(apart.outputs["Z"], ramp.inputs["Value"])
    tree.links.new(ramp.outputs["Result"], shade.inputs["Strength"])
    tree.links.new(shade.outputs[0], output.inputs["Surface"])
    if hasattr(world, "cycles"):
        world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", _MAP_PX
    return world


def _clay() -> bpy.types.Material:
    clay: Any = bpy.data.materials.new("Clay")
    if clay.node_tree is None:  # until 5.0
        clay.use_nodes = True
    shader = next(node for node in clay.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = _CLAY
    shader.inputs["Roughness"].default_value = 0.7
    return clay

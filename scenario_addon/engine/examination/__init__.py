# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between the user and a mesh, each thing with how to mend it; and that as a report that names nobody."""

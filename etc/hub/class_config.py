"""A class on a JupyterHub: who is in it, how hand-ins travel, who grades. docs/hub.md goes through it.

Copy this folder, change the names below, and load this file from the hub's own configuration. On The Littlest
JupyterHub a file in /opt/tljh/config/jupyterhub_config.d/ is loaded by itself.
"""

import os
import sys
from pathlib import Path

from jupyterhub.utils import random_port

c = get_config()  # noqa: F821  (traitlets defines it)

COURSE_ID = "convbook"  # as in the course's nbgrader_config.py
INSTRUCTORS = {"teacher"}
STUDENTS = {"ada", "grace"}
WATCHED = ["00_start_here"]  # the units that are graded as soon as they are handed in
GRADER = None  # the system user who owns the course and the exchange; None: the one who runs the hub

HERE = Path(__file__).resolve().parent
COURSE = Path(os.environ.get("CONVBOOK_COURSE", HERE.parent.parent))
EXCHANGE = os.environ.get("CONVBOOK_EXCHANGE", "/srv/nbgrader/exchange")
# The folder with the programs of the students' environment.
PROGRAMS = Path(os.environ.get("CONVBOOK_PROGRAMS", Path(sys.executable).parent))

# nbgrader_config.py in everyone/ says which course and which exchange; student/ switches off what is not theirs.
everyone = {
    "CONVBOOK_COURSE_ID": COURSE_ID,
    "CONVBOOK_EXCHANGE": EXCHANGE,
    "JUPYTER_CONFIG_PATH": str(HERE / "everyone"),
    # nbgrader starts `alembic` by name.
    "PATH": os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", os.defpath)]),
    # One thread a kernel: a class shares the machine's cores.
    "OMP_NUM_THREADS": "1",
}


def config_path(spawner) -> str:
    """Return where a person's server looks for its configuration."""
    folders = ["everyone"] if spawner.user.name in INSTRUCTORS else ["student", "everyone"]
    return os.pathsep.join(str(HERE / folder) for folder in folders)


# Everything is added to what the hub's own configuration says, never put in its place.
c.Authenticator.allowed_users.update(INSTRUCTORS | STUDENTS)
c.Spawner.environment.update({**everyone, "JUPYTER_CONFIG_PATH": config_path})
c.Spawner.cmd = [str(PROGRAMS / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
# Kept by spawners that can: TLJH's, Docker's, Kubernetes'. docs/hub.md has the numbers behind it.
c.Spawner.mem_limit = "2G"

# The instructors' JupyterLab with formgrader, and one watcher a unit: services that the hub starts and stops.
as_grader = {"cwd": str(COURSE), "environment": everyone} | ({"user": GRADER} if GRADER else {})
formgrader = {
    "name": COURSE_ID,  # nbgrader's list of courses looks for a service of the course's name
    "url": f"http://127.0.0.1:{random_port()}",
    "command": [str(PROGRAMS / "jupyterhub-singleuser"), f"--ServerApp.root_dir={COURSE}"],
    "oauth_no_confirm": True,
    **as_grader,
}
if GRADER is None and os.geteuid() == 0:
    formgrader["command"].append("--allow-root")
watchers = [
    {
        "name": f"grade-{unit.replace('_', '-')}",
        "command": [str(PROGRAMS / "convbook"), "grade", unit, "--watch", "--course", str(COURSE)],
        **as_grader,
    }
    for unit in WATCHED
]
c.JupyterHub.services.extend([formgrader, *watchers])

# nbgrader's own names for the two groups of a course.
c.JupyterHub.load_groups.update(
    {
        f"formgrade-{COURSE_ID}": {"users": sorted(INSTRUCTORS)},
        f"nbgrader-{COURSE_ID}": {"users": sorted(STUDENTS)},
    }
)
c.JupyterHub.load_roles.append(
    {
        "name": f"formgrade-{COURSE_ID}",
        "groups": [f"formgrade-{COURSE_ID}"],
        "scopes": [f"access:services!service={COURSE_ID}"],
    }
)

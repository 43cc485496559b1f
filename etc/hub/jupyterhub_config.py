"""A class on a JupyterHub, to be tried on one machine: `jupyterhub -f etc/hub/jupyterhub_config.py`.

Everything lies in the folder from which it is started. Only for trying: everybody has the same password, and all
servers run as the user who started the hub, so nobody is kept from anybody's files. What a real hub takes instead
stands in docs/hub.md; class_config.py stays as it is.
"""

import os
from pathlib import Path

here = Path.cwd()
exchange = here / "exchange"
exchange.mkdir(exist_ok=True)
exchange.chmod(0o777)  # nbgrader's exchange is writable for everyone
os.environ.setdefault("CONVBOOK_EXCHANGE", str(exchange))

c = get_config()  # noqa: F821  (traitlets defines it)
load_subconfig(str(Path(__file__).resolve().parent / "class_config.py"))  # noqa: F821

c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # this machine only
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ.get("CONVBOOK_TRIAL_PASSWORD", "convbook")
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(here / "home" / "{username}")
# One system user for all: the hub's own name says who hands in.
c.Spawner.environment.update({"CONVBOOK_STUDENT": lambda spawner: spawner.user.name})
if os.geteuid() == 0:
    c.Spawner.args = ["--allow-root"]

"""A widget as a page of its own: one file, no kernel, no network, alive also when opened from a disk."""

from __future__ import annotations

import base64
import html
import json
import os
from pathlib import Path
from typing import Any

from convbook.markup import image
from convbook.widgets.bundle import es_module

DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
body {{ margin: 0; background: #fff; color: #1f2023; font: 16px/1.5 system-ui, sans-serif; }}
main {{ max-width: 60rem; margin: 0 auto; padding: 1rem; }}
section {{ margin-bottom: 3rem; }}
a {{ color: #0b5cad; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #161616; color: #ececec; }} a {{ color: #7cc4ff; }} }}
{css}
</style>
</head>
<body>
<main>
{body}
</main>
{scripts}
</body>
</html>
"""
SCENE = """<script type="application/json" id="{place}-state">{state}</script>
<script type="module">
{plain_model}
{module}
show(widget, document.getElementById("{place}"), document.getElementById("{place}-state").textContent);
</script>"""


def page(title: str, words: str, picture: bytes, name: str, css: str, state: dict[str, Any]) -> str:
    """Return the text of a page that shows the widget whose module is `static/<name>.js` in this state."""
    said = html.escape(words)
    still = image(words, "data:image/png;base64," + base64.b64encode(picture).decode())
    body = f'<div id="widget"><noscript>{still}<p>{said}</p></noscript></div>'
    return document(title, css, body, scene("widget", name, state))


def document(title: str, css: str, body: str, scripts: str) -> str:
    """Return a whole page, light or dark as the system is: `body` and `scripts` are HTML, `css` styles of its own."""
    return DOCUMENT.format(title=html.escape(title), css=css, body=body, scripts=scripts)


def scene(place: str, name: str, state: dict[str, Any]) -> str:
    """Return the scripts that show the widget `static/<name>.js` in the element whose id is `place`."""
    return SCENE.format(
        place=place,
        state=json.dumps(state).replace("<", "\\u003c"),
        plain_model=es_module("_page").replace("</script", "<\\/script"),
        module=es_module(name).replace("export default", "const widget =").replace("</script", "<\\/script"),
    )


def write(path: str | os.PathLike[str], text: str) -> Path:
    """Write `text` to `path` at once or not at all, and return the path."""
    target = Path(path)
    if not target.parent.is_dir():
        raise ValueError(f"cannot write {target.name}: there is no folder {target.parent}; make it first")
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    return target

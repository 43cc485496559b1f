"""A widget as a page of its own: one file, no kernel, no network, alive also when opened from a disk."""

from __future__ import annotations

import base64
import html
import json
import os
from pathlib import Path
from typing import Any

from convbook.widgets.bundle import es_module

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
body {{ margin: 0; background: #fff; }}
main {{ max-width: 60rem; margin: 0 auto; padding: 1rem; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #161616; }} }}
{css}
</style>
</head>
<body>
<main id="widget"><noscript><img src="data:image/png;base64,{picture}" alt="{words}"><p>{words}</p></noscript></main>
<script type="application/json" id="state">{state}</script>
<script type="module">
{plain_model}
{module}
</script>
</body>
</html>
"""


def page(title: str, words: str, picture: bytes, name: str, css: str, state: dict[str, Any]) -> str:
    """Return the text of a page that shows the widget whose module is `static/<name>.js` in this state."""
    start = "show(widget, document.getElementById('widget'), document.getElementById('state').textContent);"
    module = es_module(name).replace("export default", "const widget =")
    return PAGE.format(
        title=html.escape(title),
        words=html.escape(words, quote=True),
        picture=base64.b64encode(picture).decode(),
        css=css,
        state=json.dumps(state).replace("<", "\\u003c"),
        plain_model=es_module("_page").replace("</script", "<\\/script"),
        module=(module + "\n" + start).replace("</script", "<\\/script"),
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

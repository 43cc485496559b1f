"""Cells run: the engine, the warm processes it forks, the room that students' code is shut in."""

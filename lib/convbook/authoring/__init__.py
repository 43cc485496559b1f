"""What an author of the course needs: canonical notebooks, the release, the course's health, a learner's copy.

Every function takes the course's folder; which folders inside it hold the sources and the
release is read from its `nbgrader_config.py`.
"""

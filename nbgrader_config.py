"""The course as nbgrader sees it. Every `nbgrader` command works from this folder.

Authors edit `solutions/`, learners receive `notebooks/`; all that grading makes lies in `grading/`,
which git ignores.
"""

from contextlib import suppress
from pathlib import Path

c = get_config()  # noqa: F821  (traitlets defines it)

course = Path(__file__).resolve().parent
grading = course / "grading"
with suppress(OSError):  # SQLite makes the gradebook, not the folder it lies in
    grading.mkdir(exist_ok=True)

c.CourseDirectory.course_id = "convbook"
c.CourseDirectory.root = str(course)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = str(Path("grading", "submitted"))
c.CourseDirectory.autograded_directory = str(Path("grading", "autograded"))
c.CourseDirectory.feedback_directory = str(Path("grading", "feedback"))
c.CourseDirectory.solution_directory = str(Path("grading", "solution"))
c.CourseDirectory.source_with_tests_directory = str(Path("grading", "source_with_tests"))
c.CourseDirectory.db_url = f"sqlite:///{(grading / 'gradebook.db').as_posix()}"

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"

# `convbook solution 01.6` shows an answer to whoever learns alone. For a class that is graded, take the # away:
# c.ConvbookCourse.solutions = False

# An experiment in a notebook may train for a minute or two on a slow machine.
c.ExecutePreprocessor.timeout = 180

# `nbgrader autograde` and formgrader's button grade as `convbook grade` does: repaired, sandboxed, tests apart.
# Without these two lines everything is stock nbgrader.
from convbook.grading import stock  # noqa: E402

stock.use(c)

"""What nbgrader must know in every server of the class. The hub's configuration sets the environment."""

import os

c = get_config()  # noqa: F821  (traitlets defines it)

c.CourseDirectory.course_id = os.environ["CONVBOOK_COURSE_ID"]
c.Exchange.root = os.environ["CONVBOOK_EXCHANGE"]

# nbgrader takes the system user's name. Where all servers run as one user, the hub says who it is.
if student := os.environ.get("CONVBOOK_STUDENT"):
    c.CourseDirectory.student_id = student

# In a student's home the course has a folder of its own, whether nbgrader or nbgitpuller brings it.
c.Exchange.path_includes_course = True

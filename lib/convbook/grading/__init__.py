"""Run a class: plan, repair, sandbox, execute, record, report."""

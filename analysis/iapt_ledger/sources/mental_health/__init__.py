"""What the workbooks of the NHS mental health dashboard call things, and where in a sheet they stand."""

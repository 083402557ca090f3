"""What the two sources of benefit caseloads share: benefits, conditions, ages, and rows of the edition."""

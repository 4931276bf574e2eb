"""Pictures that are drawn by a formula: what a style looks like, without anyone's painting."""

"""FAQ entries while serving: in the database, with revisions. Used by the editor, the help page and the desk."""

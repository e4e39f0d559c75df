"""Named reads of meetings, each starting from what this actor may see."""

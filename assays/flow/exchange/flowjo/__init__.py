"""FlowJo workspaces."""

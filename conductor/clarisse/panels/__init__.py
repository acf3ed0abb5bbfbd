"""Windows of the plugin: one widget file and one plain model file each."""

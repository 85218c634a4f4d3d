"""The only place that knows PyFlink: settings, tables, and functions that call the steps."""

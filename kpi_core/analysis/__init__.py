"""Pure functions on series: what is abnormal, and where a month will end."""

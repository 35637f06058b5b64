"""The folder from which the running board takes files in, without anybody's hand."""

"""One file for each thing that is measured: `measured(bench)` measures it and gives a text in Markdown."""

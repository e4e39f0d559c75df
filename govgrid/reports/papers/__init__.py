"""The report on paper: charts as SVG, the page, many reports bound as one."""

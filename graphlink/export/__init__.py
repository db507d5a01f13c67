"""One cluster or pair as a file: the review page and the formats of other tools."""

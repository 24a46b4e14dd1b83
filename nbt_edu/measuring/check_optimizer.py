def rows(x): return []

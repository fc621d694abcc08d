"""How little it can cost: raw loops without a database, and the lean bound L."""

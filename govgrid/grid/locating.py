"""From many points to the areas that hold them."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from govgrid.grid.crs import Degrees, Shapes

NOWHERE = -1
AT_ONCE = 200_000  # points, so that memory stays bounded


class Locator:
    """Polygons in degrees under a tree, in the order in which they win on a shared edge."""

    def __init__(self, ids: NDArray[np.int64], shapes: Shapes) -> None:
        self._ids = np.append(ids, NOWHERE)
        self._tree = shapely.STRtree(shapes)

    @classmethod
    def of(cls, ids: Sequence[int], geometries: Sequence[str]) -> Self:
        """Return the locator of areas by id with the GeoJSON text of their polygons."""
        return cls(np.array(ids, dtype=np.int64), np.array(shapely.from_geojson(list(geometries))))

    def find(self, points: Degrees) -> NDArray[np.int64]:
        """Return the id of the area of each point (rows of longitude, latitude), or `NOWHERE`."""
        parts = [self._find(points[n : n + AT_ONCE]) for n in range(0, len(points), AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def _find(self, points: Degrees) -> NDArray[np.int64]:
        point, shape = self._tree.query(shapely.points(points), predicate="intersects")
        first = np.full(len(points), len(self._ids) - 1)
        np.minimum.at(first, point, shape)
        return np.asarray(self._ids[first], dtype=np.int64)

import type { Feature, Geometry } from 'geojson';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { cutAtAntimeridian } from './antimeridian.js';
import { registerMap } from './echarts.js';

let ready: Promise<void> | undefined;

/** Registers the countries of the world once, from the bundle: no tile server is ever asked. Natural Earth 1:110 million, without Antarctica. */
export function loadWorld(): Promise<void> {
  ready ??= import('world-atlas/countries-110m.json', { with: { type: 'json' } }).then((module) => {
    // The package ships plain JSON without types; its README says it is a TopoJSON topology with these objects.
    const topology = module.default as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
    const countries = feature(topology, topology.objects.countries);
    const features = countries.features.filter((country) => country.properties.name !== 'Antarctica').map(flat);
    registerMap('world', JSON.stringify({ ...countries, features }));
  });
  return ready;
}

function flat(country: Feature<Geometry, { name: string }>): Feature {
  const { geometry } = country;
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return country;
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const coordinates = polygons.flatMap((rings) => {
    const [outer, ...holes] = rings;
    const cut = cutAtAntimeridian(outer ?? []);
    return cut.length === 1 ? [[outer ?? [], ...holes]] : cut.map((ring) => [ring.map((point) => [...point])]);
  });
  return { ...country, geometry: { type: 'MultiPolygon', coordinates } };
}

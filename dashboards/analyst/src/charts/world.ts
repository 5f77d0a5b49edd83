import { feature } from 'topojson-client';
import { cutAtAntimeridian } from './antimeridian.js';
import { registerMap } from './echarts.js';

type Topology = Parameters<typeof feature>[0];
type Country = Extract<ReturnType<typeof feature>, { type: 'Feature' }>;

let ready: Promise<void> | undefined;

/** Registers the countries of the world once, from the bundle: no tile server is ever asked. Natural Earth 1:110 million, without Antarctica. */
export function loadWorld(): Promise<void> {
  ready ??= import('world-atlas/countries-110m.json', { with: { type: 'json' } }).then((module) => {
    // The package ships plain JSON without types; its README says it is a TopoJSON topology.
    const topology = module.default as unknown as Topology;
    const countries = topology.objects['countries'];
    const collection = countries ? feature(topology, countries) : undefined;
    if (collection?.type !== 'FeatureCollection') throw new Error('world-atlas holds no collection of countries');
    const features = collection.features.filter((country) => country.id !== ANTARCTICA).map(flattened);
    registerMap('world', JSON.stringify({ type: 'FeatureCollection', features }));
  });
  return ready;
}
/** ISO 3166-1 numeric, which world-atlas uses as ids. */
const ANTARCTICA = '010';

function flattened(country: Country): object {
  const { geometry } = country;
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return country;
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const coordinates = polygons.flatMap((rings) => {
    const [outer = [], ...holes] = rings;
    const cut = cutAtAntimeridian(outer);
    return cut.length === 1 ? [[outer, ...holes]] : cut.map((ring) => [ring]);
  });
  return { ...country, geometry: { type: 'MultiPolygon', coordinates } };
}

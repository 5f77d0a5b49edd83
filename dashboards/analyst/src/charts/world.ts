import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { registerMap } from './echarts.js';

let ready: Promise<void> | undefined;

/** Registers the countries of the world once, from the bundle: no tile server is ever asked. Natural Earth 1:110 million, without Antarctica. */
export function loadWorld(): Promise<void> {
  ready ??= import('world-atlas/countries-110m.json', { with: { type: 'json' } }).then((module) => {
    // The package ships plain JSON without types; its README says it is a TopoJSON topology with these objects.
    const topology = module.default as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
    const countries = feature(topology, topology.objects.countries);
    const features = countries.features.filter((country) => country.properties.name !== 'Antarctica');
    registerMap('world', JSON.stringify({ ...countries, features }));
  });
  return ready;
}
